/**
 * The letters being written: kept on the server while one writes, with the files they take along. Nothing leaves the desk
 * before the server has it, it was sent, or somebody threw it away. Knows no screen and no JMAP.
 */
import { createLive, type Live } from './live.ts';
import { WritingError, type Draft, type DraftFile, type Sending, type Trouble, type Writing } from './writing.ts';

export type Upload =
  | { readonly kind: 'uploading'; readonly sentBytes: number }
  | { readonly kind: 'failed'; readonly trouble: Trouble };

export interface Letter {
  readonly draft: Draft;
  /** Whether the server has what is written; `failed` is tried again by itself. */
  readonly keeping: 'kept' | 'changed' | 'keeping' | 'failed';
  /** Why it could not be kept just now. */
  readonly unkept: Trouble | undefined;
  /** Why it came back instead of being sent. */
  readonly unsent: Trouble | undefined;
  /** Of the files that the server has not got, by their ids. */
  readonly uploads: ReadonlyMap<string, Upload>;
  readonly isFolded: boolean;
  /**
   * What is to be known of it: it was left by a tab that is gone; it is a copy, because another tab has it in hand; it was
   * changed elsewhere as well, and both forms are kept.
   */
  readonly news: 'recovered' | 'copy' | 'parted' | undefined;
}

/** What the desk takes of time. */
export interface DeskClock {
  after(delayMs: number, callback: () => void): () => void;
}

/** From a change until it is kept, milliseconds: a crash costs no more than a sentence, and the server gets no letter for each key. */
const KEEP_AFTER_MS = 2_000;
/** From a change until this browser keeps it, milliseconds: for a line that is cut, and a tab that is closed. */
const SHELVE_AFTER_MS = 300;
/** Until what could not be kept is tried again, milliseconds. */
const KEEP_AGAIN_MS = 15_000;
/** Letters that stand open beside each other; those before are folded. */
const MOST_OPEN = 2;

/** What goes on about one letter. */
interface Work {
  keeping: Promise<boolean> | undefined;
  cancelTimer: (() => void) | undefined;
  cancelShelving: (() => void) | undefined;
  /** Counts what is changed, so that a form that was kept is known to be the last one or not. */
  changes: number;
  readonly uploads: Map<string, AbortController>;
}

export class Desk {
  readonly #writing: Writing;
  readonly #clock: DeskClock;
  readonly #newId: () => string;
  readonly #letters = createLive<readonly Letter[]>([]);
  readonly #work = new Map<string, Work>();
  #isLeft = false;

  constructor(writing: Writing, clock: DeskClock, newId: () => string) {
    this.#writing = writing;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** In the order in which they were begun. */
  get letters(): Live<readonly Letter[]> {
    return this.#letters;
  }

  /** Whether closing the page now would lose something. */
  get isUnkept(): boolean {
    if (this.#isLeft) return false;
    return this.#letters.getSnapshot().some((letter) => letter.keeping !== 'kept' || isUploading(letter));
  }

  /** Takes in letters that could not be sent, and those that were left unkept. Returns how to stop. */
  listen(): () => void {
    void this.#writing.leftBehind().then((drafts) => {
      for (const draft of drafts) {
        this.#begin(draft, true, undefined);
        this.#set(draft.id, { news: 'recovered' });
      }
    });
    return this.#writing.returned((draft, why) => this.#begin(draft, draft.savedId === undefined, why));
  }

  /** Lays a letter on the desk, open; the same one is only unfolded. Nothing of it is kept before it is changed. */
  begin(draft: Draft): void {
    this.#begin(draft, false, undefined);
  }

  /** Lays a letter back that was just taken off. */
  putBack(draft: Draft): void {
    this.#begin(draft, true, undefined);
  }

  /** Opens a letter of the drafts mailbox; `false`: it is not there any more. Rejects with WritingError. */
  async open(savedId: string): Promise<boolean> {
    const there = this.#letters.getSnapshot().find(({ draft }) => draft.savedId === savedId);
    const draft = there?.draft ?? (await this.#writing.read(savedId));
    if (draft === undefined) return false;
    if (await this.#writing.take(draft.id)) this.begin(draft);
    else {
      const copy = { ...draft, id: `${this.#newId()}${draft.id.slice(draft.id.lastIndexOf('@'))}`, savedId: undefined };
      this.begin(copy);
      this.#set(copy.id, { news: 'copy' });
    }
    return true;
  }

  change(id: string, change: (draft: Draft) => Draft): void {
    const letter = this.#find(id);
    const work = this.#work.get(id);
    if (letter === undefined || work === undefined) return;
    const draft = change(letter.draft);
    if (draft === letter.draft) return;
    work.changes += 1;
    this.#set(id, { draft, keeping: letter.keeping === 'keeping' ? 'keeping' : 'changed' });
    work.cancelTimer ??= this.#clock.after(KEEP_AFTER_MS, () => void this.keep(id));
    work.cancelShelving ??= this.#clock.after(SHELVE_AFTER_MS, () => void this.#shelve(id));
  }

  fold(id: string, isFolded: boolean): void {
    this.#set(id, { isFolded });
    if (!isFolded) this.#foldOthers(id);
  }

  /** Adds files and begins to upload them. `inline`: as pictures of the text. Returns what was added. */
  attach(id: string, files: readonly File[], how: { readonly isInline: boolean }): readonly DraftFile[] {
    const added = files.map((file): DraftFile => {
      const cid = how.isInline ? this.#newId() : undefined;
      const type = file.type || 'application/octet-stream';
      const url = URL.createObjectURL(file);
      return { id: this.#newId(), name: file.name, type, sizeBytes: file.size, cid, url, blobId: undefined, file };
    });
    this.change(id, (draft) => ({ ...draft, files: [...draft.files, ...added] }));
    for (const { id: fileId } of added) void this.#upload(id, fileId);
    return added;
  }

  /** Where a picture of the text can be looked at. */
  pictureUrl(id: string, cid: string): string | undefined {
    return this.#find(id)?.draft.files.find((file) => file.cid === cid)?.url;
  }

  /** Takes along what the letter answered had attached. */
  takeOffered(id: string): void {
    this.change(id, (draft) => ({ ...draft, files: [...draft.files, ...draft.offered], offered: [] }));
  }

  retryUpload(id: string, fileId: string): void {
    void this.#upload(id, fileId);
  }

  /** Takes a file off, and stops its upload. */
  detach(id: string, fileId: string): void {
    this.#work.get(id)?.uploads.get(fileId)?.abort();
    this.#setUpload(id, fileId, undefined);
    this.change(id, (draft) => ({ ...draft, files: draft.files.filter((file) => file.id !== fileId) }));
  }

  /** Settles when the server has what is written; `false`: it has not, as the letter tells. Never rejects. */
  async keep(id: string): Promise<boolean> {
    const work = this.#work.get(id);
    if (work === undefined) return true;
    while ((this.#find(id)?.keeping ?? 'kept') !== 'kept') {
      work.keeping ??= this.#keepOnce(id, work);
      if (!(await work.keeping)) return false;
    }
    return true;
  }

  /** Everything at once: the page may be closed. */
  keepAll(): void {
    for (const { draft, keeping } of this.#letters.getSnapshot()) {
      if (keeping !== 'kept') void this.#shelve(draft.id);
      void this.keep(draft.id);
    }
  }

  /** Lays everything where the next tab finds it: this one is left, and the server takes nothing just now. Never rejects. */
  async leave(): Promise<void> {
    const unkept = this.#letters.getSnapshot().filter((letter) => letter.keeping !== 'kept' || letter.uploads.size > 0);
    await Promise.all(unkept.map(({ draft }) => this.#shelve(draft.id)));
    this.#isLeft = true;
  }

  /**
   * Takes a letter off the desk when the server has it, and answers it as it was kept. `untouched`: there was nothing to
   * keep. `staying`: it cannot be kept now, or files are still under way; it stays on the desk.
   */
  async close(id: string): Promise<Draft | 'untouched' | 'staying'> {
    const letter = this.#find(id);
    if (letter === undefined) return 'untouched';
    if (isUploading(letter)) {
      this.fold(id, true);
      return 'staying';
    }
    const isUntouched = letter.keeping === 'kept' && letter.draft.savedId === undefined;
    if (!(await this.keep(id))) return 'staying';
    const kept = this.#find(id)?.draft;
    this.#remove(id);
    return isUntouched || kept === undefined ? 'untouched' : kept;
  }

  /** Throws a letter away; what was kept of it goes to the trash. `putBack` with the answer undoes it. */
  async discard(id: string): Promise<Draft | undefined> {
    await this.#work.get(id)?.keeping;
    const draft = this.#find(id)?.draft;
    this.#remove(id);
    if (draft?.savedId !== undefined) this.#writing.throwAway(draft.savedId);
    return draft;
  }

  /** Hands a letter over; undefined: it is not on the desk. Files whose upload failed for want of a line go with it. */
  async send(id: string, sendAt: Date | undefined): Promise<Sending | undefined> {
    // What is being kept just now is what the letter takes the place of.
    await this.#work.get(id)?.keeping;
    const letter = this.#find(id);
    if (letter === undefined) return undefined;
    const sending = this.#writing.send(letter.draft, sendAt);
    this.#remove(id);
    return sending;
  }

  #begin(draft: Draft, isChanged: boolean, unsent: Trouble | undefined): void {
    const { id } = draft;
    if (this.#find(id) === undefined) {
      this.#work.set(id, {
        keeping: undefined,
        cancelTimer: undefined,
        cancelShelving: undefined,
        changes: 0,
        uploads: new Map(),
      });
      void this.#writing.take(id);
      const letter: Letter = {
        draft,
        keeping: 'kept',
        unkept: undefined,
        unsent,
        uploads: new Map(),
        isFolded: false,
        news: undefined,
      };
      this.#letters.set([...this.#letters.getSnapshot(), letter]);
      for (const file of draft.files) if (file.blobId === undefined) void this.#upload(id, file.id);
      if (isChanged) this.change(id, (draft) => ({ ...draft }));
    }
    this.fold(id, false);
  }

  /** One form to the server. Never rejects. */
  async #keepOnce(id: string, work: Work): Promise<boolean> {
    work.cancelTimer?.();
    work.cancelTimer = undefined;
    const draft = this.#find(id)?.draft;
    if (draft === undefined) return true;
    const { changes } = work;
    this.#set(id, { keeping: 'keeping' });
    try {
      const { savedId, files: kept, isParted } = await this.#writing.keep(draft);
      const now = this.#find(id);
      if (now === undefined) return true;
      const isLast = work.changes === changes;
      const files = now.draft.files.map((file) => ({ ...file, ...kept.get(file.id) }));
      this.#set(id, {
        draft: { ...now.draft, savedId, files },
        keeping: isLast ? 'kept' : 'changed',
        unkept: undefined,
        ...(isParted && { news: 'parted' }),
      });
      if (isLast && now.uploads.size === 0) this.#unshelve(id, work);
      return true;
    } catch (error) {
      this.#set(id, { keeping: 'failed', unkept: troubleOf(error) });
      work.cancelTimer ??= this.#clock.after(KEEP_AGAIN_MS, () => void this.keep(id));
      return false;
    } finally {
      work.keeping = undefined;
    }
  }

  /** Never rejects. */
  async #upload(id: string, fileId: string): Promise<void> {
    const work = this.#work.get(id);
    const file = this.#find(id)?.draft.files.find((one) => one.id === fileId)?.file;
    if (work === undefined || file === undefined) return;
    const abort = new AbortController();
    const { signal } = abort;
    work.uploads.set(fileId, abort);
    const show = (upload: Upload) => signal.aborted || this.#setUpload(id, fileId, upload);
    show({ kind: 'uploading', sentBytes: 0 });
    try {
      await this.#checkSize(id, file);
      const onProgress = (sentBytes: number) => show({ kind: 'uploading', sentBytes });
      const blobId = await this.#writing.upload(file, { signal, onProgress });
      if (signal.aborted) return;
      this.change(id, (draft) => ({
        ...draft,
        files: draft.files.map((one) => (one.id === fileId ? { ...one, blobId, file: undefined } : one)),
      }));
      this.#setUpload(id, fileId, undefined);
    } catch (error) {
      if (!signal.aborted) show({ kind: 'failed', trouble: troubleOf(error) });
    } finally {
      if (work.uploads.get(fileId) === abort) work.uploads.delete(fileId);
    }
  }

  /** Throws WritingError: it would be uploaded in vain. */
  async #checkSize(id: string, file: Blob): Promise<void> {
    const { fileBytes, lettersFilesBytes } = await this.#writing.limits();
    const all = this.#find(id)?.draft.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? 0;
    if (file.size > fileBytes || all > lettersFilesBytes) throw new WritingError({ reason: 'tooLarge', detail: '' });
  }

  /** Never rejects. */
  async #shelve(id: string): Promise<void> {
    const work = this.#work.get(id);
    const letter = this.#find(id);
    if (work === undefined || letter === undefined) return;
    work.cancelShelving?.();
    work.cancelShelving = undefined;
    await this.#writing.shelve(letter.draft);
  }

  #unshelve(id: string, work: Work | undefined): void {
    work?.cancelShelving?.();
    if (work) work.cancelShelving = undefined;
    void this.#writing.unshelve(id);
  }

  #foldOthers(id: string): void {
    const open = this.#letters.getSnapshot().filter((one) => !one.isFolded && one.draft.id !== id);
    for (const { draft } of open.slice(0, Math.max(0, open.length + 1 - MOST_OPEN)))
      this.#set(draft.id, { isFolded: true });
  }

  #find(id: string): Letter | undefined {
    return this.#letters.getSnapshot().find(({ draft }) => draft.id === id);
  }

  #set(id: string, change: Partial<Letter>): void {
    this.#letters.set(this.#letters.getSnapshot().map((one) => (one.draft.id === id ? { ...one, ...change } : one)));
  }

  #setUpload(id: string, fileId: string, upload: Upload | undefined): void {
    const uploads = new Map(this.#find(id)?.uploads);
    if (upload === undefined) uploads.delete(fileId);
    else uploads.set(fileId, upload);
    this.#set(id, { uploads });
  }

  #remove(id: string): void {
    const work = this.#work.get(id);
    work?.cancelTimer?.();
    this.#unshelve(id, work);
    this.#writing.release(id);
    for (const abort of work?.uploads.values() ?? []) abort.abort();
    this.#work.delete(id);
    this.#letters.set(this.#letters.getSnapshot().filter(({ draft }) => draft.id !== id));
  }
}

/** Whether files are under way. */
export function isUploading({ uploads }: Letter): boolean {
  return uploads.values().some(({ kind }) => kind === 'uploading');
}

/** A file that the server refuses keeps the letter from going; one that only could not be uploaded goes with it. */
export function isRefused({ uploads }: Letter): boolean {
  return uploads.values().some((upload) => upload.kind === 'failed' && upload.trouble.reason !== 'offline');
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof WritingError) return error.trouble;
  throw error;
}
