import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginDraft, forwardFiles, parseRecipients, writeAgain, type DraftTexts } from './draft.ts';
import type { AddressEnding } from './endings.ts';
import type { ConversationView, MessageView } from './model.ts';

const ME = { name: '陈静宜', address: 'chenjy@example.edu.cn' };
const OFFICE = { name: '教务处', address: 'jwc@example.edu.cn' };
const LI = { name: '李国栋', address: 'ligd@example.edu.cn' };
const WANG = { name: '', address: 'wang@example.com' };
const TEXTS: DraftTexts = { replyPrefix: '回复：', forwardPrefix: '转发：', quoteHead: () => '原文<：' };

function conversationOf(message: Partial<MessageView>, subject = '组会'): ConversationView {
  const whole: MessageView = {
    id: 'm',
    from: LI,
    to: [ME],
    cc: [],
    sentAt: new Date(0),
    preview: '',
    isUnread: false,
    isFlagged: false,
    isDraft: false,
    isSent: false,
    html: undefined,
    text: '<script>\n& 好',
    pictures: new Map(),
    attachments: [],
    isOutside: false,
    isVerified: true,
    resembles: undefined,
    claims: undefined,
    unsubscribing: undefined,
    file: { id: 'b', name: '组会.eml', type: 'message/rfc822', sizeBytes: 3, url: '' },
    bodyUrls: { html: undefined, text: undefined },
    ...message,
  };
  return { id: 'c', subject, mailboxId: 'inbox', labels: [], isFlagged: false, isMuted: false, messages: [whole] };
}

const begin = (kind: 'reply' | 'replyAll' | 'forward', conversation: ConversationView) =>
  beginDraft('d', kind, conversation, [ME, OFFICE], TEXTS);

test('an answer goes to whom it should, from the address that was written to', () => {
  const asked = conversationOf({ to: [OFFICE, WANG], cc: [LI, ME] });
  assert.deepEqual(begin('reply', asked).to, [LI]);
  assert.equal(begin('reply', asked).from, OFFICE.address);
  assert.deepEqual(begin('replyAll', asked).to, [LI]);
  assert.deepEqual(begin('replyAll', asked).cc, [WANG]);
  assert.deepEqual(begin('reply', conversationOf({ from: ME, to: [WANG] })).to, [WANG]);
  assert.deepEqual(begin('forward', asked).to, []);
});

test('an answer to an address that sends nothing any more comes from the one in its place', () => {
  const ends = (stage: AddressEnding['stage']) => ({
    name: '陈静宜',
    address: 'chenjy@old.example',
    ending: { stage, sendBlockedAt: new Date(0), refusedAt: new Date(0), instead: OFFICE.address },
  });
  const asked = conversationOf({ to: [{ name: '', address: 'ChenJY@old.example' }] });
  const from = (stage: AddressEnding['stage']) =>
    beginDraft('d', 'reply', asked, [ME, ends(stage), OFFICE], TEXTS).from;
  assert.equal(from('announced'), 'chenjy@old.example');
  assert.equal(from('sendBlocked'), OFFICE.address);
  assert.equal(from('refused'), OFFICE.address);
});

test('a subject has one prefix, whichever program began', () => {
  for (const subject of ['Re: 组会', 'RE：组会', '回复(2)：组会', '答复: 组会']) {
    assert.equal(begin('reply', conversationOf({}, subject)).subject, subject);
  }
  assert.equal(begin('reply', conversationOf({}, '转发：组会')).subject, '回复：转发：组会');
  assert.equal(begin('forward', conversationOf({}, '组会')).subject, '转发：组会');
});

test('what is quoted is text, whatever it looks like', () => {
  const { body } = begin('reply', conversationOf({}));
  assert.ok(!body.includes('<script'));
  assert.ok(body.includes('&#60;script&#62;') && body.includes('&#38; 好') && body.includes('原文&#60;：'));
});

test('what is answered is the letter that is meant, and of it what was marked', () => {
  const { messages: older } = conversationOf({ id: 'older', from: WANG, text: '第一句。第二句。' });
  const newest = conversationOf({ id: 'newest' });
  const talk = { ...newest, messages: [...older, ...newest.messages] };
  const answer = beginDraft('d', 'reply', talk, [ME], TEXTS, { messageId: 'older', marked: '第二句。' });
  assert.deepEqual(answer.to, [WANG]);
  assert.equal(answer.concerns?.messageId, 'older');
  assert.ok(answer.body.includes('<blockquote><p>第二句。</p></blockquote>'), answer.body);
  assert.equal(begin('reply', talk).concerns?.messageId, 'newest');
});

test('a letter goes along as a file: with nothing of it in the text', () => {
  const draft = beginDraft('d', 'forwardAttached', conversationOf({}), [ME], TEXTS);
  assert.equal(draft.subject, '转发：组会');
  assert.equal(draft.body, '');
  assert.deepEqual(draft.concerns, { messageId: 'm', how: 'forwards' });
  assert.deepEqual(
    draft.files.map(({ name, type, blobId }) => [name, type, blobId]),
    [['组会.eml', 'message/rfc822', 'b']],
  );
  const file = { id: 'c', name: 'x.eml', type: 'message/rfc822', sizeBytes: 1, url: '' };
  assert.deepEqual(
    forwardFiles('d', ME.address, [file, { ...file, id: 'e' }], '').files.map(({ blobId }) => blobId),
    ['c', 'e'],
  );
});

test('a letter written again is another one, to the same people', () => {
  const sent = { ...begin('reply', conversationOf({})), savedId: 's' };
  const again = writeAgain('new', sent);
  assert.deepEqual(again, { ...sent, id: 'new', concerns: undefined, thread: undefined, savedId: undefined });
});

test('recipients as they are pasted', () => {
  const { people, rest } = parseRecipients('李国栋 <ligd@example.edu.cn>；"Wang, no" x，a@b.c\nnot an address');
  assert.deepEqual(people, [LI, { name: '', address: 'a@b.c' }]);
  assert.deepEqual(rest, ['"Wang', 'no" x', 'not an address']);
  const many = Array.from({ length: 5_000 }, (_, at) => `人${at} <p${at}@example.com>`).join('; ');
  assert.equal(parseRecipients(many).people.length, 5_000);
});
