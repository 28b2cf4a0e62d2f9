/**
 * Brings the index up to the mail, slice by slice. What is done is told by the index alone: after a crash the next step
 * goes on where the last one was committed, and two indexers at once do no harm.
 */
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import { errorText, isMailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { MessageSummary, MimePart } from '#mime/structure.ts';
import { makeDocument, readTexts } from './document.ts';
import { SEARCH_LIMITS } from './limits.ts';
import type { IndexEntry, IndexSlice, SearchIndex } from './ports/search-index.ts';
import type { SearchDocument } from './types.ts';

/** Where messages are read from: a part of the mail store's reader. */
export interface MessageSource {
  account(accountId: AccountId): Promise<{ readonly nextEmailId: number } | undefined>;
  /** Those that exist. */
  emails(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { readonly emailId: EmailId; readonly blobKey: BlobKey }[]>;
  listRows(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { readonly emailId: EmailId; readonly summary: MessageSummary }[]>;
  structure(accountId: AccountId, emailId: EmailId): Promise<MimePart | undefined>;
  readMessage(accountId: AccountId, emailId: EmailId): Promise<Buffer>;
}

/** Reads what attachments say; never throws: a file that cannot be read says nothing. */
export type ReadFiles = (octets: Buffer, structure: MimePart) => Promise<string>;

export interface IndexerOptions {
  readonly index: SearchIndex;
  readonly source: MessageSource;
  readonly readFiles: ReadFiles;
  readonly log: Logger;
}

export class Indexer {
  readonly #options: IndexerOptions;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** Indexes some of what waits; answers how much waited before. 0: the index is up to the mail. */
  async step(): Promise<number> {
    const { index, log } = this.#options;
    const damage = await index.mend();
    if (damage !== undefined) log.error({ damage }, 'the search index is damaged: it is made anew from the mail');
    const { accounts, waiting } = await index.backlog(SEARCH_LIMITS.sliceEmails);
    const slices: IndexSlice[] = [];
    /** Of this step: an announcement comes to many accounts at once. */
    const documents = new Map<BlobKey, SearchDocument>();
    let emailsLeft: number = SEARCH_LIMITS.sliceEmails;
    let charsLeft: number = SEARCH_LIMITS.sliceChars;
    for (const { accountId, from, next } of accounts) {
      if (emailsLeft <= 0 || charsLeft <= 0) break;
      if (from > next) {
        log.warn({ accountId }, 'the index is ahead of the mail, which came from a backup: it is made anew');
        await index.forget(accountId);
        continue;
      }
      const end = Math.min(next, from + emailsLeft) as EmailId;
      emailsLeft -= end - from;
      const { slice, chars } = await this.#readSlice(accountId, from, end, charsLeft, documents);
      charsLeft -= chars;
      slices.push(slice);
    }
    if (slices.length > 0) await index.write(slices);
    return Math.max(waiting, accounts.length);
  }

  async #readSlice(
    accountId: AccountId,
    from: EmailId,
    end: EmailId,
    maxChars: number,
    documents: Map<BlobKey, SearchDocument>,
  ): Promise<{ readonly slice: IndexSlice; readonly chars: number }> {
    const { index, source } = this.#options;
    const ids = Array.from({ length: end - from }, (_, n) => (from + n) as EmailId);
    const rows = await source.emails(accountId, ids);
    const shared = await index.sharedBlobs(rows.map(({ blobKey }) => blobKey));
    const entries: IndexEntry[] = [];
    let chars = 0;
    for (const { emailId, blobKey } of rows) {
      if (chars > maxChars) return { slice: { accountId, from, next: emailId, entries }, chars };
      if (shared.get(blobKey) === true) {
        entries.push({ emailId, blobKey });
        continue;
      }
      let document = documents.get(blobKey);
      if (document === undefined) {
        document = await this.#read(accountId, emailId);
        if (document === undefined) continue;
        documents.set(blobKey, document);
        for (const text of Object.values(document)) chars += text.length;
      }
      entries.push({ emailId, blobKey, document });
    }
    return { slice: { accountId, from, next: end, entries }, chars };
  }

  /** `undefined` when it is gone. Of a message that cannot be read, what its row tells. */
  async #read(accountId: AccountId, emailId: EmailId): Promise<SearchDocument | undefined> {
    const { source, readFiles, log } = this.#options;
    const found = await readMessageTexts(source, accountId, emailId);
    if (found === undefined) return undefined;
    const { octets, structure, summary } = found;
    if (octets === undefined) {
      log.warn({ accountId, emailId }, 'a message could not be read for the index; its header fields were indexed');
      return makeDocument({ ...readTexts(Buffer.alloc(0), structure, summary), isCut: true });
    }
    return makeDocument(readTexts(octets, structure, summary, await readFiles(octets, structure)));
  }
}

/** A message with what is needed to read its texts; `octets` absent when they are damaged. */
export async function readMessageTexts(
  source: MessageSource,
  accountId: AccountId,
  emailId: EmailId,
): Promise<
  { readonly octets: Buffer | undefined; readonly structure: MimePart; readonly summary: MessageSummary } | undefined
> {
  const [row] = await source.listRows(accountId, [emailId]);
  const structure = await source.structure(accountId, emailId);
  if (row === undefined || structure === undefined) return undefined;
  try {
    return { octets: await source.readMessage(accountId, emailId), structure, summary: row.summary };
  } catch (error) {
    if (isMailError(error, 'notFound')) return undefined;
    if (isMailError(error, 'unavailable')) return { octets: undefined, structure, summary: row.summary };
    throw new Error(`message ${emailId} of account ${accountId} cannot be read: ${errorText(error)}`, { cause: error });
  }
}
