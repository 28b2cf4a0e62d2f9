import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openJmap } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const letter = (changed: Readonly<Record<string, string>> = {}) =>
    Object.entries({
      'Authentication-Results':
        'mail.kust.example; spf=pass; dkim=fail header.d=list.example header.s=k0 header.b=AAA; dkim=pass (1024 bits)' +
        ' header.d=list.example header.s=k1 header.a=rsa-sha256 header.b="aB3/x+d1"',
      'DKIM-Signature':
        'v=1; a=rsa-sha256; d=list.example; s=k1; h=From:Subject:List-Unsubscribe\n :LIST-Unsubscribe-Post; bh=x; b=aB3/\n x+d1Q2zz==',
      'List-Unsubscribe': '<mailto:u@list.example>, <https://list.example/u?who=42>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      ...changed,
    })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('') + 'From: 通知 <news@list.example>\n\n';
  const leave = async (text: string): Promise<string> => {
    const { result } = await jmap.call('ListUnsubscribe/post', { emailId: await jmap.put(text) });
    return result as string;
  };
  return { ...jmap, letter, leave };
}

test('a list that has signed for it is told, and nothing else of whoever leaves it', async (t) => {
  const { lists, letter, leave } = await open(t);
  assert.equal(await leave(letter()), 'done');
  assert.deepEqual(lists.asked, [
    {
      url: 'https://list.example/u?who=42',
      question: {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from('List-Unsubscribe=One-Click'),
        wantsContent: false,
      },
    },
  ]);
});

test('what the list answers is told', async (t) => {
  const { lists, letter, leave } = await open(t);
  for (const [status, result] of [
    [204, 'done'],
    [302, 'refused'],
    [404, 'refused'],
    [500, 'refused'],
    ['silent', 'unreachable'],
  ] as const) {
    lists.status = status;
    assert.equal(await leave(letter()), result, `${status}`);
  }
});

test('nobody is asked where that is not offered, or nobody of standing has signed for it', async (t) => {
  const { lists, letter, leave } = await open(t);
  const signature = (tags: string) => ({ 'DKIM-Signature': `v=1; bh=x; ${tags}` });
  const both = 'h=list-unsubscribe:list-unsubscribe-post';
  const results = (text: string) => ({ 'Authentication-Results': text });
  const passes = 'dkim=pass header.d=list.example header.s=k1';
  for (const changed of [
    { 'List-Unsubscribe': '' },
    { 'List-Unsubscribe': '<mailto:u@list.example>, <http://list.example/u>' },
    { 'List-Unsubscribe': '<https://list.example:8443/u>' },
    { 'List-Unsubscribe': '<https://campus@list.example/u>' },
    { 'List-Unsubscribe-Post': '' },
    { 'List-Unsubscribe-Post': 'yes' },
    { 'DKIM-Signature': '' },
    signature(`d=list.example; s=k1; h=from:list-unsubscribe; b=ab3/x+d1`),
    signature(`d=list.example; s=k1; h=from; b=ab3/x+d1; x=list-unsubscribe:list-unsubscribe-post`),
    signature(`d=evil.example; s=k1; ${both}; b=ab3/x+d1`),
    signature(`d=list.example; s=k0; ${both}; b=AAA`),
    signature(`d=list.example; s=k1; ${both}; b=other`),
    { 'Authentication-Results': '' },
    results(`mx.evil.example; ${passes} header.b=ab3/x+d1`),
    results(`mail.kust.example; ${passes}`),
    results(`mail.kust.example; x=y (;${passes} header.b=ab3)`),
  ])
    assert.equal(await leave(letter(changed)), 'notOffered', JSON.stringify(changed));
  assert.deepEqual(lists.asked, []);
});

test('only by what is in one’s own mailbox, and so many in a while', async (t) => {
  const { lists, letter, leave, refusal, clock } = await open(t);
  assert.equal((await refusal('ListUnsubscribe/post', { emailId: 'E1-99' }))['type'], 'invalidArguments');
  const text = letter();
  const results = [];
  for (let n = 0; n < 15; n++) results.push(await leave(text));
  assert.deepEqual([...new Set(results)], ['done', 'tooMany']);
  assert.ok(lists.asked.length >= 10 && lists.asked.length <= 11, `${lists.asked.length}`);
  clock.advance(60_000);
  assert.equal(await leave(text), 'done');
});
