/** Listeners by account, and by section, for stores that are told of changes. */
import type { AccountId, ModSeq } from '#base/ids.ts';
import type { SectionKey, SectionName } from './operations.ts';

type Listener = (modSeq: ModSeq) => void;

export class Watchers {
  readonly #listeners = new Map<AccountId, Set<Listener>>();

  /** `onFirst` and `onLast` tell when an account becomes watched at all and when it ceases to be. */
  add(
    accountId: AccountId,
    listener: Listener,
    on: { readonly first?: () => void; readonly last?: () => void } = {},
  ): () => void {
    // A listener of its own for each call: the same function may watch twice.
    const entry: Listener = (modSeq) => listener(modSeq);
    const set = this.#listeners.get(accountId);
    if (set !== undefined) {
      set.add(entry);
    } else {
      this.#listeners.set(accountId, new Set([entry]));
      on.first?.();
    }
    return () => {
      const current = this.#listeners.get(accountId);
      if (current?.delete(entry) !== true || current.size > 0) return;
      this.#listeners.delete(accountId);
      on.last?.();
    };
  }

  notify(accountId: AccountId, modSeq: ModSeq): void {
    for (const listener of this.#listeners.get(accountId) ?? []) listener(modSeq);
  }

  /** The accounts being watched. */
  accountIds(): AccountId[] {
    return [...this.#listeners.keys()];
  }
}

type SectionListener = (key: SectionKey) => void;

export class SectionWatchers {
  readonly #listeners = new Map<SectionName, Set<SectionListener>>();

  add(section: SectionName, listener: SectionListener): () => void {
    const entry: SectionListener = (key) => listener(key);
    const set = this.#listeners.get(section);
    if (set === undefined) this.#listeners.set(section, new Set([entry]));
    else set.add(entry);
    return () => void this.#listeners.get(section)?.delete(entry);
  }

  /** Whether anybody ever listened. */
  has(section: SectionName): boolean {
    return this.#listeners.has(section);
  }

  notify(section: SectionName, key: SectionKey): void {
    for (const listener of this.#listeners.get(section) ?? []) listener(key);
  }
}
