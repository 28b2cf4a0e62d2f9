/**
 * What searching needs from a storage backend: which Emails have which words where. The index is derived from the mail: it may
 * lag behind it, and it can be dropped and made again. How far it has come is part of it, so that neither can be lost
 * without the other. A backend that passes test/contract/search-index.ts is a backend.
 */
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import type { SearchDocument, SearchQuery } from '#search/types.ts';

/** An Email to be indexed. */
export interface IndexEntry {
  readonly emailId: EmailId;
  readonly blobKey: BlobKey;
  /** May be absent where the index has the blob's text already (`sharedBlobs`). */
  readonly document?: SearchDocument;
}

/** The next Emails of one account. */
export interface IndexSlice {
  readonly accountId: AccountId;
  /** Where the account's index ends; when it ends elsewhere by now, somebody else was at it, and nothing is written. */
  readonly from: EmailId;
  /** Where it ends afterwards: every Email from `from` on and below is among `entries`, or gone, or cannot be read. */
  readonly next: EmailId;
  /** By Email id, ascending. */
  readonly entries: readonly IndexEntry[];
}

export interface IndexBacklog {
  /** Accounts with Emails that are not indexed yet, at most `limit`, by id: from which one on, and the next to come. */
  readonly accounts: readonly { readonly accountId: AccountId; readonly from: EmailId; readonly next: EmailId }[];
  /** How many Emails those of all accounts are; more by those that were deleted meanwhile. */
  readonly waiting: number;
}

export interface IndexHits {
  /** The hits (`isHit`) and no others, newest first, of this account only; among them Emails that are gone since. */
  readonly emailIds: readonly EmailId[];
  /** Emails from here on are not indexed yet: they may be hits or not. */
  readonly indexedBelow: EmailId;
}

export interface SearchIndex {
  /** `query`: not empty. */
  find(accountId: AccountId, query: SearchQuery): Promise<IndexHits>;
  backlog(limit: number): Promise<IndexBacklog>;
  /** Those of `blobKeys` that so many Emails share that they are indexed once for all; whether their text is there. */
  sharedBlobs(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, boolean>>;
  /** All of it or nothing. */
  write(slices: readonly IndexSlice[]): Promise<void>;
  /**
   * Where the index is lost or was found damaged, puts an empty one in its place and answers what was wrong. Only who
   * writes may call it.
   */
  mend(): Promise<string | undefined>;
  /** Drops what is indexed of the account, or of all: it will be indexed anew. */
  forget(accountId: AccountId | 'all'): Promise<void>;
  /** Gives back the space of what was deleted; answers how many texts were dropped. */
  tidy(): Promise<number>;
}
