/** Where accounts are at home, remembered: the realm of the primary address. */
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import { MAX_HOMES_KEPT } from './limits.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import type { Realm, Realms } from './realms.ts';

export class Homes {
  readonly #reader: Pick<DirectoryReader, 'addressesOf'>;
  readonly #realms: Realms;
  /** Null: in none. */
  readonly #known = new LruMap<AccountId, Realm | null>(MAX_HOMES_KEPT);
  #changes = 0;

  constructor(reader: Pick<DirectoryReader, 'addressesOf'>, realms: Realms) {
    this.#reader = reader;
    this.#realms = realms;
  }

  async of(accountId: AccountId): Promise<Realm | undefined> {
    if (this.#realms.all.length === 0) return undefined;
    const known = this.#known.get(accountId);
    if (known !== undefined) return known ?? undefined;
    const changes = this.#changes;
    const [primary] = await this.#reader.addressesOf(accountId);
    const home = primary && this.#realms.ofDomain(primary.domain);
    // What was read before a change is not remembered after it.
    if (changes === this.#changes) this.#known.set(accountId, home ?? null);
    return home;
  }

  forget(accountId: AccountId): void {
    this.#changes++;
    this.#known.delete(accountId);
  }
}
