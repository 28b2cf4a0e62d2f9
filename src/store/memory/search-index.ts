/** SearchIndex in memory: the readable model. Every text is looked through. */
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import type { MailReader } from '#mail/ports/mail-store.ts';
import type { IndexBacklog, IndexHits, IndexSlice, SearchIndex } from '#search/ports/search-index.ts';
import { type SearchDocument, type SearchQuery, isHit } from '#search/types.ts';

interface IndexedAccount {
  next: EmailId;
  readonly documents: Map<EmailId, SearchDocument>;
}

const FIRST = 1 as EmailId;

function emptyAccount(): IndexedAccount {
  return { next: FIRST, documents: new Map() };
}

export class MemorySearchIndex implements SearchIndex {
  readonly #reader: MailReader;
  readonly #accounts = new Map<AccountId, IndexedAccount>();

  constructor(reader: MailReader) {
    this.#reader = reader;
  }

  async mend(): Promise<undefined> {}

  async find(accountId: AccountId, query: SearchQuery): Promise<IndexHits> {
    const { next, documents } = this.#accounts.get(accountId) ?? emptyAccount();
    const emailIds = [...documents].filter(([, document]) => isHit(document, query)).map(([emailId]) => emailId);
    return { emailIds: emailIds.toSorted((a, b) => b - a), indexedBelow: next };
  }

  async backlog(limit: number): Promise<IndexBacklog> {
    const accounts: IndexBacklog['accounts'][number][] = [];
    for (const accountId of await this.#reader.accountIds()) {
      const next = ((await this.#reader.account(accountId))?.nextEmailId ?? FIRST) as EmailId;
      const from = this.#accounts.get(accountId)?.next ?? FIRST;
      if (from !== next) accounts.push({ accountId, from, next });
    }
    const waiting = accounts.reduce((sum, { from, next }) => sum + Math.max(0, next - from), 0);
    return { accounts: accounts.slice(0, limit), waiting };
  }

  async sharedBlobs(): Promise<ReadonlyMap<BlobKey, boolean>> {
    return new Map();
  }

  async write(slices: readonly IndexSlice[]): Promise<void> {
    for (const { accountId, from, next, entries } of slices) {
      const account = this.#accounts.get(accountId) ?? emptyAccount();
      if (account.next !== from) continue;
      for (const { emailId, document } of entries)
        if (document !== undefined) account.documents.set(emailId, structuredClone(document));
      account.next = next;
      this.#accounts.set(accountId, account);
    }
  }

  async forget(accountId: AccountId | 'all'): Promise<void> {
    if (accountId === 'all') this.#accounts.clear();
    else this.#accounts.delete(accountId);
  }

  async tidy(): Promise<number> {
    let dropped = 0;
    for (const [accountId, { documents }] of this.#accounts) {
      const kept = new Set((await this.#reader.emails(accountId, [...documents.keys()])).map(({ emailId }) => emailId));
      for (const emailId of documents.keys()) if (!kept.has(emailId) && documents.delete(emailId)) dropped++;
      if ((await this.#reader.account(accountId)) === undefined) this.#accounts.delete(accountId);
    }
    return dropped;
  }
}
