import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMailto } from './mailto.ts';

const EMPTY = { to: [], cc: [], bcc: [], subject: '', text: '' };

test('a link asks for a letter: to whom, about what', () => {
  assert.deepEqual(readMailto('mailto:li@kust.example'), { ...EMPTY, to: ['li@kust.example'] });
  assert.deepEqual(
    readMailto(
      'MAILTO:a@x.example,b@y.example?CC=c@z.example&bcc=d%40z.example%2Ce%40z.example&subject=%E4%BD%A0%E5%A5%BD%20a=b&body=1%0D%0A2',
    ),
    {
      to: ['a@x.example', 'b@y.example'],
      cc: ['c@z.example'],
      bcc: ['d@z.example', 'e@z.example'],
      subject: '你好 a=b',
      text: '1\n2',
    },
  );
  assert.deepEqual(readMailto('mailto:?to=a@x.example&to=b@x.example')?.to, ['a@x.example', 'b@x.example']);
});

test('a link sets nothing else, hides nothing, and is no flood', () => {
  assert.deepEqual(readMailto('mailto:a@x.example?attach=/etc/passwd&from=b@x.example&in-reply-to=%3C1@x%3E'), {
    ...EMPTY,
    to: ['a@x.example'],
  });
  assert.equal(readMailto('mailto:a@x.example?subject=a%0D%0ABcc:%20b%E2%80%AE')?.subject, 'aBcc: b');
  assert.deepEqual(readMailto('mailto:a%0Ab@x.example,%3Cscript%3E,%22x%22%20%3Cy@z.example%3E')?.to, []);
  assert.equal(readMailto(`mailto:${'a@x.example,'.repeat(5000)}`)?.to.length, 100);
  assert.equal(readMailto(`mailto:a@x.example?body=${'x'.repeat(100_000)}`)?.text.length, 10_000);
});

test('what is no such link is none', () => {
  for (const url of [
    'https://x.example/',
    'mailto',
    'mailto:%E4%BD',
    'mailto:a@x.example?subject=%',
    'xmailto:a@x.example',
  ])
    assert.equal(readMailto(url), undefined, url);
});
