/**
 * Indexes of mailboxes that nobody has open just now, kept because somebody soon will: a phone signs in every few
 * minutes, and loading 500,000 rows each time would cost what keeping them saves. Bounded by rows, least recently
 * used first out.
 */
import type { MailboxIndex } from './mailbox-index.ts';

export class IndexShelf {
  readonly #mostEntries: number;
  readonly #indexes = new Map<string, { readonly index: MailboxIndex; readonly entries: number }>();
  #entries = 0;

  /** `mostEntries`: rows kept in all, some 20 octets each. */
  constructor(mostEntries: number) {
    this.#mostEntries = mostEntries;
  }

  /** Rows kept. */
  get entries(): number {
    return this.#entries;
  }

  put(index: MailboxIndex): void {
    // An index that nobody loaded is as quickly made anew, and one beyond the bound would push out all the others.
    const { length, known } = index.list;
    if (!index.isLoaded || length - known > this.#mostEntries) return;
    // Small mailboxes count too: an index is more than its rows.
    const entries = length - known + 100;
    this.#indexes.set(keyOf(index.accountId, index.mailboxId), { index, entries });
    this.#entries += entries;
    for (const key of this.#indexes.keys()) {
      if (this.#entries <= this.#mostEntries) break;
      this.#remove(key);
    }
  }

  /** Takes an index off the shelf. It shows what was; the next refresh brings it up to date. */
  take(accountId: number, mailboxId: number): MailboxIndex | undefined {
    return this.#remove(keyOf(accountId, mailboxId));
  }

  #remove(key: string): MailboxIndex | undefined {
    const kept = this.#indexes.get(key);
    if (kept === undefined) return undefined;
    this.#indexes.delete(key);
    this.#entries -= kept.entries;
    return kept.index;
  }
}

function keyOf(accountId: number, mailboxId: number): string {
  return `${accountId}:${mailboxId}`;
}
