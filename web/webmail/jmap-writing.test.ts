import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Email } from '#contract/jmap/email.ts';
import { openClient, type Client } from '#web/jmap/client.ts';
import { Connection } from '#web/jmap/connection.ts';
import { FakeBrowser } from '#web/jmap/testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from '#web/jmap/testing/fake-server.ts';
import { beginDraft } from './draft.ts';
import { createWriting } from './jmap-writing.ts';
import { WritingError, type Draft, type Trouble, type Writing } from './writing.ts';

const TEXTS = { replyPrefix: '', forwardPrefix: '', quoteHead: () => '' };
const ME = { name: '李雷', address: 'lilei@example.edu' };
const HAN = { name: '韩梅梅', address: 'hmm@example.edu' };
const WANG = { name: '', address: 'wang@example.com' };
const DRAFT: Draft = {
  ...beginDraft('draft-1@example.edu', 'new', undefined, [ME], TEXTS),
  to: [HAN],
  subject: '作业',
  body: '<p>见附件<img data-cid="p1" alt="图"></p>',
  files: [
    {
      id: 'f',
      name: '作业.txt',
      type: 'text/plain',
      sizeBytes: 6,
      cid: undefined,
      url: '',
      blobId: 'B1',
      file: undefined,
    },
    { id: 'p', name: '图.png', type: 'image/png', sizeBytes: 9, cid: 'p1', url: '', blobId: 'B2', file: undefined },
    { id: 'q', name: '旧.png', type: 'image/png', sizeBytes: 9, cid: 'p2', url: '', blobId: 'B3', file: undefined },
  ],
};

let server: FakeServer;
let browser: FakeBrowser;
let client: Client;
let writing: Writing;

beforeEach(async () => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  const tab = browser.openTab();
  client = await openClient(tab, new Connection(tab), ACCOUNT);
  for (const type of ['Mailbox', 'Identity'] as const) client.store.all(type).subscribe(() => undefined);
  await browser.settle();
  writing = createWriting(client, (html) => html.replace(/<[^>]*>/g, ''));
});

const emails = (): readonly Email[] => server.emailIds().flatMap((id) => server.email(id) ?? []);
const submissions = () => [...(server.items.get('EmailSubmission')?.values() ?? [])];
const inDrafts = () => emails().filter(({ mailboxIds }) => mailboxIds['M-drafts']);

test('a draft is kept with all that belongs to it, and is the same when it is read', async () => {
  const draft: Draft = {
    ...DRAFT,
    cc: [WANG],
    bcc: [ME],
    isImportant: true,
    wantsReceipt: true,
    isOneByOne: true,
    concerns: { messageId: 'E7', how: 'answers' },
    thread: { inReplyTo: ['x@y'], references: ['w@y', 'x@y'] },
  };
  const { savedId } = await writing.keep(draft);
  await browser.settle();
  assert.deepEqual(
    server.email(savedId)?.attachments.map(({ name, disposition, cid }) => [name, disposition, cid ?? undefined]),
    [
      ['作业.txt', 'attachment', undefined],
      ['图.png', 'inline', 'p1'],
    ],
  );
  const read = await writing.read(savedId);
  const facts = ({ files: _, offered: __, body: ___, ...rest }: Draft) => rest;
  assert.deepEqual(facts(read ?? DRAFT), facts({ ...draft, savedId }));
  assert.equal(await writing.read('E999'), undefined);
});

test('what cannot be kept is told by a reason', async () => {
  server.refuse = () => ({ type: 'overQuota' });
  const reasons = (error: unknown) => error instanceof WritingError && error.trouble.reason;
  await assert.rejects(writing.keep(DRAFT), (error) => reasons(error) === 'overQuota');
});

test('a letter is held on the server for ten seconds, and taken back it is a draft again', async () => {
  const { savedId } = await writing.keep(DRAFT);
  const sending = writing.send({ ...DRAFT, savedId }, undefined);
  await browser.settle();
  assert.deepEqual(submissions()[0]?.['envelope'], {
    mailFrom: { email: ME.address, parameters: { HOLDFOR: '10' } },
    rcptTo: [{ email: HAN.address, parameters: null }],
  });
  assert.equal(inDrafts().length, 0);
  const undoing = sending.undo();
  await browser.settle();
  const back = await undoing;
  assert.deepEqual(
    inDrafts().map(({ id }) => id),
    [typeof back === 'object' ? back.savedId : undefined],
  );
  assert.equal(submissions()[0]?.['undoStatus'], 'canceled');
  // Its files are those of this form: it can be kept and sent again.
  if (typeof back !== 'object') return;
  const keeping = writing.keep(back);
  await browser.settle();
  const again = await keeping;
  assert.deepEqual(
    [...again.files.values()].map(({ blobId }) => blobId),
    [`P${again.savedId}.0`, `P${again.savedId}.1`],
  );
});

test('too late is said, not pretended', async () => {
  const sending = writing.send(DRAFT, undefined);
  await browser.settle();
  for (const one of submissions()) one['undoStatus'] = 'final';
  const undoing = sending.undo();
  await browser.settle();
  assert.equal(await undoing, 'tooLate');
});

test('one by one, each gets a letter in which nobody else stands', async () => {
  const { savedId } = await writing.keep(DRAFT);
  const draft = { ...DRAFT, savedId, cc: [WANG, HAN], bcc: [ME], isOneByOne: true };
  const sending = writing.send(draft, undefined);
  await browser.settle();
  const sent = emails().filter(({ mailboxIds }) => mailboxIds['M-sent']);
  assert.deepEqual(
    sent.map(({ to, cc, bcc }) => [to?.map(({ email }) => email), cc, bcc]),
    [HAN, WANG, ME].map(({ address }) => [[address], null, null]),
  );
  assert.equal(new Set(sent.map(({ messageId }) => messageId?.[0])).size, 3);
  assert.equal(inDrafts().length, 0);
  // One of them has left already: it is written on to the others.
  const [first] = submissions();
  if (first) first['undoStatus'] = 'final';
  const undoing = sending.undo();
  await browser.settle();
  const back = await undoing;
  await browser.settle();
  assert.deepEqual(typeof back === 'object' && back.to, [WANG, ME]);
  assert.deepEqual(
    inDrafts().map(({ id }) => id),
    [typeof back === 'object' && back.savedId],
  );
});

test('what could not be sent comes back with its reason, once, and lies among the drafts', async () => {
  const returned: (readonly [Draft, Trouble])[] = [];
  writing.returned((draft, why) => returned.push([draft, why]));
  server.refuseSubmission = () => ({ type: 'invalidRecipients', invalidRecipients: [HAN.address] });
  writing.send(DRAFT, undefined);
  await browser.settle();
  assert.equal(returned.length, 1);
  const [[draft, why] = []] = returned;
  assert.deepEqual(why, { reason: 'invalidRecipients', detail: HAN.address });
  assert.equal(draft?.body, DRAFT.body);
  assert.deepEqual(
    inDrafts().map(({ id }) => id),
    [draft?.savedId],
  );
  assert.deepEqual(client.outbox.getSnapshot(), []);
});

test('several of a list that could not be sent come back as one letter', async () => {
  const returned: Draft[] = [];
  writing.returned((draft) => returned.push(draft));
  let count = 0;
  server.refuseSubmission = () => (++count === 2 ? undefined : { type: 'forbiddenToSend' });
  writing.send({ ...DRAFT, to: [HAN, WANG, ME], isOneByOne: true }, undefined);
  await browser.settle();
  assert.deepEqual(
    returned.map(({ to }) => to),
    [[{ name: '韩梅梅', address: HAN.address }, ME]],
  );
});

test('a failure of another day comes back as well', async () => {
  server.refuseSubmission = () => ({ type: 'tooLarge' });
  writing.send(DRAFT, undefined);
  await browser.settle();
  await client.close();
  const tab = browser.openTab();
  const later = createWriting(await openClient(tab, new Connection(tab), ACCOUNT), () => '');
  const returned: Draft[] = [];
  later.returned((draft) => returned.push(draft));
  await browser.settle();
  assert.deepEqual(
    returned.map(({ subject, to }) => [subject, to]),
    [['作业', [HAN]]],
  );
});

test('scheduled letters are listed and can be called back', async () => {
  writing.send(DRAFT, new Date(Date.UTC(2099, 0, 1)));
  await browser.settle();
  const listing = writing.scheduled();
  await browser.settle();
  const [letter] = await listing;
  assert.deepEqual([letter?.subject, letter?.people, letter?.sendAt.getUTCFullYear()], ['作业', [HAN], 2099]);
  const cancelling = letter && writing.cancel(letter);
  await browser.settle();
  assert.equal(await cancelling, true);
  assert.deepEqual(
    inDrafts().map(({ id }) => id),
    [letter?.emailId],
  );
});
