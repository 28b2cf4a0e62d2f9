import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openClient, type Client } from './client.ts';
import { Connection } from './connection.ts';
import { JmapError } from './failures.ts';
import { RejectedDraft, type Draft, type SendState } from './outbox.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

const DRAFT: Draft = {
  identityId: 'I1',
  from: { name: '李雷', email: 'lilei@example.edu' },
  to: [{ name: '韩梅梅', email: 'hmm@example.edu' }],
  cc: [],
  bcc: [],
  replyTo: null,
  subject: '作业',
  inReplyTo: null,
  references: null,
  text: '见附件',
  html: '<p>见附件</p>',
  attachments: [],
  headers: {},
  replaces: null,
  concerns: null,
  sendAt: null,
  envelope: null,
};
const FILE = new Blob(['内容'], { type: 'text/plain' });
const ATTACHMENT = { name: '作业.txt', type: 'text/plain', disposition: 'attachment', cid: null, file: FILE } as const;

let server: FakeServer;
let browser: FakeBrowser;
let client: Client;

const openTab = () => {
  const tab = browser.openTab();
  return openClient(tab, new Connection(tab), ACCOUNT);
};
const submissions = () => [...(server.items.get('EmailSubmission')?.values() ?? [])];
const states = (of = client): readonly SendState[] => of.outbox.getSnapshot().map(({ state }) => state);

/** Tries again what waits; reads that failed along with it come first, after their pause. */
async function resume(): Promise<void> {
  const resumed = client.outbox.resume();
  await browser.pass(1000);
  await resumed;
}

beforeEach(async () => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  client = await openTab();
  client.store.all('Mailbox').subscribe(() => undefined);
  await browser.settle();
});

test('a message is uploaded, stored and submitted, and lies in Sent', async () => {
  const answered = server.deliver();
  const draftId = server.deliver({ mailboxIds: { 'M-drafts': true }, keywords: { $draft: true } });
  const concerns = { emailId: answered, keyword: '$answered' } as const;
  await client.outbox.send({ ...DRAFT, attachments: [ATTACHMENT], replaces: draftId, concerns });
  await browser.settle();
  const [submission] = submissions();
  const email = server.email(submission?.['emailId'] as string);
  assert.deepEqual(email?.mailboxIds, { 'M-sent': true });
  assert.deepEqual(email?.keywords, { $seen: true });
  assert.equal(email?.attachments[0]?.name, '作业.txt');
  assert.equal(server.email(draftId), undefined);
  assert.deepEqual(server.email(answered)?.keywords, { $answered: true });
  assert.deepEqual(states(), [{ kind: 'sent', emailId: email?.id, submissionId: submission?.id }]);
});

test('written offline, it waits in the browser, and another tab sends it later', async () => {
  browser.setOnline(false);
  await client.outbox.send({ ...DRAFT, attachments: [ATTACHMENT] });
  for (let tries = 0; tries < 4; tries++) await browser.pass(4000);
  assert.deepEqual(states(), [{ kind: 'waiting' }]);
  await client.close();
  browser.setOnline(true);
  const next = await openTab();
  await browser.settle();
  assert.equal(submissions().length, 1);
  assert.equal(states(next)[0]?.kind, 'sent');
});

test('an answer that gets lost does not send it twice', async () => {
  server.mishaps = ['lost'];
  await client.outbox.send(DRAFT);
  await browser.settle();
  assert.equal(submissions().length, 1);
  assert.deepEqual(states(), [{ kind: 'waiting' }]);
  assert.equal(await client.outbox.takeBack(client.outbox.getSnapshot()[0]?.id ?? ''), undefined, 'it may be gone');
  await resume();
  assert.equal(submissions().length, 1);
  assert.equal(states()[0]?.kind, 'sent');
});

test('a request that does not arrive is sent once more', async () => {
  server.mishaps = ['unreachable'];
  await client.outbox.send(DRAFT);
  await browser.settle();
  await resume();
  assert.equal(submissions().length, 1);
});

test('one whose request failed while the server goes on talking is sent by itself', async () => {
  server.mishaps = ['unreachable'];
  await client.outbox.send(DRAFT);
  await browser.settle();
  assert.equal(submissions().length, 0);
  await browser.pass(61_000);
  assert.equal(submissions().length, 1);
  assert.equal(states()[0]?.kind, 'sent');
});

test('what the server refuses says why; mended, it takes the place of the draft it left', async () => {
  server.refuseSubmission = () => ({ type: 'tooManyRecipients' });
  const id = await client.outbox.send(DRAFT);
  await browser.settle();
  assert.deepEqual(states(), [{ kind: 'failed', reason: 'tooManyRecipients', error: { type: 'tooManyRecipients' } }]);
  const draft = await client.outbox.takeBack(id);
  assert.ok(draft?.replaces);
  assert.equal(server.email(draft.replaces)?.keywords['$draft'], true);
  server.refuseSubmission = () => undefined;
  await client.outbox.send(draft);
  await browser.settle();
  assert.equal(server.email(draft.replaces), undefined);
  assert.equal(server.emailIds().length, 1);
});

test('a message held until later can be called back and is a draft again', async () => {
  await client.outbox.send({ ...DRAFT, sendAt: '2026-03-01T08:00:00Z' });
  await browser.settle();
  const [state] = states();
  assert.ok(state?.kind === 'sent' && state.submissionId !== null);
  assert.equal(await client.outbox.recall(state.emailId, state.submissionId), true);
  assert.deepEqual(server.email(state.emailId)?.mailboxIds, { 'M-drafts': true });
  assert.deepEqual(states(), []);
  assert.equal(await client.outbox.recall(state.emailId, state.submissionId), false);
});

test('two tabs with the same message waiting send it once', async () => {
  browser.setOnline(false);
  await client.outbox.send(DRAFT);
  for (let tries = 0; tries < 4; tries++) await browser.pass(4000);
  const other = await openTab();
  browser.setOnline(true);
  await Promise.all([client.outbox.resume(), other.outbox.resume()]);
  await browser.settle();
  assert.equal(submissions().length, 1);
});

test('drafts are stored, each in place of the one before', async () => {
  const { emailId: first } = await client.outbox.saveDraft(DRAFT, 'draft-1@example.edu');
  const { emailId: second } = await client.outbox.saveDraft(
    { ...DRAFT, text: '改了', replaces: first },
    'draft-1@example.edu',
  );
  await browser.settle();
  assert.equal(server.email(first), undefined);
  assert.deepEqual(server.email(second)?.mailboxIds, { 'M-drafts': true });
  assert.deepEqual(server.email(second)?.messageId, ['draft-1@example.edu']);
});

test('a form that is refused leaves the one before', async () => {
  const { emailId: first } = await client.outbox.saveDraft(DRAFT, 'draft-1@example.edu');
  server.refuse = () => ({ type: 'overQuota' });
  await assert.rejects(client.outbox.saveDraft({ ...DRAFT, replaces: first }, 'draft-1@example.edu'), RejectedDraft);
  await browser.settle();
  assert.deepEqual(server.email(first)?.mailboxIds, { 'M-drafts': true });
});

test('a form that was stored though the answer got lost is replaced by the next', async () => {
  server.mishaps = ['lost'];
  await assert.rejects(client.outbox.saveDraft(DRAFT, 'draft-1@example.edu'), JmapError);
  await browser.settle();
  const { emailId: id } = await client.outbox.saveDraft({ ...DRAFT, text: '改了' }, 'draft-1@example.edu');
  await browser.settle();
  assert.deepEqual(server.emailIds(), [id]);
});

test('a form that was changed or sent elsewhere is not taken for its earlier one: both stay', async () => {
  const { emailId: first, isParted } = await client.outbox.saveDraft(DRAFT, 'draft-1@example.edu');
  assert.ok(!isParted);
  const other = await openTab();
  await other.outbox.saveDraft({ ...DRAFT, text: '那边', replaces: first }, 'draft-1@example.edu');
  await browser.settle();
  const here = await client.outbox.saveDraft({ ...DRAFT, text: '这边', replaces: first }, 'draft-1@example.edu');
  assert.ok(here.isParted);
  await browser.settle();
  assert.equal(server.items.get('Email')?.size, 2);

  server.items
    .get('Email')
    ?.set(here.emailId, { ...server.items.get('Email')?.get(here.emailId), keywords: {} } as never);
  const later = await client.outbox.saveDraft({ ...DRAFT, replaces: here.emailId }, 'draft-1@example.edu');
  await browser.settle();
  assert.ok(later.isParted, 'it was sent');
  assert.equal(server.items.get('Email')?.size, 3);
});
