import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginDraft } from '#web/webmail/draft.ts';
import type { Draft } from '#web/webmail/writing.ts';
import { warningsOf } from './warnings.ts';

const OWN = ['chenjy@example.edu.cn', '2008@stu.example.edu.cn'];
const EMPTY = beginDraft('d', 'new', undefined, [], { replyPrefix: '', forwardPrefix: '', quoteHead: () => '' });
const person = (address: string) => ({ name: '', address });
const INSIDE = person('ligd@example.edu.cn');
const FILE = { id: 'f', name: '', type: '', sizeBytes: 1, url: '', blobId: 'B', file: undefined };

const kinds = (draft: Partial<Draft>) =>
  warningsOf({ ...EMPTY, subject: '组会', to: [INSIDE], ...draft }, OWN).map(({ kind }) => kind);

test('an attachment that is spoken of and not there, in one’s own words', () => {
  for (const body of [
    '<p>见附件。</p>',
    '<p>请查收<strong>附</strong>件，附上</p>',
    '<p>Please find attached</p>',
    '<p>Enclosed is it</p>',
  ])
    assert.deepEqual(kinds({ body }), ['forgottenAttachment'], body);
  assert.deepEqual(kinds({ subject: '附件：课表' }), ['forgottenAttachment']);
  for (const body of ['<p>attache case 附近</p>', '<p>好</p><blockquote><p>见附件</p></blockquote>'])
    assert.deepEqual(kinds({ body }), [], body);
  assert.deepEqual(kinds({ body: '见附件', files: [{ ...FILE, cid: undefined }] }), []);
  assert.deepEqual(kinds({ body: '见附件', files: [{ ...FILE, cid: 'picture' }] }), ['forgottenAttachment']);
});

test('people from outside among people from inside, and only then', () => {
  const outside = person('x@notexample.edu.cn');
  const [warning] = warningsOf({ ...EMPTY, subject: '组会', to: [INSIDE], bcc: [outside] }, OWN);
  assert.deepEqual(warning, { kind: 'outside', people: [outside] });
  assert.deepEqual(kinds({ to: [outside] }), []);
  assert.deepEqual(kinds({ to: [INSIDE, person('a@STU.example.edu.cn')] }), []);
  assert.deepEqual(kinds({ to: [INSIDE, outside], isOneByOne: true }), []);
});

test('a large list, unless nobody sees it; and no subject', () => {
  const to = Array.from({ length: 50 }, (_, at) => person(`${at}@example.edu.cn`));
  assert.deepEqual(kinds({ to }), ['manyRecipients']);
  assert.deepEqual(kinds({ to: to.slice(1) }), []);
  assert.deepEqual(kinds({ to, isOneByOne: true }), []);
  assert.deepEqual(kinds({ subject: ' ' }), ['noSubject']);
});
