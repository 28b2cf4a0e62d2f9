import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const set = (args: object): Promise<Answer> => jmap.call('Email/set', { ...args });
  const drafts = await jmap.mailboxOf('drafts');
  const inbox = await jmap.mailboxOf('inbox');
  const get = async (id: string, args: object = {}): Promise<Answer> =>
    (await jmap.call('Email/get', { ids: [id], ...args })).list[0] as Answer;
  /** The octets of what is made of these properties. */
  const octetsOf = async (properties: object): Promise<string> => {
    const { created, notCreated } = await set({ create: { a: { mailboxIds: { [drafts]: true }, ...properties } } });
    assert.equal(notCreated, null, JSON.stringify(notCreated));
    const { list } = await jmap.call('Blob/get', { ids: [created.a.blobId], properties: ['data:asText'] });
    return list[0]['data:asText'] as string;
  };
  const refusalOf = async (properties: object): Promise<[string, string[] | undefined]> => {
    const { notCreated } = await set({ create: { a: { mailboxIds: { [drafts]: true }, ...properties } } });
    return [notCreated?.a.type as string, notCreated?.a.properties as string[] | undefined];
  };
  return { ...jmap, set, get, octetsOf, refusalOf, drafts, inbox };
}

const TEXT = { textBody: [{ partId: 't', type: 'text/plain' }], bodyValues: { t: { value: 'hello\n会议' } } };

test('a draft is made of what a person wrote, and read back as it was', async (t) => {
  const { set, get, drafts, call } = await open(t);
  const { blobId } = await call('Blob/upload', {
    create: { f: { data: [{ 'data:asText': '%PDF' }], type: 'application/pdf' } },
  }).then(({ created }) => ({ blobId: created.f.id as string }));
  const { created } = await set({
    create: {
      a: {
        mailboxIds: { [drafts]: true },
        keywords: { $draft: true, $Seen: true, todo: true },
        receivedAt: '2026-02-03T04:05:06Z',
        from: [{ name: '张三', email: 'zhang@kust.example' }],
        to: [{ name: 'Li, Si', email: 'li@kust.example' }, { email: 'wang@kust.example' }],
        subject: '会议 agenda',
        sentAt: '2026-02-03T12:00:00+08:00',
        inReplyTo: ['x@kust.example'],
        'header:X-Priority:asRaw': ' 1',
        ...TEXT,
        htmlBody: [{ partId: 'h', type: 'text/html' }],
        bodyValues: { ...TEXT.bodyValues, h: { value: '<p>hello <img src="cid:p@x"></p>' } },
        attachments: [
          { blobId, type: 'application/pdf', name: '议程.pdf', disposition: 'attachment' },
          { blobId, type: 'image/png', cid: 'p@x', disposition: 'inline' },
        ],
      },
    },
  });
  assert.deepEqual(Object.keys(created.a).toSorted(), ['blobId', 'id', 'size', 'threadId']);
  const properties =
    'keywords mailboxIds receivedAt from to subject sentAt inReplyTo messageId header:X-Priority hasAttachment bodyValues attachments size preview'.split(
      ' ',
    );
  const read = await get(created.a.id, {
    properties,
    fetchAllBodyValues: true,
    bodyProperties: ['type', 'name', 'cid'],
  });
  assert.deepEqual(read['keywords'], { $draft: true, $seen: true, todo: true });
  assert.deepEqual(read['mailboxIds'], { [drafts]: true });
  assert.equal(read['receivedAt'], '2026-02-03T04:05:06Z');
  assert.deepEqual(read['from'], [{ name: '张三', email: 'zhang@kust.example' }]);
  assert.deepEqual(read['to'], [
    { name: 'Li, Si', email: 'li@kust.example' },
    { name: null, email: 'wang@kust.example' },
  ]);
  assert.equal(read['subject'], '会议 agenda');
  assert.equal(Date.parse(read['sentAt']), Date.parse('2026-02-03T04:00:00Z'));
  assert.deepEqual(read['inReplyTo'], ['x@kust.example']);
  assert.match(read['messageId'][0], /@mail\.kust\.example$/);
  assert.equal(read['header:X-Priority'], ' 1');
  assert.equal(read['hasAttachment'], true);
  assert.equal(read['size'], created.a.size);
  assert.deepEqual(
    Object.values(read['bodyValues'] as Answer).map((one) => one.value as string),
    ['hello\n会议', '<p>hello <img src="cid:p@x"></p>'],
  );
  assert.deepEqual(read['attachments'], [
    { type: 'image/png', name: null, cid: 'p@x' },
    { type: 'application/pdf', name: '议程.pdf', cid: null },
  ]);
  assert.equal(read['preview'], 'hello 会议');
});

test('a header field is given in any form that is for it', async (t) => {
  const { octetsOf } = await open(t);
  const octets = await octetsOf({
    'header:To:asGroupedAddresses': [
      { name: 'Team', addresses: [{ name: '李四', email: 'li@kust.example' }, { email: 'wang@kust.example' }] },
      { name: null, addresses: [{ email: 'zhao@kust.example' }] },
    ],
    'header:Subject:asText': '会议',
    'header:References:asMessageIds': ['a@x', 'b@x'],
    'header:Date:asDate': '2026-02-03T04:05:06-05:00',
    'header:List-Post:asURLs': ['mailto:a@x', 'https://x/'],
    'header:X-Two:asText:all': ['one', 'zwei'],
    'header:X-Raw': ' folded\r\n by hand',
    'header:Comments:asText': 'a\r\nBcc: evil@x.example',
    'header:X-None:asText': null,
    ...TEXT,
  });
  assert.match(octets, /^To: Team: =\?UTF-8\?\S+ <li@kust\.example>, wang@kust\.example;,\r\n zhao@kust\.example\r\n/m);
  assert.match(octets, /^Subject: =\?UTF-8\?B\?5Lya6K6u\?=\r\n/m);
  assert.match(octets, /^References: <a@x> <b@x>\r\n/m);
  assert.match(octets, /^Date: Tue, 0?3 Feb 2026 04:05:06 -0500\r\n/m);
  assert.match(octets, /^List-Post: <mailto:a@x>, <https:\/\/x\/>\r\n/m);
  assert.match(octets, /^X-Two: one\r\nX-Two: zwei\r\n/m);
  assert.match(octets, /^X-Raw: folded\r\n by hand\r\n/m);
  assert.match(octets, /^Comments: a Bcc: evil@x\.example\r\n/m);
  assert.doesNotMatch(octets, /^(?:X-None|Bcc):/m);
  assert.equal(octets.match(/^Date:/gm)?.length, 1);
});

test('a structure is given whole', async (t) => {
  const { octetsOf } = await open(t);
  const octets = await octetsOf({
    bodyStructure: {
      type: 'multipart/alternative',
      subParts: [
        { partId: 'a', type: 'text/plain', language: ['zh', 'en'], 'header:X-Part:asText': '一' },
        { type: 'multipart/related', subParts: [{ partId: 'b', type: 'text/html', location: 'https://x/' }] },
      ],
    },
    bodyValues: { a: { value: 'a' }, b: { value: '<b>b</b>' } },
  });
  assert.match(octets, /^Content-Type: multipart\/alternative;/m);
  assert.match(octets, /^Content-Language: zh, en\r\nX-Part: =\?UTF-8\?/m);
  assert.match(octets, /^Content-Location: https:\/\/x\/\r\n/m);
  // Nothing at all is a message, too.
  assert.match(await octetsOf({}), /^Content-Type: text\/plain; charset=utf-8\r\n/m);
});

test('what RFC 8621 §4.6 forbids is refused by name, with the property', async (t) => {
  const { refusalOf } = await open(t);
  const gone = `U1-${'0'.repeat(64)}`;
  const cases: readonly (readonly [object, string, string[] | undefined])[] = [
    [{ headers: [] }, 'invalidProperties', ['headers']],
    [{ id: 'E1-1' }, 'invalidProperties', ['id']],
    [{ threadId: 'T1-1', size: 3, preview: '' }, 'invalidProperties', ['threadId', 'size', 'preview']],
    [{ mailboxIds: {} }, 'invalidProperties', ['mailboxIds']],
    [{ mailboxIds: undefined }, 'invalidProperties', ['mailboxIds']],
    [{ mailboxIds: { 'M1-999': true } }, 'invalidProperties', ['mailboxIds']],
    [{ mailboxIds: { 'M1-1': false } }, 'invalidProperties', ['mailboxIds']],
    [{ keywords: { 'a b': true } }, 'invalidProperties', ['keywords']],
    [{ receivedAt: 'yesterday' }, 'invalidProperties', ['receivedAt']],
    [{ subject: 'a', 'header:Subject:asText': 'b' }, 'invalidProperties', ['header:Subject:asText']],
    [{ 'header:Content-Type:asRaw': 'text/html' }, 'invalidProperties', ['header:Content-Type:asRaw']],
    [{ 'header:Subject:asAddresses': [] }, 'invalidProperties', ['header:Subject:asAddresses']],
    [{ 'header:X-A:asRaw': 'a\r\nBcc: b' }, 'invalidProperties', ['header:X-A:asRaw']],
    [{ 'header:X A:asRaw': 'a' }, 'invalidProperties', ['header:X A:asRaw']],
    [{ 'header:X-A:asText:all': 'a' }, 'invalidProperties', ['header:X-A:asText:all']],
    [{ from: [{ name: 'a' }] }, 'invalidProperties', ['from']],
    [{ messageId: ['a b'] }, 'invalidProperties', ['messageId']],
    [{ ...TEXT, bodyStructure: { partId: 't' } }, 'invalidProperties', ['bodyStructure']],
    [{ textBody: [{ partId: 'u', type: 'text/plain' }] }, 'invalidProperties', ['bodyValues']],
    [{ textBody: [{ partId: 't', type: 'text/html' }] }, 'invalidProperties', ['textBody']],
    [{ ...TEXT, textBody: [...TEXT.textBody, ...TEXT.textBody] }, 'invalidProperties', ['textBody']],
    [{ ...TEXT, bodyValues: { t: { value: 'a', isTruncated: true } } }, 'invalidProperties', ['bodyValues']],
    [{ ...TEXT, textBody: [{ partId: 't', type: 'text/plain', charset: 'gbk' }] }, 'invalidProperties', ['textBody']],
    [{ attachments: [{ partId: 't', blobId: gone }] }, 'invalidProperties', ['attachments']],
    [{ attachments: [{}] }, 'invalidProperties', ['attachments']],
    [{ attachments: [{ blobId: gone, headers: [] }] }, 'invalidProperties', ['attachments']],
    [
      { attachments: [{ blobId: gone, 'header:Content-Transfer-Encoding': ' 8bit' }] },
      'invalidProperties',
      ['attachments'],
    ],
    [{ bodyStructure: { type: 'multipart/mixed', subParts: [] } }, 'invalidProperties', ['bodyStructure']],
    [{ attachments: [{ blobId: gone, type: 'text/x' }] }, 'blobNotFound', undefined],
    [{ colour: 'red' }, 'invalidProperties', ['colour']],
  ];
  for (const [given, type, properties] of cases)
    assert.deepEqual(await refusalOf(given), [type, properties], JSON.stringify(given));
});

test('a message that is larger than any may be is not made', async (t) => {
  const { set, drafts } = await open(t);
  const large = { ...TEXT, bodyValues: { t: { value: 'x'.repeat(1_100_000) } }, mailboxIds: { [drafts]: true } };
  const { notCreated } = await set({ create: { a: large } });
  assert.deepEqual([notCreated.a.type, notCreated.a.maxSize], ['tooLarge', 1_000_000]);
});

test('keywords and mailboxes are patched or set whole; an Email is always somewhere', async (t) => {
  const { put, set, get, inbox, drafts } = await open(t);
  const id = await put('Subject: a\n\nb\n', { keywords: ['todo'] });
  const change = async (patch: object): Promise<unknown> => {
    const { updated, notUpdated } = await set({ update: { [id]: patch } });
    return updated === null ? [notUpdated[id].type, notUpdated[id].properties] : updated;
  };
  assert.deepEqual(await change({ 'keywords/$Flagged': true, 'keywords/todo': null }), { [id]: null });
  assert.deepEqual((await get(id))['keywords'], { $flagged: true });
  assert.deepEqual(await change({ [`mailboxIds/${drafts}`]: true, [`mailboxIds/${inbox}`]: null }), { [id]: null });
  assert.deepEqual((await get(id))['mailboxIds'], { [drafts]: true });
  await change({ mailboxIds: { [inbox]: true }, keywords: null });
  assert.deepEqual([(await get(id))['mailboxIds'], (await get(id))['keywords']], [{ [inbox]: true }, {}]);

  assert.deepEqual(await change({ [`mailboxIds/${inbox}`]: null }), ['invalidProperties', ['mailboxIds']]);
  assert.deepEqual(await change({ mailboxIds: {} }), ['invalidProperties', ['mailboxIds']]);
  assert.deepEqual(await change({ mailboxIds: null }), ['invalidProperties', ['mailboxIds']]);
  assert.deepEqual(await change({ 'mailboxIds/M1-999': true }), ['invalidProperties', ['mailboxIds']]);
  assert.deepEqual(await change({ 'mailboxIds/M2-1': true }), ['invalidProperties', ['mailboxIds']]);
  assert.deepEqual(await change({ 'keywords/a b': true }), ['invalidProperties', ['keywords']]);
  assert.deepEqual(await change({ 'keywords/$seen': false }), ['invalidProperties', ['keywords']]);
  assert.deepEqual(await change({ keywords: {}, 'keywords/$seen': true }), ['invalidPatch', undefined]);
  assert.deepEqual(await change({ 'keywords/$seen/x': true }), ['invalidPatch', undefined]);
  assert.deepEqual(await change({ subject: 'b', 'keywords/$seen': true }), ['invalidProperties', ['subject']]);
  assert.deepEqual((await get(id))['keywords'], {});
  // RFC 8620 §5.3: what cannot change may be said as it is.
  const { id: own, subject, size, receivedAt } = await get(id);
  assert.deepEqual(await change({ id: own, subject, size, receivedAt, 'keywords/$seen': true }), { [id]: null });
  assert.deepEqual((await get(id))['keywords'], { $seen: true });
});

test('what one call makes, the next names; what is destroyed is not changed', async (t) => {
  const { request, set, put, inbox, refusal } = await open(t);
  const responses = await request([
    ['Mailbox/set', { create: { box: { name: 'box' } } }],
    ['Email/set', { create: { mail: { mailboxIds: { '#box': true }, ...TEXT } } }],
    ['Email/set', { update: { '#mail': { 'keywords/$seen': true, [`mailboxIds/${inbox}`]: true } } }],
    ['Email/get', { '#ids': { resultOf: '1', name: 'Email/set', path: '/created/mail/id' }, properties: ['id'] }],
    ['Email/set', { destroy: ['#mail', '#nobody'] }],
  ]);
  const [box, mail, updated, , destroyed] = responses.map(([, answer]): Answer => answer);
  const id = mail?.['created'].mail.id as string;
  assert.equal(typeof box?.['created'].box.id, 'string');
  assert.deepEqual(updated?.['updated'], { [id]: null });
  // A path to one id is no list of ids.
  assert.equal(responses[3]?.[0], 'error');
  assert.deepEqual(destroyed?.['destroyed'], [id]);
  assert.deepEqual(destroyed?.['notDestroyed'], { '#nobody': { type: 'notFound' } });

  const gone = await put('Subject: a\n\nb\n');
  const answer = await set({ update: { [gone]: { keywords: {} }, 'E1-999': {} }, destroy: [gone, gone, 'E2-1', 'x'] });
  assert.equal(answer['notUpdated'][gone].type, 'willDestroy');
  assert.equal(answer['notUpdated']['E1-999'].type, 'notFound');
  assert.deepEqual(answer['destroyed'], [gone]);
  assert.deepEqual(Object.keys(answer['notDestroyed']), ['E2-1', 'x']);
  assert.notEqual(answer['oldState'], answer['newState']);
  const destroy = Array.from({ length: 1001 }, (_, n) => `E1-${n}`);
  assert.equal((await refusal('Email/set', { destroy })).type, 'requestTooLarge');
  assert.equal((await refusal('Email/set', { ifInState: answer['oldState'], destroy: [] })).type, 'stateMismatch');
});

test('a full mailbox takes no draft, and says so', async (t) => {
  const { set, account, drafts } = await open(t);
  await account.setQuota({ quotaBytes: 10, quotaMessages: null });
  const { notCreated } = await set({ create: { a: { mailboxIds: { [drafts]: true }, ...TEXT } } });
  assert.equal(notCreated.a.type, 'overQuota');
});

test('RFC 6047 §2.4: the method of an answer to an invitation is told beside its type', async (t) => {
  const { octetsOf } = await open(t);
  const made = (calendar: string) =>
    octetsOf({
      bodyStructure: { type: 'text/calendar', partId: 'c' },
      bodyValues: { c: { value: calendar } },
    });
  assert.match(
    await made('BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR'),
    /^Content-Type: text\/calendar; charset=utf-8; method=REPLY\r$/m,
  );
  assert.match(await made('METHOD:REPLY; evil=1'), /^Content-Type: text\/calendar; charset=utf-8\r$/m);
});
