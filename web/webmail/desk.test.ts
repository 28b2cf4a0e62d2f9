import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { Desk, isRefused, isUploading } from './desk.ts';
import { beginDraft } from './draft.ts';
import { WritingError, type Draft, type Kept, type Trouble, type UploadOptions, type Writing } from './writing.ts';

const TEXTS = { replyPrefix: '', forwardPrefix: '', quoteHead: () => '' };
const blank = (id: string): Draft => beginDraft(id, 'new', undefined, [], TEXTS);
const OFFLINE: Trouble = { reason: 'offline', detail: '' };

/** Holds what is asked of it until it is answered. */
class FakeWriting implements Writing {
  readonly kept: Draft[] = [];
  readonly thrownAway: string[] = [];
  readonly sent: Draft[] = [];
  readonly uploads: (UploadOptions & { readonly file: Blob; readonly done: PromiseWithResolvers<string> })[] = [];
  readonly shelf = new Map<string, Draft>();
  readonly takenElsewhere = new Set<string>();
  isParted = false;
  failure: Trouble | undefined;
  gate: Promise<unknown> = Promise.resolve();
  tell: (draft: Draft, why: Trouble) => void = () => undefined;

  limits = () => Promise.resolve({ fileBytes: 10, lettersFilesBytes: 15, aheadMs: 0 });
  async keep(draft: Draft): Promise<Kept> {
    await this.gate;
    if (this.failure) throw new WritingError(this.failure);
    this.kept.push(draft);
    const savedId = `saved-${this.kept.length}`;
    const files = new Map(
      draft.files.flatMap(({ id, url, blobId }) =>
        blobId ? [[id, { blobId: `${savedId}/${id}`, url }] as const] : [],
      ),
    );
    return { savedId, files, isParted: this.isParted };
  }
  shelve = (draft: Draft) => Promise.resolve(void this.shelf.set(draft.id, draft));
  unshelve = (id: string) => Promise.resolve(void this.shelf.delete(id));
  leftBehind = () => Promise.resolve([...this.shelf.values()]);
  take = (id: string) => Promise.resolve(!this.takenElsewhere.has(id));
  release = () => undefined;
  read = (savedId: string) => Promise.resolve(savedId === 'gone' ? undefined : { ...blank('read'), savedId });
  throwAway = (savedId: string) => void this.thrownAway.push(savedId);
  upload(file: Blob, how: UploadOptions): Promise<string> {
    const done = Promise.withResolvers<string>();
    this.uploads.push({ ...how, file, done });
    return done.promise;
  }
  send(draft: Draft) {
    this.sent.push(draft);
    return { undo: () => Promise.resolve(draft) };
  }
  answer = () => Promise.resolve();
  returned(listener: (draft: Draft, why: Trouble) => void) {
    this.tell = listener;
    return () => undefined;
  }
  templates = () => Promise.resolve([]);
  keepTemplate = () => Promise.resolve();
  scheduled = () => Promise.resolve([]);
  cancel = () => Promise.resolve(false);
}

let writing: FakeWriting;
let clock: FakeClock;
let desk: Desk;

beforeEach(() => {
  writing = new FakeWriting();
  clock = new FakeClock();
  let ids = 0;
  desk = new Desk(writing, clock, () => `id-${++ids}`);
});

const letters = () => desk.letters.getSnapshot();
const letter = () => letters()[0];
const write = (subject: string, id = 'a') => desk.change(id, (draft) => ({ ...draft, subject }));
const settle = () => new Promise(setImmediate);
const pass = async (ms: number) => {
  clock.advance(ms);
  await settle();
};
const file = (size: number) => new File(['x'.repeat(size)], '课表.txt');

test('what is written is kept soon, each form in place of the last, and nothing that was not written', async () => {
  desk.begin(blank('a'));
  await pass(60_000);
  assert.equal(await desk.close('a'), 'untouched');
  desk.begin(blank('a'));
  write('一');
  assert.ok(desk.isUnkept);
  write('一二');
  await pass(5_000);
  write('一二三');
  await pass(5_000);
  assert.deepEqual(
    writing.kept.map(({ subject, savedId }) => [subject, savedId]),
    [
      ['一二', undefined],
      ['一二三', 'saved-1'],
    ],
  );
  assert.ok(!desk.isUnkept);
});

test('a desk that is left lies on the shelf, also what was written just now, and holds nobody up', async () => {
  writing.failure = { reason: 'refused', detail: '' };
  desk.begin(blank('a'));
  desk.begin(blank('b'));
  write('一');
  await desk.leave();
  assert.deepEqual([...writing.shelf.keys()], ['a'], 'of the other there is nothing to be kept');
  assert.equal(writing.shelf.get('a')?.subject, '一');
  assert.ok(!desk.isUnkept);
});

test('what is written while a form is on its way is not taken for kept', async () => {
  const gate = Promise.withResolvers<void>();
  writing.gate = gate.promise;
  desk.begin(blank('a'));
  write('早');
  const closing = desk.close('a');
  await settle();
  write('晚');
  gate.resolve();
  const closed = await closing;
  assert.deepEqual(
    writing.kept.map(({ subject }) => subject),
    ['早', '晚'],
  );
  assert.equal(typeof closed === 'object' && closed.savedId, 'saved-2');
  assert.deepEqual(letters(), []);
});

test('what cannot be kept stays on the desk, says why, and is tried again', async () => {
  writing.failure = OFFLINE;
  desk.begin(blank('a'));
  write('一');
  assert.equal(await desk.close('a'), 'staying');
  assert.deepEqual([letter()?.keeping, letter()?.unkept], ['failed', OFFLINE]);
  writing.failure = undefined;
  await pass(60_000);
  assert.deepEqual([letter()?.keeping, letter()?.unkept], ['kept', undefined]);
});

test('a third letter folds the first and drops none', () => {
  for (const id of ['a', 'b', 'c']) desk.begin(blank(id));
  assert.deepEqual(
    letters().map(({ isFolded }) => isFolded),
    [true, false, false],
  );
  desk.fold('a', false);
  assert.deepEqual(
    letters().map(({ isFolded }) => isFolded),
    [false, true, false],
  );
  desk.begin(blank('b'));
  assert.equal(letters().length, 3);
});

test('a letter goes in place of its last form, also of one that is being kept', async () => {
  const gate = Promise.withResolvers<void>();
  writing.gate = gate.promise;
  desk.begin(blank('a'));
  write('一');
  void desk.keep('a');
  const sending = desk.send('a', undefined);
  gate.resolve();
  await sending;
  assert.deepEqual(
    writing.sent.map(({ savedId }) => savedId),
    ['saved-1'],
  );
  assert.deepEqual(letters(), []);
});

test('a discarded letter goes to the trash and can be put back', async () => {
  desk.begin(blank('a'));
  write('一');
  await desk.keep('a');
  const discarded = await desk.discard('a');
  assert.deepEqual(writing.thrownAway, ['saved-1']);
  desk.putBack(discarded ?? blank('none'));
  await pass(5_000);
  assert.equal(writing.kept.at(-1)?.savedId, 'saved-1');
});

test('a letter that could not be sent lies on the desk again, with the reason', async () => {
  desk.listen();
  const why: Trouble = { reason: 'invalidRecipients', detail: 'x' };
  writing.tell({ ...blank('a'), subject: '一' }, why);
  assert.deepEqual(letter()?.unsent, why);
  await pass(5_000);
  assert.equal(writing.kept[0]?.subject, '一');
  assert.deepEqual(letter()?.unsent, why);
});

test('a draft of the mailbox is opened once, and one that is gone is told', async () => {
  assert.equal(await desk.open('here'), true);
  assert.equal(await desk.open('here'), true);
  assert.equal(await desk.open('gone'), false);
  assert.equal(letters().length, 1);
});

test('files are uploaded with progress, and kept with the letter when they are there', async () => {
  desk.begin(blank('a'));
  const [added] = desk.attach('a', [file(8)], { isInline: false });
  await settle();
  writing.uploads[0]?.onProgress(4);
  assert.deepEqual(letter()?.uploads.get(added?.id ?? ''), { kind: 'uploading', sentBytes: 4 });
  assert.equal(await desk.close('a'), 'staying');
  assert.ok(letter()?.isFolded === true);
  writing.uploads[0]?.done.resolve('B1');
  await pass(5_000);
  const kept = writing.kept.at(-1)?.files[0];
  assert.deepEqual([kept?.name, kept?.blobId, kept?.file], ['课表.txt', 'B1', undefined]);
  assert.equal(letter()?.draft.files[0]?.blobId, `saved-${writing.kept.length}/${added?.id}`);
});

test('an upload is given up, tried again, or refused for its size before it begins', async () => {
  desk.begin(blank('a'));
  const added = desk.attach('a', [file(8), file(4), file(11)], { isInline: false });
  await settle();
  const [first, second, third] = added.map(({ id }) => id);
  const uploads = () => letter()?.uploads;
  assert.deepEqual(uploads()?.get(third ?? ''), { kind: 'failed', trouble: { reason: 'tooLarge', detail: '' } });
  // All three together are too much; without the third they are not.
  desk.detach('a', third ?? '');
  for (const id of [first, second]) desk.retryUpload('a', id ?? '');
  await settle();
  desk.detach('a', first ?? '');
  assert.ok(writing.uploads[0]?.signal.aborted);
  writing.uploads[1]?.done.reject(new WritingError(OFFLINE));
  await settle();
  assert.deepEqual(uploads()?.get(second ?? ''), { kind: 'failed', trouble: OFFLINE });
  const now = letter();
  assert.ok(now && !isUploading(now) && !isRefused(now));
  await desk.send('a', undefined);
  assert.ok(writing.sent[0]?.files[0]?.file);
});

test('what cannot be kept is in the browser at once, and comes back with the next tab', async () => {
  writing.failure = OFFLINE;
  desk.begin(blank('a'));
  write('写到一半');
  await pass(300);
  assert.equal(writing.shelf.get('a')?.subject, '写到一半');
  await pass(5_000);
  assert.equal(letter()?.keeping, 'failed');

  const next = new Desk(writing, clock, () => 'id');
  next.listen();
  await settle();
  const [back] = next.letters.getSnapshot();
  assert.equal(back?.draft.subject, '写到一半');
  assert.equal(back.news, 'recovered');
  writing.failure = undefined;
  await next.keep('a');
  assert.equal(writing.kept.at(-1)?.subject, '写到一半');
  assert.equal(writing.shelf.size, 0);
});

test('a draft that another tab has in hand is opened as a copy', async () => {
  writing.takenElsewhere.add('read');
  await desk.open('saved-7');
  assert.equal(letter()?.news, 'copy');
  assert.notEqual(letter()?.draft.id, 'read');
  desk.change(letter()?.draft.id ?? '', (draft) => ({ ...draft, subject: '我的' }));
  await pass(5_000);
  assert.equal(writing.kept[0]?.savedId, undefined);
});

test('a draft that was changed elsewhere says so when it is kept', async () => {
  desk.begin({ ...blank('a'), savedId: 'older' });
  writing.isParted = true;
  write('这边');
  await pass(5_000);
  assert.equal(letter()?.news, 'parted');
  assert.equal(letter()?.keeping, 'kept');
});
