/** The school's notices (通知公告): published with their files, read by everybody they are for, withdrawn. */
import { createHmac } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { LruMap } from '#base/lru-map.ts';
import { peerNetwork } from '#base/network-address.ts';
import { sanitiseFileName } from '#mime/file-name.ts';
import { NOTICE_LIMITS } from './limits.ts';
import { mediaTypeOf } from './media-types.ts';
import type { NoticeOperations, PublishArgs } from './operations.ts';
import type { NoticeReader, NoticeStore } from './ports/notice-store.ts';
import type { NoticeFileRow, NoticeHead, NoticeRow } from './types.ts';

type NoticeWords = Pick<NoticeRow, 'number' | 'title' | 'body'>;

export interface NoticeDraft extends NoticeWords, Pick<NoticeRow, 'realm'> {
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
}

/** A notice as it is read, between its neighbours that the same people may read. */
export interface OpenNotice {
  readonly notice: NoticeRow;
  readonly files: readonly NoticeFileRow[];
  readonly newer: NoticeHead | undefined;
  readonly older: NoticeHead | undefined;
}

export interface OpenFile extends NoticeFileRow {
  /** Octets [start, end), in pieces as they are asked for. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

export interface NoticesParts {
  readonly store: NoticeStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Readers are remembered by digests under it, which are nobody's addresses: there are too few of those to digest them without. */
  readonly viewKey: Uint8Array;
}

/** Above all ids: the newest. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** In `realm`: at the doors of that realm; null: at one that is nobody's in particular. */
export class Notices {
  readonly #store: NoticeStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #viewKey: Uint8Array;
  /** When a notice was last counted for an address, as far as this thread knows. */
  readonly #counted = new LruMap<string, number>(NOTICE_LIMITS.viewsRemembered);

  constructor({ store, clock, viewKey }: NoticesParts) {
    this.#store = store;
    this.#clock = clock;
    this.#viewKey = viewKey;
  }

  /** Answers its id. Throws `invalid` and `tooLarge`, in words for whoever wrote it. */
  async publish({ number, title, body, realm, files }: NoticeDraft): Promise<number> {
    const args: PublishArgs = {
      ...checkText({ number, title, body }),
      realm,
      files: files.map(({ name, content }) => {
        const safe = sanitiseFileName(name) ?? 'file';
        return { name: safe, mediaType: mediaTypeOf(safe), content };
      }),
    };
    if (files.length > NOTICE_LIMITS.files)
      throw new MailError('invalid', `a notice has at most ${NOTICE_LIMITS.files} files`);
    for (const { name, content } of args.files) {
      if (content.length > NOTICE_LIMITS.fileBytes)
        throw new MailError('tooLarge', `${name} is larger than ${NOTICE_LIMITS.fileBytes} octets`);
    }
    return this.#run('publish', args);
  }

  /** What is given instead of what stood there. Whether it stands; throws as `publish` does. */
  async edit(noticeId: number, change: Partial<NoticeWords>): Promise<boolean> {
    const notice = await this.#reader.notice(noticeId);
    if (notice === undefined) return false;
    const { number, title, body } = { ...notice, ...change };
    return this.#run('edit', { noticeId, ...checkText({ number, title, body }) });
  }

  /** Whether it stood until now. */
  withdraw(noticeId: number): Promise<boolean> {
    return this.#run('withdraw', { noticeId });
  }

  /** All of them, withdrawn or not, the newest first. */
  all(before = NEWEST): Promise<readonly NoticeHead[]> {
    return this.#reader.all(before, NOTICE_LIMITS.page);
  }

  newest(realm: string | null): Promise<readonly NoticeHead[]> {
    return this.#reader.older(realm, NEWEST, NOTICE_LIMITS.newest);
  }

  /** A page of the list, those with ids below `before`; `next` is what the following page begins with. */
  async list(
    realm: string | null,
    before = NEWEST,
  ): Promise<{ readonly notices: readonly NoticeHead[]; readonly next: number | null }> {
    const found = await this.#reader.older(realm, before, NOTICE_LIMITS.page + 1);
    const notices = found.slice(0, NOTICE_LIMITS.page);
    return { notices, next: found.length > notices.length ? (notices.at(-1)?.noticeId ?? null) : null };
  }

  /** Undefined: there is none, it was withdrawn, or it is for others. */
  async find(realm: string | null, noticeId: number): Promise<NoticeRow | undefined> {
    const notice = await this.#reader.notice(noticeId);
    if (notice === undefined || notice.withdrawnAt !== null) return undefined;
    return notice.realm === null || notice.realm === realm ? notice : undefined;
  }

  /** The same, with what stands around it. */
  async open(realm: string | null, noticeId: number): Promise<OpenNotice | undefined> {
    const notice = await this.find(realm, noticeId);
    if (notice === undefined) return undefined;
    const [files, [newer], [older]] = await Promise.all([
      this.#reader.files(noticeId),
      this.#reader.newer(realm, noticeId, 1),
      this.#reader.older(realm, noticeId, 1),
    ]);
    return { notice, files, newer, older };
  }

  /** Whomever it is for, withdrawn or not. */
  findAny(noticeId: number): Promise<NoticeRow | undefined> {
    return this.#reader.notice(noticeId);
  }

  /** Of any notice. */
  files(noticeId: number): Promise<readonly NoticeFileRow[]> {
    return this.#reader.files(noticeId);
  }

  /** The notice's file number `at`, from 0; undefined where the notice is not to be read. */
  async openFile(realm: string | null, noticeId: number, at: number): Promise<OpenFile | undefined> {
    if ((await this.find(realm, noticeId)) === undefined) return undefined;
    const file = (await this.#reader.files(noticeId))[at];
    return file && { ...file, read: (start, end) => this.#readFile(noticeId, at, start, end) };
  }

  /** Somebody at that address reads it: counted once in NOTICE_LIMITS.viewMs, whatever server was asked. Whether it was now. */
  async noteView(noticeId: number, remoteAddress: string): Promise<boolean> {
    const key = `${noticeId} ${peerNetwork(remoteAddress)}`;
    const now = this.#clock.now();
    const last = this.#counted.get(key);
    if (last !== undefined && now < last + NOTICE_LIMITS.viewMs) return false;
    this.#counted.set(key, now);
    const digest = createHmac('sha256', this.#viewKey).update(key).digest();
    return this.#run('countView', {
      noticeId,
      slot: digest.readUInt32BE(0) % NOTICE_LIMITS.viewSlots,
      mark: digest.toString('hex', 4, 20),
      after: now - NOTICE_LIMITS.viewMs,
    });
  }

  async *#readFile(noticeId: number, at: number, start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let from = start; from < end; from += NOTICE_LIMITS.pieceBytes) {
      const octets = await this.#reader.fileOctets(noticeId, at, from, Math.min(end, from + NOTICE_LIMITS.pieceBytes));
      if (octets === undefined) throw new Error(`file ${at} of notice ${noticeId} is gone`);
      yield octets;
    }
  }

  get #reader(): NoticeReader {
    return this.#store.reader;
  }

  #run<Name extends keyof NoticeOperations>(
    name: Name,
    args: Parameters<NoticeOperations[Name]['run']>[1],
  ): ReturnType<NoticeOperations[Name]['run']> {
    return this.#store.run(name, args) as ReturnType<NoticeOperations[Name]['run']>;
  }
}

function checkText({ number, title, body }: NoticeWords): NoticeWords {
  const checked = {
    number: line(number, 'number', NOTICE_LIMITS.numberLength),
    title: line(title, 'title', NOTICE_LIMITS.titleLength),
    body: body.toWellFormed().replaceAll('\0', '').replace(/\r\n?/g, '\n').trim(),
  };
  if (checked.title === '') throw new MailError('invalid', 'a notice has a title');
  if (checked.body === '') throw new MailError('invalid', 'a notice has a text');
  if (checked.body.length > NOTICE_LIMITS.bodyLength)
    throw new MailError('tooLarge', `the text of a notice has at most ${NOTICE_LIMITS.bodyLength} characters`);
  return checked;
}

/** One line, without what would steer a terminal or turn the text's direction. */
function line(text: string, what: string, maxLength: number): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .trim();
  if (clean.length > maxLength)
    throw new MailError('tooLarge', `the ${what} of a notice has at most ${maxLength} characters`);
  return clean;
}
