import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { message, openJmap, type Answer } from '#jmap/testing/jmap.ts';

const LETTER = message(`From: =?UTF-8?B?5byg5LiJ?= <zhang@kust.example>, li@kust.example
To: Team: wang@kust.example, "Zhao, Wu" <zhao@kust.example>;, late@kust.example
Subject: =?UTF-8?B?5Lya6K6u?=
 today
Date: Mon, 16 Sep 2019 10:00:00 +0800
Message-ID: <a@kust.example>
References: <x@kust.example> <y@kust.example>
List-Unsubscribe: <https://kust.example/u?1>,
 <mailto:u@kust.example>
X-Note:  first
X-Note: second
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b1

--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

5L2g5aW977yM5LiW55WMDQo=
--b2
Content-Type: multipart/related; boundary=b3

--b3
Content-Type: text/html; charset=gbk
Content-Transfer-Encoding: 8bit

<p>Hi <img src="cid:pic"></p>
--b3
Content-Type: image/png; name=p.png
Content-ID: <pic>
Content-Disposition: inline; filename=p.png
Content-Transfer-Encoding: base64

AAECAw==
--b3--
--b2--
--b1
Content-Type: application/pdf
Content-Disposition: attachment; filename*=UTF-8''%E4%BC%9A%E8%AE%AE.pdf
Content-Transfer-Encoding: base64

JVBERg==
--b1--
`);

async function openWith(t: TestContext, octets: Buffer) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const { emails } = await jmap.account.append({
    items: [{ message: jmap.account.prepareMessage(octets), mailboxes: ['inbox'], keywords: ['$seen', 'work'] }],
    source: 'imap',
  });
  const id = `E1-${emails[0]?.emailId}`;
  return {
    ...jmap,
    id,
    get: async (args: object): Promise<Answer> =>
      (await jmap.call('Email/get', { ids: [id], ...args })).list[0] as Answer,
  };
}

test('what a list shows: addresses and subject decoded, ids, keywords, mailboxes', async (t) => {
  const { get, id } = await openWith(t, LETTER);
  const properties = [
    'from',
    'subject',
    'sentAt',
    'messageId',
    'references',
    'inReplyTo',
    'keywords',
    'mailboxIds',
    'hasAttachment',
    'blobId',
    'cc',
  ];
  const email = await get({ properties });
  assert.deepEqual(email, {
    id,
    blobId: id.replace('E', 'B'),
    from: [
      { name: '张三', email: 'zhang@kust.example' },
      { name: null, email: 'li@kust.example' },
    ],
    subject: '会议 today',
    sentAt: '2019-09-16T10:00:00+08:00',
    messageId: ['a@kust.example'],
    references: ['x@kust.example', 'y@kust.example'],
    inReplyTo: null,
    keywords: { $seen: true, work: true },
    mailboxIds: { 'M1-1': true },
    hasAttachment: true,
    cc: null,
  });
});

test('header fields in every form', async (t) => {
  const { get, refusal, id } = await openWith(t, LETTER);
  const ask = async (property: string): Promise<unknown> => (await get({ properties: [property] }))[property];
  assert.equal(await ask('header:Subject'), ' =?UTF-8?B?5Lya6K6u?=\r\n today');
  assert.equal(await ask('header:subject:asText'), '会议 today');
  assert.deepEqual(await ask('header:X-Note:asText:all'), ['first', 'second']);
  assert.equal(await ask('header:X-Note:asText'), 'second');
  assert.deepEqual(await ask('header:To:asGroupedAddresses'), [
    {
      name: 'Team',
      addresses: [
        { name: null, email: 'wang@kust.example' },
        { name: 'Zhao, Wu', email: 'zhao@kust.example' },
      ],
    },
    { name: null, addresses: [{ name: null, email: 'late@kust.example' }] },
  ]);
  assert.equal(((await ask('header:To:asAddresses')) as unknown[]).length, 3);
  assert.deepEqual(await ask('header:References:asMessageIds'), ['x@kust.example', 'y@kust.example']);
  assert.equal(await ask('header:Date:asDate'), '2019-09-16T10:00:00+08:00');
  assert.deepEqual(await ask('header:List-Unsubscribe:asURLs'), ['https://kust.example/u?1', 'mailto:u@kust.example']);
  assert.equal(await ask('header:X-None'), null);
  assert.deepEqual(await ask('header:X-None:all'), []);
  for (const property of [
    'header:From:asDate',
    'header:Subject:asAddresses',
    'header:X:asText:all:all',
    'header:',
    'header:X:nothing',
    'nothing',
  ])
    assert.equal(
      (await refusal('Email/get', { ids: [id], properties: [property] })).type,
      'invalidArguments',
      property,
    );
});

test('bodies and attachments by the algorithm of the RFC; texts decoded, sizes of what is decoded', async (t) => {
  const { get } = await openWith(t, LETTER);
  const email = await get({
    fetchAllBodyValues: true,
    bodyProperties: ['partId', 'type', 'size', 'name', 'cid', 'disposition', 'charset'],
  });
  assert.deepEqual(
    email.textBody.map(({ partId }: { partId: string }) => partId),
    ['1.1'],
  );
  assert.deepEqual(email.htmlBody, [
    { partId: '1.2.1', type: 'text/html', size: 29, name: null, cid: null, disposition: null, charset: 'gbk' },
  ]);
  assert.deepEqual(email.attachments, [
    { partId: '1.2.2', type: 'image/png', size: 4, name: 'p.png', cid: 'pic', disposition: 'inline', charset: null },
    {
      partId: '2',
      type: 'application/pdf',
      size: 4,
      name: '会议.pdf',
      cid: null,
      disposition: 'attachment',
      charset: null,
    },
  ]);
  assert.deepEqual(email.bodyValues['1.1'], { value: '你好，世界\n', isEncodingProblem: false, isTruncated: false });
  assert.deepEqual(Object.keys(email.bodyValues), ['1.1', '1.2.1']);
});

test('the structure is a tree; multiparts have no part id', async (t) => {
  const { get } = await openWith(t, LETTER);
  const { bodyStructure } = await get({
    properties: ['bodyStructure'],
    bodyProperties: ['partId', 'type', 'header:Content-Type'],
  });
  assert.equal(bodyStructure.partId, null);
  assert.equal(bodyStructure.type, 'multipart/mixed');
  assert.equal(bodyStructure['header:Content-Type'], ' multipart/mixed; boundary=b1');
  assert.deepEqual(
    bodyStructure.subParts[0].subParts.map(({ type }: { type: string }) => type),
    ['text/plain', 'multipart/related'],
  );
});

test('a text is cut between characters, and HTML not within a tag', async (t) => {
  const { get } = await openWith(t, LETTER);
  const cut = async (maxBodyValueBytes: number, partId: string): Promise<Answer> =>
    (await get({ fetchAllBodyValues: true, properties: ['bodyValues'], maxBodyValueBytes })).bodyValues[
      partId
    ] as Answer;
  assert.deepEqual(await cut(7, '1.1'), { value: '你好', isEncodingProblem: false, isTruncated: true });
  assert.equal((await cut(10, '1.2.1')).value, '<p>Hi ');
  assert.equal((await cut(1000, '1.1')).isTruncated, false);
});

test('ids of others, of nothing and twice the same', async (t) => {
  const { call, id } = await openWith(t, LETTER);
  const answer = await call('Email/get', { ids: [id, 'E1-999', 'E8-1', 'nonsense', id], properties: ['id'] });
  assert.deepEqual(answer.list, [{ id }]);
  assert.deepEqual(answer.notFound, ['E1-999', 'E8-1', 'nonsense']);
});

test('ids without end, and all Emails, are too many', async (t) => {
  const { refusal } = await openWith(t, LETTER);
  const ids = Array.from({ length: 10_000 }, (_, i) => `E1-${i}`);
  assert.equal((await refusal('Email/get', { ids })).type, 'requestTooLarge');
  assert.equal((await refusal('Email/get', { ids: null })).type, 'requestTooLarge');
});
