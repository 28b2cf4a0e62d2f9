/**
 * The door of the directory: who has an account, under which addresses, and is this really them? Turns passwords into
 * verifiers before anything is stored. Mail itself, roles and the life cycle of people are not its matter.
 */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import { noMetrics } from '#base/metrics.ts';
import type { Metrics } from '#base/metrics.ts';
import { randomId, type Random } from '#base/random.ts';
import { WorkQueue } from '#base/work-queue.ts';
import type { AuthResult, SaslAuthority } from '#sasl/mechanism.ts';
import { prepareString } from '#sasl/saslprep.ts';
import { SCRAM_SALT_OCTETS } from '#sasl/limits.ts';
import { deriveScramVerifier, formatScramVerifier } from '#sasl/scram-verifier.ts';
import { canonicalizeDomain, formatAddress, parseAddress } from './address.ts';
import { resolveAddress } from './address-resolution.ts';
import type { AddressResolution, ResolutionSettings } from './address-resolution.ts';
import { endOfBox, writesAs } from './delegation.ts';
import type { SharedAccount } from './delegation.ts';
import {
  clientScramSalt,
  deriveClientScram,
  digestClientPassword,
  formatClientSecret,
  makeClientPassword,
} from './client-passwords.ts';
import type { ClientScope } from './client-passwords.ts';
import { expandGroup, groupsAbove, mayPost } from './expand-group.ts';
import type { GroupPart, ProvenSender } from './expand-group.ts';
import { defaultForwardingRules, mayForwardOutside } from './forwarding-rules.ts';
import type { ForwardingRules } from './forwarding-rules.ts';
import {
  DEFAULT_SENDERS_AT_ONCE,
  MAX_ACCOUNTS_PER_PAGE,
  MAX_BOXES_PER_PAGE,
  MAX_ENTRIES_AT_ONCE,
  MAX_FILTERS_KEPT,
  MAX_FILTERS_KEPT_LENGTH,
  MAX_FORWARDINGS_KEPT,
  MAX_GROUPS_PER_PAGE,
  MAX_PASSWORD_LENGTH,
  MAX_RESOLUTIONS_KEPT,
  MAX_SHARES_KEPT,
  MAX_VACATIONS_KEPT,
} from './limits.ts';
import type { DirectoryOperations } from './operations.ts';
import { digestTail } from './tail-check.ts';
import { findLogin } from './login-name.ts';
import { createPasswordHasher } from './password-hasher.ts';
import type { Argon2idCost, OldServer, PasswordHasher } from './password-hasher.ts';
import { findPasswordOwner } from './password-owner.ts';
import { judgePassword } from './password-policy.ts';
import type { PasswordFault } from './password-policy.ts';
import type { DirectoryStore } from './ports/directory-store.ts';
import { SignIn } from './sign-in.ts';
import type { ConcludedSignIn, SignInRequest, SignInSettings, SignInSource } from './sign-in.ts';
import { DomainLives, noPlans, type DomainPlans } from './domain-lives.ts';
import { Homes } from './homes.ts';
import { owesPhone } from './owes-phone.ts';
import { findProof } from './proof.ts';
import { Realms, type Realm } from './realms.ts';
import { rulesOfStage } from './stages.ts';
import { answeredAnew } from './vacation.ts';
import { defaultSignInLimits, LocalSignInLimits } from './sign-in-limits.ts';
import type { SignInLimits, SignInLimitSettings } from './sign-in-limits.ts';
import type { CreateBoxArgs } from './operations/set-box.ts';
import type { CreateGroupArgs } from './operations/create-group.ts';
import type { Enrolled, Enrolment } from './operations/enrol-people.ts';
import { canonicalizeNumber } from './roster-number.ts';
import type { UseFactorArgs } from './operations/factors.ts';
import type { UpdateGroupArgs } from './operations/update-group.ts';
import type {
  AccountRight,
  AccountStage,
  AddressRow,
  BoxRow,
  DelegationRow,
  ConsentRow,
  CredentialRow,
  AfterSuspension,
  FactorKind,
  FactorRow,
  DirectoryAccountRow,
  DomainRow,
  FilterRow,
  ForwardingRow,
  GroupEntry,
  GroupId,
  GroupRole,
  GroupRow,
  IdleRow,
  LifeRow,
  PersonRow,
  ServiceClass,
  VacationRow,
} from './types.ts';

/** What an account may send, and as whom. */
export interface SenderStanding extends Pick<DirectoryAccountRow, 'sending' | 'sendingNote'> {
  readonly serviceClass: ServiceClass;
  readonly stage: AccountStage;
  /** Primary first. */
  readonly addresses: readonly string[];
}

export interface DirectorySettings extends SignInSettings, ResolutionSettings {
  /** What one password hash costs. */
  readonly argon2id: Argon2idCost;
  /**
   * What initial passwords are checked by: 32 secret octets, kept apart from the database, the same in every thread and
   * after a restart. Null: random for this process.
   */
  readonly initialPasswordKey: Uint8Array | null;
  readonly signInLimits: SignInLimitSettings;
  /** Members a group may have directly. */
  readonly maxGroupMembers: number;
  /** Members from which on a group cannot be open to everyone. */
  readonly largeGroupMembers: number;
  /** Which domains are given up, and which rest. */
  readonly domainPlans: DomainPlans;
  /** Who signs in where, and is of what class. */
  readonly realms: readonly Realm[];
  readonly forwarding: ForwardingRules;
  readonly afterSuspension: AfterSuspension;
}

export const defaultDirectorySettings: DirectorySettings = {
  defaultDomain: null,
  subaddressSeparator: '+',
  postmasterAddress: null,
  // OWASP Password Storage Cheat Sheet: 19 MiB, 2 iterations, 1 lane; some 20 ms.
  argon2id: { memoryKib: 19_456, iterations: 2, parallelism: 1 },
  // RFC 7677 §4 asks for 4096 or more. A stolen SCRAM verifier is easier to guess at than an argon2id one, and the
  // client pays for each iteration at every sign-in: a phone about 30 ms for so many.
  scramIterations: 16_384,
  // The hashes share libuv's four threads with the file system.
  maxPasswordChecks: 2,
  maxPasswordChecksWaiting: 256,
  // Some 250 octets each. Less than the accounts that poll would mean a hash at almost every poll.
  cachedCredentials: 50_000,
  credentialTtlMs: 3_600_000,
  decoyKey: null,
  initialPasswordKey: null,
  factorKey: null,
  guessKey: null,
  phoneKey: null,
  clientPasswordDomains: new Set(),
  signInLimits: defaultSignInLimits,
  maxGroupMembers: 10_000,
  largeGroupMembers: 500,
  domainPlans: noPlans,
  realms: [],
  forwarding: defaultForwardingRules,
  afterSuspension: 'nothing',
};

export interface DirectoryParts {
  readonly store: DirectoryStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly settings?: Partial<DirectorySettings>;
  /** Asked for those whose passwords stayed there. */
  readonly oldServer?: OldServer;
  /** Otherwise argon2id as set. */
  readonly hasher?: PasswordHasher;
  /** Told of each operation that was committed, with its arguments and its result; must not throw. */
  readonly onChanged?: (name: string, args: unknown, value: unknown) => void;
  /** Told of each sign-in, accepted or refused; must not throw. */
  readonly onSignIn?: (signIn: ConcludedSignIn) => void;
  /** Otherwise counted in this thread alone. */
  readonly limits?: SignInLimits;
}

interface KnownForwarding extends ForwardingRow {
  /** By the stage that the account is in. */
  readonly onlyForwards: boolean;
}

/** As kept: whether a box has ended is judged when it is asked for. */
interface Share extends SharedAccount {
  readonly endsAt: number | null;
}

type DirectoryArgs<Name extends keyof DirectoryOperations> = Parameters<DirectoryOperations[Name]['run']>[1];

export class Directory {
  readonly #store: DirectoryStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #factorKey: Uint8Array;
  readonly #log: Logger;
  readonly #settings: DirectorySettings;
  readonly #hasher: PasswordHasher;
  readonly #initialKey: Uint8Array;
  readonly #signIn: SignIn;
  readonly #homes: Homes;
  readonly realms: Realms;
  readonly #onChanged: DirectoryParts['onChanged'];
  readonly lives: DomainLives;
  /** For new passwords: apart from the checks, so that importing a roster holds up no one who signs in. */
  readonly #hashing: WorkQueue;
  readonly #unwatch: () => void;
  /** Where mail goes, as asked at each RCPT TO and again at the end of data; forgotten as a whole at any change. */
  readonly #resolved = new LruMap<string, AddressResolution>(MAX_RESOLUTIONS_KEPT);
  /** Null: forwards nothing. */
  readonly #forwardings = new LruMap<AccountId, KnownForwarding | null>(MAX_FORWARDINGS_KEPT);
  /** Null: has none. */
  readonly #filters = new LruMap<AccountId, FilterRow | null>(MAX_FILTERS_KEPT, {
    maxWeight: MAX_FILTERS_KEPT_LENGTH,
    weigh: (row) => (row === null ? 0 : JSON.stringify(row).length),
  });
  /** Null: has none. */
  readonly #vacations = new LruMap<AccountId, VacationRow | null>(MAX_VACATIONS_KEPT);
  /** By delegate; forgotten as a whole at any change, for the accounts' own facts stand in it. */
  readonly #shares = new LruMap<AccountId, readonly Share[]>(MAX_SHARES_KEPT);
  /** How many changes of the directory this thread has heard of. */
  #changes = 0;

  constructor(parts: DirectoryParts) {
    const { store, clock, random, log, metrics = noMetrics } = parts;
    const settings: DirectorySettings = { ...defaultDirectorySettings, ...parts.settings };
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#log = log;
    this.#settings = settings;
    this.#factorKey = settings.factorKey ?? random.bytes(32);
    this.#initialKey = settings.initialPasswordKey ?? random.bytes(32);
    this.#hasher = parts.hasher ?? createPasswordHasher(settings.argon2id, random, this.#initialKey, parts.oldServer);
    this.#hashing = new WorkQueue({ concurrency: settings.maxPasswordChecks, maxWaiting: Infinity });
    const limits = parts.limits ?? new LocalSignInLimits({ clock, log, settings: settings.signInLimits });
    this.#onChanged = parts.onChanged;
    this.lives = new DomainLives(settings.domainPlans, clock);
    this.realms = new Realms(settings.realms);
    const homes = new Homes(store.reader, this.realms);
    this.#homes = homes;
    const signIn = new SignIn({
      realms: this.realms,
      homes,
      reader: store.reader,
      hasher: this.#hasher,
      adopt: (credential, password) => this.#adoptPassword(credential, password),
      noteUse: (use) => this.#run('noteFactorUse', use),
      factorKey: this.#factorKey,
      limits,
      clock,
      random,
      log,
      metrics,
      settings,
      ...(parts.onSignIn === undefined ? {} : { onConcluded: parts.onSignIn }),
    });
    this.#signIn = signIn;
    this.#unwatch = store.watch((accountId) => {
      this.#changes++;
      this.#resolved.clear();
      homes.forget(accountId);
      this.#shares.clear();
      this.#forwardings.delete(accountId);
      this.#filters.delete(accountId);
      this.#vacations.delete(accountId);
      signIn
        .forget(accountId)
        .catch((error: unknown) => log.error({ err: error, accountId }, 'a change was not heeded'));
    });
  }

  /** Stops listening to the store. */
  close(): void {
    this.#unwatch();
  }

  // Domains

  /** `invalid`, `alreadyExists`. Any spelling; stored as lower-case A-labels. */
  async addDomain(domain: string): Promise<void> {
    await this.#run('addDomain', { domain });
  }

  /** `invalid`, `notFound`, `inUse` while any address is in it. */
  async removeDomain(domain: string): Promise<void> {
    await this.#run('removeDomain', { domain });
  }

  /** By name. */
  listDomains(): Promise<readonly DomainRow[]> {
    return this.#store.reader.domains();
  }

  async isLocalDomain(text: string): Promise<boolean> {
    const domain = canonicalizeDomain(text);
    return domain !== undefined && (await this.#store.reader.domain(domain)) !== undefined;
  }

  // Accounts

  /**
   * An active account with its primary address. `invalid` (address, password, name), `notFound` (domain),
   * `alreadyExists`. Whether the password is a good one is the caller's to judge.
   */
  async createAccount(
    address: string,
    password: string,
    options: { readonly displayName?: string } = {},
  ): Promise<AccountId> {
    const verifiers = await this.makeVerifiers(password);
    const { accountId } = await this.#run('createAccount', {
      address,
      displayName: options.displayName ?? '',
      ...verifiers,
    });
    return accountId;
  }

  /**
   * The same with a verifier that another system has made of the password (verifiers/foreign.ts): good until its owner first signs in, when
   * one of ours takes its place. `{IMAP}login`: the old server is asked. `invalid` too for a verifier that cannot be checked here.
   */
  async createAccountByVerifier(
    address: string,
    verifier: string,
    options: { readonly displayName?: string } = {},
  ): Promise<AccountId> {
    this.#hasher.requireReadable(verifier);
    const args = { address, displayName: options.displayName ?? '', verifier, scramSha256: null };
    return (await this.#run('createAccount', args)).accountId;
  }

  /**
   * A newer verifier of the other system in place of one of its own; false: it is the same, or the account has come to a password
   * here meanwhile, which is newer (A11). Throws `invalid`.
   */
  async renewVerifier(accountId: AccountId, verifier: string): Promise<boolean> {
    this.#hasher.requireReadable(verifier);
    const credentials = await this.#store.reader.credentialsOf(accountId);
    const old = credentials.find(({ kind }) => kind === 'password');
    if (old === undefined || !this.#hasher.isForeign(old.verifier) || old.verifier === verifier) return false;
    const { credentialId, verifier: from } = old;
    return this.#run('adoptPassword', {
      accountId,
      credentialId,
      from,
      verifier,
      scramSha256: null,
      mustChange: false,
    });
  }

  /** `invalid`, `notFound`. Sessions signed in before end: see `watchSignIn`. */
  async setPassword(accountId: AccountId, password: string): Promise<void> {
    await this.#run('setPassword', { accountId, ...(await this.makeVerifiers(password)) });
  }

  /**
   * Whether it would be a good password of that account, with every reason why not; none: it is. `phones`: those that are its
   * owner's; `aliases`: local parts about to be the account's.
   * Told to whoever is about to set it, not asked by `setPassword`.
   */
  async judgePassword(
    accountId: AccountId,
    password: string,
    { phones = [], aliases = [] }: { readonly phones?: readonly string[]; readonly aliases?: readonly string[] } = {},
  ): Promise<readonly PasswordFault[]> {
    const { reader } = this.#store;
    const owner = await findPasswordOwner(reader, accountId, { tailKey: this.#initialKey, phones, aliases });
    const faults = await judgePassword(password, owner);
    return faults.length === 0 && (await this.#wasUsed(accountId, password)) ? ['used'] : faults;
  }

  /** Costs a hash for each that the account had: asked last. */
  async #wasUsed(accountId: AccountId, text: string): Promise<boolean> {
    const { reader } = this.#store;
    const [credentials, factors] = await Promise.all([reader.credentialsOf(accountId), reader.factorsOf(accountId)]);
    const former = factors.filter(({ kind }) => kind === 'former').map(({ secret }) => secret);
    const password = prepareString(text) ?? text;
    return this.#hashing.run(async () => {
      for (const verifier of [...credentials.map((one) => one.verifier), ...former]) {
        // Another system's is not asked for that.
        if (!this.#hasher.isForeign(verifier) && (await this.#hasher.verify(verifier, password))) return true;
      }
      return false;
    });
  }

  /** `notFound`, `invalid`. */
  async setDisplayName(accountId: AccountId, displayName: string): Promise<void> {
    await this.#run('updateAccount', { accountId, displayName });
  }

  /** No sign-in by any protocol; mail is still taken (`setReceives`). `notFound`. */
  async disableAccount(accountId: AccountId): Promise<void> {
    await this.#run('updateAccount', { accountId, state: 'disabled' });
  }

  /** `notFound`. */
  async enableAccount(accountId: AccountId): Promise<void> {
    const { afterSuspension } = this.#settings;
    await this.#run('updateAccount', { accountId, state: 'active', afterSuspension });
  }

  /** `notFound`. */
  async setStage(accountId: AccountId, stage: AccountStage): Promise<void> {
    const { afterSuspension } = this.#settings;
    await this.#run('updateAccount', { accountId, stage, afterSuspension });
  }

  /** Whether mail to it is taken. `notFound`. */
  async setReceives(accountId: AccountId, receives: boolean): Promise<void> {
    await this.#run('updateAccount', { accountId, receives });
  }

  /** Null: as its domain has it. `notFound`. */
  async setServiceClass(accountId: AccountId, serviceClass: ServiceClass | null): Promise<void> {
    await this.#run('updateAccount', { accountId, serviceClass });
  }

  /** Nothing leaves in its name any more. False when it was so already. `notFound`, `invalid` (the reason). */
  async suspendSending(accountId: AccountId, reason: string): Promise<boolean> {
    const { afterSuspension } = this.#settings;
    const args = { accountId, sending: 'suspended', sendingNote: reason, afterSuspension } as const;
    return (await this.#run('updateAccount', args)).isSendingChanged;
  }

  /** False when it may anyway. `notFound`. */
  async allowSending(accountId: AccountId): Promise<boolean> {
    const args = { accountId, sending: 'allowed', sendingNote: '' } as const;
    return (await this.#run('updateAccount', args)).isSendingChanged;
  }

  /** As committed, never from memory: a suspension holds for the next message. Undefined: there is no such account. */
  async senderStanding(accountId: AccountId): Promise<SenderStanding | undefined> {
    const { reader } = this.#store;
    const [account, addresses] = await Promise.all([reader.account(accountId), reader.addressesOf(accountId)]);
    if (account === undefined) return undefined;
    const [primary] = addresses;
    const { sending, sendingNote, stage } = account;
    const realm = primary && this.realms.ofDomain(primary.domain);
    const serviceClass = account.serviceClass ?? realm?.serviceClass ?? 'staff';
    return { serviceClass, stage, sending, sendingNote, addresses: addresses.map(formatAddress) };
  }

  /** With its addresses and credentials, not its mail. `notFound`. */
  async deleteAccount(accountId: AccountId): Promise<void> {
    await this.#run('deleteAccount', { accountId });
  }

  account(accountId: AccountId): Promise<DirectoryAccountRow | undefined> {
    return this.#store.reader.account(accountId);
  }

  /** By ascending id, those above `after`; `next` is the `after` of the next page, null on the last. */
  async listAccounts(
    options: { readonly after?: number; readonly limit?: number } = {},
  ): Promise<{ readonly accounts: readonly DirectoryAccountRow[]; readonly next: number | null }> {
    const limit = Math.max(1, Math.min(options.limit ?? 100, MAX_ACCOUNTS_PER_PAGE));
    const accounts = await this.#store.reader.accounts(options.after ?? 0, limit);
    return { accounts, next: accounts.length < limit ? null : (accounts.at(-1)?.accountId ?? null) };
  }

  // People

  /**
   * People of the roster, with the accounts they are to have; all or nobody. `initialPasswords` of each: any of which is
   * taken, at least one where there is an account. See the operation for the rest.
   */
  async enrolPeople(
    people: readonly {
      readonly person: Enrolment['person'];
      readonly account:
        | (Omit<NonNullable<Enrolment['account']>, 'initialVerifier'> & {
            readonly initialPasswords: readonly string[];
          })
        | null;
    }[],
  ): Promise<readonly Enrolled[]> {
    const hashed = people.map(({ person, account }): Enrolment => {
      if (account === null) return { person, account };
      const { initialPasswords, ...rest } = account;
      return { person, account: { ...rest, initialVerifier: this.#hasher.hashInitial(initialPasswords) } };
    });
    return this.#run('enrolPeople', { people: hashed });
  }

  /** What a roster says and nobody is to keep, as keyed digests: initial passwords, and the end of a document's number. */
  hashInitial(passwords: readonly string[]): string {
    return this.#hasher.hashInitial(passwords);
  }

  /** `number`: the person's in the roster, in its one spelling. */
  digestTail(number: string, document: string): string {
    return digestTail(this.#initialKey, number, document);
  }

  /**
   * Which of the passwords given out for an account this is, from 0; -1: none. Cheap, so only for who has been let in, and
   * for who sets another.
   */
  async matchInitial(accountId: AccountId, password: string): Promise<number> {
    const credentials = await this.#store.reader.credentialsOf(accountId);
    const initial = credentials.find(({ kind }) => kind === 'initial');
    return initial === undefined
      ? -1
      : this.#hasher.matchInitial(initial.verifier, prepareString(password) ?? password);
  }

  /** In any spelling; undefined: nobody has that number. */
  async findPerson(text: string): Promise<PersonRow | undefined> {
    const number = canonicalizeNumber(text);
    return number === undefined ? undefined : this.#store.reader.personByNumber(number);
  }

  /** Which mailbox a number leads to; null: none. `notFound` (number, account), `inUse`: see the operation. */
  linkPerson(
    number: string,
    accountId: AccountId | null,
    options: { readonly onlyIfUnlinked?: boolean } = {},
  ): Promise<PersonRow> {
    return this.#run('linkPerson', { number, accountId, ...options });
  }

  /** Undefined: nothing is known of its end. */
  life(accountId: AccountId): Promise<LifeRow | undefined> {
    return this.#store.reader.life(accountId);
  }

  /** Of those that were warned since nobody uses them, or opened again, by account. */
  idlesOf(accountIds: readonly AccountId[]): Promise<readonly IdleRow[]> {
    return this.#store.reader.idlesOf(accountIds);
  }

  /** Opens an account that was frozen since nobody used it: its owner was proven, otherwise than by its password. False: it was not. */
  thaw(accountId: AccountId): Promise<boolean> {
    return this.#run('thaw', { accountId });
  }

  /** Its mail is kept whatever happens, for that reason; an empty one lets it go. `notFound`, `invalid`. */
  async setHold(accountId: AccountId, reason: string): Promise<void> {
    await this.#run('setHold', { accountId, reason });
  }

  /** Those whose mailbox it is, by the roster. */
  personsOf(accountId: AccountId): Promise<readonly PersonRow[]> {
    return this.#store.reader.personsOf(accountId);
  }

  /** By ascending id, those above `after`, at most `limit`. */
  persons(after: number, limit: number): Promise<readonly PersonRow[]> {
    return this.#store.reader.persons(after, limit);
  }

  // Addresses

  /** `invalid`, `notFound` (account or domain), `alreadyExists` whoever has it. */
  async addAlias(accountId: AccountId, address: string): Promise<void> {
    await this.#run('addAlias', { accountId, address });
  }

  /** `invalid`, `notFound`, `forbidden` for a primary address. */
  async removeAlias(address: string): Promise<void> {
    await this.#run('removeAlias', { address });
  }

  /** Primary first. Empty for an unknown account. */
  addressesOf(accountId: AccountId): Promise<readonly AddressRow[]> {
    return this.#store.reader.addressesOf(accountId);
  }

  /**
   * Whose account a login means: an address in any spelling, or a name without its domain, taken in `defaultDomain` or the
   * server's own. Undefined: nobody's.
   */
  async findLogin(login: string, defaultDomain?: string): Promise<AddressRow | undefined> {
    return (await findLogin(this.#store.reader, login, defaultDomain ?? this.#settings.defaultDomain)).row;
  }

  /** Whose address exactly this is (any spelling; no subaddress, no roles), or undefined. */
  async findAddress(text: string): Promise<AddressRow | undefined> {
    const address = parseAddress(text);
    return address && this.#store.reader.address(address.localPart, address.domain);
  }

  // What owners agreed to

  /** The newest first. */
  consentsOf(accountId: AccountId): Promise<readonly ConsentRow[]> {
    return this.#store.reader.consentsOf(accountId);
  }

  /** Its owner agrees to the document in that version, and may have before. `notFound`. */
  async agree(row: Omit<ConsentRow, 'agreedAt'>): Promise<void> {
    const known = await this.consentsOf(row.accountId);
    const isKnown = known.some(({ document, version }) => document === row.document && version === row.version);
    if (!isKnown) await this.#run('agree', row);
  }

  // Factors

  /** What proves the account beside its password, by age. */
  factorsOf(accountId: AccountId): Promise<readonly FactorRow[]> {
    return this.#store.reader.factorsOf(accountId);
  }

  /** `invalid`, `notFound`, `limit`, `alreadyExists`: see the operation. */
  async addFactor(row: Omit<FactorRow, 'createdAt'>): Promise<void> {
    await this.#run('addFactor', row);
  }

  /** Changes its secret from one to another: false when it is another by now, or gone. */
  useFactor(args: UseFactorArgs): Promise<boolean> {
    return this.#run('useFactor', args);
  }

  /** Those of the kinds, or the one of that id among them; answers how many there were. What programs began by client passwords ends with those. */
  removeFactors(accountId: AccountId, kinds: readonly FactorKind[], factorId?: string): Promise<number> {
    return this.#run('removeFactors', { accountId, kinds, ...(factorId === undefined ? {} : { factorId }) });
  }

  /** A password for one program; the answer is the only one who ever sees it. `invalid`, `notFound`, `limit`. */
  async makeClientPassword(accountId: AccountId, name: string, scopes: readonly ClientScope[]): Promise<string> {
    const password = makeClientPassword(this.#random);
    const digest = digestClientPassword(this.#factorKey, accountId, password.replaceAll('-', ''));
    // As many iterations as account passwords have, or strangers could tell by the number who needs client passwords.
    const salt = clientScramSalt(this.#factorKey, accountId);
    const scram = await this.#hashing.run(() => deriveClientScram(password, salt, this.#settings.scramIterations));
    const secret = formatClientSecret(digest, scopes, scram);
    const factorId = randomId(this.#random, 16);
    await this.addFactor({ accountId, factorId, kind: 'client', name, secret, usedAt: null, usedFrom: '' });
    return password;
  }

  /** The secret that further proofs are sealed with; for signin/. */
  get factorKey(): Uint8Array {
    return this.#factorKey;
  }

  // Forwarding

  /**
   * Where else mail for the account goes, in place of what was set; nowhere when `targets` is empty. `notFound`,
   * `invalid`, `limit`, `forbidden`: see the operation.
   */
  async setForwarding(accountId: AccountId, targets: readonly string[], keepsCopy: boolean): Promise<void> {
    await this.#run('setForwarding', { accountId, targets, keepsCopy, rules: this.#settings.forwarding });
  }

  /** Takes out targets that may not be forwarded to any more; answers those that were there. */
  async dropForwardTargets(accountId: AccountId, targets: readonly string[]): Promise<readonly string[]> {
    return (await this.#run('dropForwardTargets', { accountId, targets })).dropped;
  }

  /** Of those accounts that forward. A copy is kept where the rules of today want it, whatever was set. */
  async forwardings(accountIds: readonly AccountId[]): Promise<readonly ForwardingRow[]> {
    const rows = await this.#readKnown(this.#forwardings, accountIds, (asked) => this.#readForwardings(asked));
    const { copy } = this.#settings.forwarding;
    return rows.map(({ onlyForwards, ...row }) => ({
      ...row,
      keepsCopy: !onlyForwards && (row.keepsCopy || copy === 'always'),
    }));
  }

  async #readForwardings(accountIds: readonly AccountId[]): Promise<readonly KnownForwarding[]> {
    const rows = await this.#store.reader.forwardings(accountIds);
    return Promise.all(
      rows.map(async (row) => {
        const account = await this.#store.reader.account(row.accountId);
        return { ...row, onlyForwards: account?.stage === 'forward-only' };
      }),
    );
  }

  /** Those of this site. */
  get forwardingRules(): ForwardingRules {
    return this.#settings.forwarding;
  }

  /** Whether an account of ours in `domain` may forward to somebody outside, at `targetDomain`. */
  mayForwardOutside(domain: string, targetDomain: string): boolean {
    return mayForwardOutside(this.#settings.forwarding, domain, targetDomain);
  }

  // Filters

  /** What becomes of mail for the account, in place of what was set. `notFound`, `invalid`, `limit`, `forbidden`: see the operation. */
  async setFilter(row: FilterRow): Promise<void> {
    await this.#run('setFilter', { row, rules: this.#settings.forwarding });
  }

  /** Of those accounts that have any. */
  filters(accountIds: readonly AccountId[]): Promise<readonly FilterRow[]> {
    return this.#readKnown(this.#filters, accountIds, (asked) => this.#store.reader.filters(asked));
  }

  // Vacation

  /** What those who write to the account are told, in place of what was set. `notFound`, `invalid`. */
  async setVacation(row: VacationRow): Promise<void> {
    await this.#run('setVacation', row);
  }

  /** Nobody is told any more; the words are kept. False: it was so already. */
  endVacation(accountId: AccountId): Promise<boolean> {
    return this.#run('endVacation', { accountId });
  }

  /** Of those accounts that have one, on or off, whether it holds now or not (`isAway`). */
  vacations(accountIds: readonly AccountId[]): Promise<readonly VacationRow[]> {
    return this.#readKnown(this.#vacations, accountIds, (asked) => this.#store.reader.vacations(asked));
  }

  /**
   * Whether the sender is to be answered now: true once in a period, whichever thread asks. `sender`: in canonical
   * spelling. A look first, because some write every minute.
   */
  async claimAnswer(vacation: VacationRow, sender: string, nowMs: number): Promise<boolean> {
    const { accountId } = vacation;
    const answeredAt = await this.#store.reader.answeredAt(accountId, sender);
    if (answeredAt !== undefined && answeredAt > answeredAnew(vacation, nowMs)) return false;
    return this.#run('claimAnswer', { accountId, sender });
  }

  /** Forgets up to `limit` answers before then, and says how many. */
  forgetAnswers(before: number, limit: number): Promise<number> {
    return this.#run('forgetAnswers', { before, limit });
  }

  // Delegates

  /** What others share with the account, by their ids: those that could be signed in to, and boxes before their end. */
  async sharedWith(delegateId: AccountId): Promise<readonly SharedAccount[]> {
    let shares = this.#shares.get(delegateId);
    if (shares === undefined) {
      const changes = this.#changes;
      shares = await this.#readShares(delegateId);
      // As with addresses: what was read before a change must not be remembered after it.
      if (changes === this.#changes) this.#shares.set(delegateId, shares);
    }
    if (shares.length === 0) return shares;
    const nowMs = this.#clock.now();
    return shares.filter(({ endsAt }) => endsAt === null || nowMs < endsAt);
  }

  async #readShares(delegateId: AccountId): Promise<readonly Share[]> {
    const { reader } = this.#store;
    const rows = await reader.delegationsTo(delegateId);
    // What others lent in an old system stays there.
    if (await this.isArchived(delegateId)) return [];
    const shares = rows.map(async ({ accountId, rights, mailboxes }) => {
      const [account, [primary], box] = await Promise.all([
        reader.account(accountId),
        reader.addressesOf(accountId),
        reader.box(accountId),
      ]);
      if (account?.state !== 'active' || !rulesOfStage(account.stage).signsIn || primary === undefined) return [];
      if (await this.isArchived(accountId)) return [];
      const share: Share = {
        accountId,
        address: formatAddress(primary),
        displayName: account.displayName,
        rights: new Set(rights),
        mailboxes: new Map(mailboxes),
        endsAt: box === undefined ? null : endOfBox(box),
      };
      return [share];
    });
    return (await Promise.all(shares)).flat();
  }

  /** What `accountId` shares with the account; undefined: nothing. */
  async share(accountId: AccountId, delegateId: AccountId): Promise<SharedAccount | undefined> {
    return (await this.sharedWith(delegateId)).find((each) => each.accountId === accountId);
  }

  /** Who may do what with the account, by ascending id. */
  delegationsOf(accountId: AccountId): Promise<readonly DelegationRow[]> {
    return this.#store.reader.delegationsOf(accountId);
  }

  /** In place of what the delegate might do with the whole account; none: no more. `by`: who says so. See the operation. */
  async setDelegation(
    accountId: AccountId,
    delegateId: AccountId,
    rights: readonly AccountRight[],
    by: string,
  ): Promise<void> {
    await this.#run('setDelegation', { accountId, delegateId, rights });
    this.#log.info({ accountId, delegateId, rights, by }, 'an account is shared');
  }

  /** As `setDelegation`, of one mailbox; `keeps`: those the account has. */
  async setMailboxRights(args: DirectoryArgs<'setMailboxRights'>, by: string): Promise<void> {
    await this.#run('setMailboxRights', args);
    const { accountId, delegateId, mailboxId, rights } = args;
    this.#log.info({ accountId, delegateId, mailboxId, rights, by }, 'a mailbox is shared');
  }

  // Boxes of departments

  /** See the operation. */
  async createBox(args: CreateBoxArgs): Promise<AccountId> {
    return (await this.#run('createBox', args)).accountId;
  }

  /** What is left out stays. See the operation. */
  async updateBox(args: DirectoryArgs<'updateBox'>): Promise<void> {
    await this.#run('updateBox', args);
  }

  box(accountId: AccountId): Promise<BoxRow | undefined> {
    return this.#store.reader.box(accountId);
  }

  /** By ascending id, those above `after`; `next` is the `after` of the next page, null on the last. */
  async listBoxes(
    options: { readonly after?: number } = {},
  ): Promise<{ readonly boxes: readonly BoxRow[]; readonly next: number | null }> {
    const boxes = await this.#store.reader.boxes(options.after ?? 0, MAX_BOXES_PER_PAGE);
    return { boxes, next: boxes.length < MAX_BOXES_PER_PAGE ? null : (boxes.at(-1)?.accountId ?? null) };
  }

  // Notices

  /** Whether a notice of that name was sent to the account (null: to nobody in particular). */
  isNoticeClaimed(name: string, accountId: AccountId | null): Promise<boolean> {
    return this.#store.reader.isNoticeClaimed(name, accountId);
  }

  /** True once, for whoever of all threads and machines asks first: that one sends it. */
  claimNotice(name: string, accountId: AccountId | null): Promise<boolean> {
    return this.#run('claimNotice', { name, accountId });
  }

  // Senders

  /** The address the account has chosen to write as; null: that it signs in with. */
  async defaultSender(accountId: AccountId): Promise<string | null> {
    const row = await this.#store.reader.defaultSender(accountId);
    if (row === undefined) return null;
    // It may have gone, or been lent no longer.
    const owner = (await this.#store.reader.address(row.localPart, row.domain))?.accountId;
    if (owner === undefined) return null;
    const isStillIts = owner === accountId || (await this.mayWriteAs(accountId, owner)) !== undefined;
    return isStillIts ? formatAddress(row) : null;
  }

  /** How the account may write as another: see `writesAs`. */
  async mayWriteAs(accountId: AccountId, ownerId: AccountId): Promise<ReturnType<typeof writesAs>> {
    const share = await this.share(ownerId, accountId);
    return share && writesAs(share);
  }

  /** Null: as it signs in. `notFound`, `invalid`, `forbidden`. */
  async setDefaultSender(accountId: AccountId, address: string | null): Promise<void> {
    await this.#run('setDefaultSender', { accountId, address });
  }

  /**
   * For a domain that ends: who always writes from it does so from the new one, or as he signs in where he has no such
   * address. Answers whose sender was changed. `invalid`.
   */
  async flipDefaultSender(oldDomain: string, newDomain: string): Promise<readonly AccountId[]> {
    const limit = DEFAULT_SENDERS_AT_ONCE;
    const flipped: AccountId[] = [];
    for (;;) {
      const slice = await this.#run('flipDefaultSender', { oldDomain, newDomain, after: flipped.at(-1) ?? 0, limit });
      for (const accountId of slice) flipped.push(accountId);
      if (slice.length < limit) return flipped;
    }
  }

  // Groups

  /** `invalid`, `notFound` (domain, owner), `alreadyExists`. */
  async createGroup(args: CreateGroupArgs): Promise<GroupId> {
    return (await this.#run('createGroup', args)).groupId;
  }

  /** What is left out stays. `isForced`: open to everyone, however many are in it. `notFound`, `invalid`, `forbidden`. */
  async updateGroup(
    groupId: GroupId,
    {
      isForced = false,
      ...changes
    }: Omit<UpdateGroupArgs, 'groupId' | 'largeMembers'> & { readonly isForced?: boolean },
  ): Promise<void> {
    await this.#run('updateGroup', { groupId, ...changes, largeMembers: this.#largeMembers(isForced) });
  }

  /** Its members stay what they are. `notFound`. */
  async deleteGroup(groupId: GroupId): Promise<void> {
    await this.#run('deleteGroup', { groupId });
  }

  /**
   * Puts accounts, groups and people elsewhere into a group; answers how many were not in it. `invalid`, `notFound`,
   * `forbidden` where a group open to everyone would become large (unless `isForced`), `limit`. Many addresses go in
   * slices: those before the one that fails are in.
   */
  async addToGroup(
    groupId: GroupId,
    role: GroupRole,
    addresses: readonly string[],
    { isForced = false }: { readonly isForced?: boolean } = {},
  ): Promise<number> {
    const limits = { maxMembers: this.#settings.maxGroupMembers, largeMembers: this.#largeMembers(isForced) };
    let added = 0;
    for (const slice of sliceEntries(addresses))
      added += (await this.#run('addToGroup', { groupId, role, addresses: slice, ...limits })).added;
    return added;
  }

  /** `invalid`, `notFound`, `forbidden` for the last owner. In slices, too. */
  async removeFromGroup(groupId: GroupId, role: GroupRole, addresses: readonly string[]): Promise<void> {
    for (const slice of sliceEntries(addresses))
      await this.#run('removeFromGroup', { groupId, role, addresses: slice });
  }

  /** The group that has exactly this address (any spelling), or undefined. */
  async findGroup(text: string): Promise<GroupRow | undefined> {
    const address = parseAddress(text);
    return address && this.#store.reader.group(address.localPart, address.domain);
  }

  group(groupId: GroupId): Promise<GroupRow | undefined> {
    return this.#store.reader.groupById(groupId);
  }

  /** By ascending id, those above `after`; `next` is the `after` of the next page, null on the last. */
  async listGroups(
    options: { readonly after?: number } = {},
  ): Promise<{ readonly groups: readonly GroupRow[]; readonly next: number | null }> {
    const groups = await this.#store.reader.groups(options.after ?? 0, MAX_GROUPS_PER_PAGE);
    return { groups, next: groups.length < MAX_GROUPS_PER_PAGE ? null : (groups.at(-1)?.groupId ?? null) };
  }

  groupEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]> {
    return this.#store.reader.groupEntries(groupId, role);
  }

  countGroupEntries(groupId: GroupId, role: GroupRole): Promise<number> {
    return this.#store.reader.countGroupEntries(groupId, role);
  }

  /** Whom its mail reaches, nobody in an archive; see there. `limit`. */
  async expandGroup(group: GroupRow): Promise<readonly GroupPart[]> {
    const parts = await expandGroup(this.#store.reader, group);
    if (!this.realms.all.some(({ archive }) => archive !== null)) return parts;
    return Promise.all(parts.map(async (part) => ({ ...part, accountIds: await this.#notArchived(part.accountIds) })));
  }

  async #notArchived(accountIds: readonly AccountId[]): Promise<readonly AccountId[]> {
    const archived = await Promise.all(accountIds.map((accountId) => this.isArchived(accountId)));
    return accountIds.filter((_, at) => archived[at] === false);
  }

  /** Addresses of the groups by which an account may get mail. */
  groupsAbove(accountId: AccountId): Promise<readonly string[]> {
    return groupsAbove(this.#store.reader, accountId);
  }

  /** Whether its policy lets `sender` write to it. */
  mayPost(group: GroupRow, sender: ProvenSender): Promise<boolean> {
    return mayPost(this.#store.reader, group, sender);
  }

  /** Where mail to it goes: with subaddresses, postmaster and abuse. */
  async resolveAddress(address: string): Promise<AddressResolution> {
    // After what is remembered: stages change by the clock alone.
    const resolution = await this.#resolve(address);
    return (
      (await this.#resolveArchived(resolution)) ??
      this.lives.heed(address, resolution, (accountId) => this.addressesOf(accountId))
    );
  }

  /** An archive takes no mail: who is there has the same name in the realm they went on in, or is told by the domain alone. */
  async #resolveArchived(resolution: AddressResolution): Promise<AddressResolution | undefined> {
    if (resolution.kind !== 'account') return undefined;
    const { accountId, address } = resolution;
    const home = await this.#homes.of(accountId);
    const successor = home && this.realms.successorOf(home)?.domain;
    if (successor === undefined) return undefined;
    const there = `${address.slice(0, address.lastIndexOf('@'))}@${successor}`;
    const isThere = (await this.#resolve(there)).kind === 'account';
    return { kind: 'moved', accountId, address: isThere ? there : null, successor };
  }

  async #resolve(address: string): Promise<AddressResolution> {
    const known = this.#resolved.get(address);
    if (known !== undefined) return known;
    const changes = this.#changes;
    const resolution = await resolveAddress(this.#store.reader, address, this.#settings, (accountId) =>
      this.isArchived(accountId),
    );
    // Only who gets mail is remembered: a new account or domain must not have to wait for anything. What was read
    // before a change must not be remembered after it.
    if (resolution.kind === 'account' && changes === this.#changes) this.#resolved.set(address, resolution);
    return resolution;
  }

  // Signing in

  /**
   * Rejects only for bugs and outages. `loginAddress` is the address signed in with. A refusal may be held back for
   * some seconds; every wrong guess counts against the account and the peer's network.
   */
  signIn(request: SignInRequest): Promise<AuthResult> {
    return this.#signIn.signIn(request);
  }

  /** For who has proven elsewhere to have been let in by the owner, who had signed in as `login`: whether the account may come in. */
  signInByToken(
    grounds: { readonly accountId: AccountId; readonly login: string },
    authzid: string,
    source: SignInSource,
  ): Promise<AuthResult> {
    return this.#signIn.signInByToken(grounds, authzid, source);
  }

  /**
   * Calls back once when what the account signed in with no longer holds: its password was changed, it was disabled or
   * deleted. To be asked at once after a sign-in by this directory; until unsubscribed.
   */
  watchSignIn(accountId: AccountId, onRevoked: () => void): () => void {
    return this.#signIn.signedIn.hold(accountId, onRevoked, (error) =>
      this.#log.error({ err: error, accountId }, 'a session could not be reviewed'),
    );
  }

  /** Where the account is at home: the realm of its primary address. */
  realmOf(accountId: AccountId): Promise<Realm | undefined> {
    return this.#homes.of(accountId);
  }

  /** Whether it is an account of an old system, in which nothing changes any more. */
  async isArchived(accountId: AccountId): Promise<boolean> {
    return ((await this.#homes.of(accountId))?.archive ?? null) !== null;
  }

  /** Whether its owner has to bind a telephone before anything else. */
  owesPhone(accountId: AccountId): Promise<boolean> {
    return owesPhone(this.#store.reader, this.#homes, accountId);
  }

  /** Whether the account's people may be at that host: a session begun at one realm's is none at another's. */
  async isWelcomeAt(accountId: AccountId, host: string): Promise<boolean> {
    const home = await this.#homes.of(accountId);
    return home?.archive?.hasEnded !== true && Realms.admits(this.realms.ofHost(host), home);
  }

  /** Of whom something else than a password has proven that the account is theirs: whether they may come in so. */
  signInProven(accountId: AccountId, source: SignInSource): Promise<AuthResult> {
    return this.#signIn.signInProven(accountId, source);
  }

  /**
   * Since when what proves the account is what it is (milliseconds since the epoch); undefined when it may not sign in.
   * For sessions that outlive connections: one opened before then ends.
   */
  async provenSince(accountId: AccountId): Promise<number | undefined> {
    const { reader } = this.#store;
    const [account, credentials] = await Promise.all([reader.account(accountId), reader.credentialsOf(accountId)]);
    if (account?.state !== 'active' || !rulesOfStage(account.stage).signsIn) return undefined;
    // Whoever came by single sign-on may have no other yet than the one that was given out.
    return findProof(credentials)?.changedAt;
  }

  /** Calls back after each change of an account, its addresses or what proves it, whichever thread or process made it. */
  watchAccounts(listener: (accountId: AccountId) => void): () => void {
    return this.#store.watch(listener);
  }

  /** What a connection's SASL exchanges ask. */
  saslAuthority(source: SignInSource): SaslAuthority {
    return this.#signIn.authorityFor(source);
  }

  /** The rows of those accounts that have one; `known` holds null for those that have none. */
  async #readKnown<Row extends { readonly accountId: AccountId }>(
    known: LruMap<AccountId, Row | null>,
    accountIds: readonly AccountId[],
    read: (asked: readonly AccountId[]) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const changes = this.#changes;
    const asked = accountIds.filter((accountId) => known.get(accountId) === undefined);
    const found = asked.length === 0 ? [] : await read(asked);
    const rows = new Map(found.map((row) => [row.accountId, row]));
    return accountIds.flatMap((accountId) => {
      const row = rows.get(accountId) ?? known.get(accountId) ?? null;
      // As with addresses: what was read before a change must not be remembered after it.
      if (changes === this.#changes) known.set(accountId, row);
      return row ?? [];
    });
  }

  #largeMembers(isForced: boolean): number {
    return isForced ? this.#settings.maxGroupMembers : this.#settings.largeGroupMembers;
  }

  /** A password that could not be set today opens this once more, and then has to be changed (S-06). */
  async #adoptPassword({ accountId, credentialId, verifier }: CredentialRow, password: string): Promise<void> {
    const [verifiers, faults] = await Promise.all([
      this.makeVerifiers(password),
      this.judgePassword(accountId, password),
    ]);
    const args = { accountId, credentialId, from: verifier, ...verifiers, mustChange: faults.length > 0 };
    await this.#run('adoptPassword', args);
  }

  /** What is kept of a new password. `invalid`: what no password may hold. */
  async makeVerifiers(text: string): Promise<{ verifier: string; scramSha256: string | null }> {
    const password = text.length > MAX_PASSWORD_LENGTH ? undefined : prepareString(text);
    if (password === undefined || password === '' || password.length > MAX_PASSWORD_LENGTH) {
      throw new MailError('invalid', `a password has 1 to ${MAX_PASSWORD_LENGTH} characters, none of them control`);
    }
    return this.#hashing.run(async () => {
      const verifier = await this.#hasher.hash(password);
      const salt = this.#random.bytes(SCRAM_SALT_OCTETS);
      const scram = await deriveScramVerifier(password, salt, this.#settings.scramIterations);
      return { verifier, scramSha256: formatScramVerifier(scram) };
    });
  }

  async #run<Name extends keyof DirectoryOperations>(
    name: Name,
    args: DirectoryArgs<Name>,
  ): Promise<Awaited<ReturnType<DirectoryOperations[Name]['run']>>> {
    const value = (await this.#store.run(name, args)) as Awaited<ReturnType<DirectoryOperations[Name]['run']>>;
    this.#onChanged?.(name, args, value);
    return value;
  }
}

function sliceEntries(addresses: readonly string[]): string[][] {
  const slices: string[][] = [];
  for (let at = 0; at < addresses.length; at += MAX_ENTRIES_AT_ONCE)
    slices.push(addresses.slice(at, at + MAX_ENTRIES_AT_ONCE));
  return slices;
}
