/**
 * What the owners of accounts do to them themselves: claim one that waits for them, choose the alias, bind a telephone,
 * set a password anew by it. Who is asking, and that a telephone is in their hand, is proven before.
 */
import type { Clock } from '#base/clock.ts';
import { isMailError, MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Random } from '#base/random.ts';
import { formatAddress } from './address.ts';
import { judgeAlias, makeAliasRules } from './alias-policy.ts';
import type { AliasFault, AliasRules } from './alias-policy.ts';
import type { Directory } from './directory.ts';
import { ALIAS_CHANGE_MS, ALIAS_HELD_MS, ALIASES_RETIRED_AT_ONCE, MAX_ACCOUNTS_PER_PHONE } from './limits.ts';
import { examineChoice } from './operations/choose-alias.ts';
import type { DirectoryOperations } from './operations.ts';
import { PhoneVault } from './phone-number.ts';
import type { DirectoryStore } from './ports/directory-store.ts';
import type { ConsentRow } from './types.ts';
import { UnitWords } from './unit-words.ts';

export interface SelfServiceParts {
  readonly store: DirectoryStore;
  readonly directory: Pick<Directory, 'makeVerifiers'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Of telephones: 32 secret octets, the same in every thread and after a restart, and not in the database. */
  readonly phoneKey: Uint8Array;
  /** Names nobody may choose, beside those no school gives away and what the roster's units are called for short. */
  readonly reservedAliases: readonly string[];
}

/** `until`: when it can be had, where that is known; milliseconds since the epoch. */
export interface AliasRefusal {
  readonly fault: AliasFault;
  readonly until: number | null;
}

export interface AliasStanding {
  /** Null: none was chosen yet. */
  readonly address: string | null;
  /** From then on another can be chosen. */
  readonly changeableAt: number;
  /** Those before that still deliver, and until when. */
  readonly held: readonly { readonly address: string; readonly until: number }[];
}

export type Activation =
  | { readonly kind: 'activated' }
  | { readonly kind: 'aliasRefused'; readonly refusal: AliasRefusal }
  /** The telephone serves as many accounts as it may. */
  | { readonly kind: 'phoneFull' }
  /** Somebody was sooner, or the account is not to be had any more. */
  | { readonly kind: 'over' };

export class SelfService {
  readonly #parts: SelfServiceParts;
  readonly #unitWords: UnitWords;
  #aliasRules: { readonly of: readonly string[]; readonly rules: AliasRules } | undefined;
  readonly vault: PhoneVault;

  constructor(parts: SelfServiceParts) {
    this.#parts = parts;
    this.#unitWords = new UnitWords(parts.store.reader, parts.clock);
    this.vault = new PhoneVault(parts.phoneKey);
  }

  /** The alias in its one spelling, or what is wrong with it. */
  async #judgeAlias(text: string): Promise<ReturnType<typeof judgeAlias>> {
    const words = await this.#unitWords.list();
    if (this.#aliasRules?.of !== words)
      this.#aliasRules = { of: words, rules: makeAliasRules([...this.#parts.reservedAliases, ...words]) };
    return judgeAlias(text, this.#aliasRules.rules);
  }

  /** What would come of choosing it now; undefined: it could be. `notFound`. */
  async findAliasFault(accountId: AccountId, text: string): Promise<AliasRefusal | undefined> {
    const judged = await this.#judgeAlias(text);
    if (typeof judged === 'string') return { fault: judged, until: null };
    const { reader } = this.#parts.store;
    const addresses = await reader.addressesOf(accountId);
    const [primary] = addresses;
    if (primary === undefined) throw new MailError('notFound', 'no such account', { data: { accountId } });
    const given = { accountId, addresses, alias: judged.alias, domain: primary.domain };
    const choice = await examineChoice(reader, this.#parts.clock.now(), given);
    return choice.kind === 'refused' ? choice : undefined;
  }

  async aliasOf(accountId: AccountId): Promise<AliasStanding> {
    const rows = await this.#parts.store.reader.chosenAliasesOf(accountId);
    const current = rows.find(({ leftAt }) => leftAt === null);
    return {
      address: current === undefined ? null : formatAddress(current),
      changeableAt: current === undefined ? 0 : current.chosenAt + ALIAS_CHANGE_MS,
      held: rows.flatMap((row) =>
        row.leftAt !== null && row.delivers ? [{ address: formatAddress(row), until: row.leftAt + ALIAS_HELD_MS }] : [],
      ),
    };
  }

  /** In any spelling. Undefined: it is the account's from now on. `notFound`. */
  async chooseAlias(accountId: AccountId, text: string): Promise<AliasRefusal | undefined> {
    const judged = await this.#judgeAlias(text);
    if (typeof judged === 'string') return { fault: judged, until: null };
    try {
      await this.#run('chooseAlias', { accountId, alias: judged.alias });
    } catch (error) {
      return readRefusal(error);
    }
    return undefined;
  }

  /** To be asked now and then. */
  async retireAliases(): Promise<void> {
    const limit = ALIASES_RETIRED_AT_ONCE;
    while ((await this.#run('retireAliases', { limit })) >= limit);
  }

  /** Whether it serves as many accounts as it may. */
  async isPhoneFull(phone: string): Promise<boolean> {
    const limit = MAX_ACCOUNTS_PER_PHONE;
    return (await this.#parts.store.reader.accountsOfPhone(this.vault.indexOf(phone), limit)).length >= limit;
  }

  /** E.164; undefined: none is bound. */
  async phoneOf(accountId: AccountId): Promise<string | undefined> {
    const row = await this.#parts.store.reader.phone(accountId);
    return row && this.vault.open(row.sealed, contextOf(accountId));
  }

  /** `phone` in E.164. `bound`: one is already; `full`: it serves as many accounts as it may. `notFound`. */
  async bindPhone(accountId: AccountId, phone: string): Promise<'done' | 'bound' | 'full'> {
    try {
      await this.#run('bindPhone', { accountId, ...this.#sealed(accountId, phone) });
      return 'done';
    } catch (error) {
      if (isMailError(error, 'alreadyExists')) return 'bound';
      if (isMailError(error, 'limit')) return 'full';
      throw error;
    }
  }

  /** False: there was none. `notFound`. */
  unbindPhone(accountId: AccountId): Promise<boolean> {
    return this.#run('unbindPhone', { accountId });
  }

  /** All of it or nothing. `phone` in E.164, `alias` in any spelling; `notFound`, `invalid` (the password). */
  async activate(given: {
    readonly accountId: AccountId;
    readonly provedAt: number;
    readonly phone: string;
    readonly alias: string | null;
    readonly password: string;
    readonly consent: Pick<ConsentRow, 'document' | 'version' | 'address'>;
  }): Promise<Activation> {
    const { accountId, provedAt, phone, password, consent } = given;
    const judged = given.alias === null ? { alias: null } : await this.#judgeAlias(given.alias);
    if (typeof judged === 'string') return { kind: 'aliasRefused', refusal: { fault: judged, until: null } };
    const verifiers = await this.#parts.directory.makeVerifiers(password);
    try {
      await this.#run('activateAccount', {
        accountId,
        provedAt,
        consent,
        ...verifiers,
        alias: judged.alias,
        phone: this.#sealed(accountId, phone),
      });
      return { kind: 'activated' };
    } catch (error) {
      if (isMailError(error, 'stateMismatch')) return { kind: 'over' };
      if (isMailError(error, 'limit')) return { kind: 'phoneFull' };
      return { kind: 'aliasRefused', refusal: readRefusal(error) };
    }
  }

  /** Whoever was signed in is so no more, by whatever. `notFound`, `invalid`. */
  async recover(accountId: AccountId, password: string): Promise<void> {
    await this.#run('recoverAccount', { accountId, ...(await this.#parts.directory.makeVerifiers(password)) });
  }

  #sealed(accountId: AccountId, phone: string): { readonly sealed: string; readonly phoneIndex: string } {
    const sealed = this.vault.seal(phone, contextOf(accountId), this.#parts.random);
    return { sealed, phoneIndex: this.vault.indexOf(phone) };
  }

  async #run<Name extends keyof DirectoryOperations>(
    name: Name,
    args: Parameters<DirectoryOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<DirectoryOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<DirectoryOperations[Name]['run']>>;
  }
}

function contextOf(accountId: AccountId): string {
  return `account ${accountId}`;
}

/** Throws what is none. Of two that race for an address, the later one is told so by the store. */
function readRefusal(error: unknown): AliasRefusal {
  if (isMailError(error, 'alreadyExists')) return { fault: 'taken', until: null };
  if (!isMailError(error, 'forbidden')) throw error;
  const { fault, until } = error.data;
  return { fault: fault as AliasFault, until: typeof until === 'number' ? until : null };
}
