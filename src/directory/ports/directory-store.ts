/** What the directory needs from a storage backend: rows, not rules. */
import type { AccountId } from '#base/ids.ts';
import type {
  AddressRow,
  BoxRow,
  ChosenAliasRow,
  ConsentRow,
  CredentialId,
  CredentialRow,
  DefaultSenderRow,
  DelegationRow,
  DirectoryAccountRow,
  DomainRow,
  FilterRow,
  FactorRow,
  ForwardingRow,
  GroupEntry,
  GroupId,
  GroupRole,
  GroupRow,
  IdleRow,
  LifeRow,
  PersonId,
  PersonRow,
  RosterChangeRow,
  RosterRunId,
  RosterRunRow,
  ScimTokenRow,
  PhoneRow,
  VacationRow,
} from '#directory/types.ts';

/** Committed state (or, inside a transaction, its own view). Unknown keys answer `undefined` or nothing. */
export interface DirectoryReader {
  domain(domain: string): Promise<DomainRow | undefined>;
  /** All, by name. */
  domains(): Promise<readonly DomainRow[]>;
  account(accountId: AccountId): Promise<DirectoryAccountRow | undefined>;
  /** Accounts with accountId > after, ascending, at most `limit`. */
  accounts(after: number, limit: number): Promise<readonly DirectoryAccountRow[]>;
  /** By canonical local part and domain: one indexed look-up. */
  address(localPart: string, domain: string): Promise<AddressRow | undefined>;
  /** Primary first, then by age. */
  addressesOf(accountId: AccountId): Promise<readonly AddressRow[]>;
  /** Of the accounts with `after` < accountId <= `upTo`: by account, then as in `addressesOf`. */
  addressesBetween(after: number, upTo: number): Promise<readonly AddressRow[]>;
  credentialsOf(accountId: AccountId): Promise<readonly CredentialRow[]>;
  /** By age. */
  factorsOf(accountId: AccountId): Promise<readonly FactorRow[]>;
  person(personId: PersonId): Promise<PersonRow | undefined>;
  /** By the number in its one spelling: one indexed look-up. */
  personByNumber(number: string): Promise<PersonRow | undefined>;
  /** Those that lead to the account, ascending. */
  personsOf(accountId: AccountId): Promise<readonly PersonRow[]>;
  /** Persons with personId > after, ascending, at most `limit`. */
  persons(after: number, limit: number): Promise<readonly PersonRow[]>;
  life(accountId: AccountId): Promise<LifeRow | undefined>;
  /** Of those that have one, by account. */
  idlesOf(accountIds: readonly AccountId[]): Promise<readonly IdleRow[]>;
  /** Those to be looked at by then, the first due first, at most `limit`. */
  dueLives(by: number, limit: number): Promise<readonly LifeRow[]>;
  /** By name. */
  scimTokens(): Promise<readonly ScimTokenRow[]>;
  rosterRun(runId: RosterRunId): Promise<RosterRunRow | undefined>;
  /** Runs with runId < before, the last first, at most `limit`. */
  rosterRuns(before: number, limit: number): Promise<readonly RosterRunRow[]>;
  /** Of a run, positions < before, the last first, at most `limit`. */
  rosterChanges(runId: RosterRunId, before: number, limit: number): Promise<readonly RosterChangeRow[]>;
  phone(accountId: AccountId): Promise<PhoneRow | undefined>;
  /** Those bound to the number, ascending, at most `limit`. */
  accountsOfPhone(phoneIndex: string, limit: number): Promise<readonly AccountId[]>;
  chosenAlias(localPart: string, domain: string): Promise<ChosenAliasRow | undefined>;
  /** The newest first. */
  chosenAliasesOf(accountId: AccountId): Promise<readonly ChosenAliasRow[]>;
  /** Those left before then that still deliver, or no longer do, the oldest first, at most `limit`. */
  leftAliases(leftBefore: number, delivers: boolean, limit: number): Promise<readonly ChosenAliasRow[]>;
  /** Local parts of a domain, of accounts and groups, that look like this (`lookOf`), at most `limit`. */
  lookAlikes(look: string, domain: string, limit: number): Promise<readonly string[]>;
  /** The newest first. */
  consentsOf(accountId: AccountId): Promise<readonly ConsentRow[]>;
  /** Of those accounts that forward, by ascending account. */
  forwardings(accountIds: readonly AccountId[]): Promise<readonly ForwardingRow[]>;
  /** Of those accounts that have any, by ascending account. */
  filters(accountIds: readonly AccountId[]): Promise<readonly FilterRow[]>;
  /** Of those accounts that have one, on or off, by ascending account. */
  vacations(accountIds: readonly AccountId[]): Promise<readonly VacationRow[]>;
  /** When the account last answered the sender, an address in canonical spelling. */
  answeredAt(accountId: AccountId, sender: string): Promise<number | undefined>;
  countAnswers(accountId: AccountId): Promise<number>;
  /** Whether a notice was sent to the account; null: to nobody in particular. */
  isNoticeClaimed(name: string, accountId: AccountId | null): Promise<boolean>;
  /** Of others to the account, by ascending account. */
  delegationsTo(delegateId: AccountId): Promise<readonly DelegationRow[]>;
  /** Of the account to others, by ascending delegate. */
  delegationsOf(accountId: AccountId): Promise<readonly DelegationRow[]>;
  box(accountId: AccountId): Promise<BoxRow | undefined>;
  /** Those with accountId > after, ascending, at most `limit`. */
  boxes(after: number, limit: number): Promise<readonly BoxRow[]>;
  defaultSender(accountId: AccountId): Promise<DefaultSenderRow | undefined>;
  /** Those in the domain with accountId > after, ascending, at most `limit`. */
  defaultSendersIn(domain: string, after: number, limit: number): Promise<readonly DefaultSenderRow[]>;
  /** By canonical local part and domain: one indexed look-up. */
  group(localPart: string, domain: string): Promise<GroupRow | undefined>;
  groupById(groupId: GroupId): Promise<GroupRow | undefined>;
  /** Groups with groupId > after, ascending, at most `limit`. */
  groups(after: number, limit: number): Promise<readonly GroupRow[]>;
  /** Accounts, then groups, then addresses outside, each in ascending order. */
  groupEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]>;
  /** The same without accounts that take no mail. */
  receivingEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]>;
  countGroupEntries(groupId: GroupId, role: GroupRole): Promise<number>;
  /** The groups that somebody is directly in, ascending. */
  groupsWith(entry: GroupEntry, role: GroupRole): Promise<readonly GroupId[]>;
}

export interface DirectoryTransaction extends DirectoryReader {
  readonly nowMs: number;
  /** `alreadyExists` (MailError) when it is there, also when two transactions race for it. */
  insertDomain(row: DomainRow): Promise<void>;
  /** `inUse` (MailError) when an address or a group is in it, also when that comes by a racing transaction. */
  deleteDomain(domain: string): Promise<void>;
  /** The first of `count` in a row (one, unless said); none is ever given out twice, also after deletion. */
  allocateAccountId(count?: number): Promise<AccountId>;
  allocateCredentialId(count?: number): Promise<CredentialId>;
  insertAccounts(rows: readonly DirectoryAccountRow[]): Promise<void>;
  updateAccount(row: DirectoryAccountRow): Promise<void>;
  /**
   * Removes the account with all that is its: addresses, credentials, factors, telephone, consents, forwarding, filters, vacation, answers and end, delegations to and
   * by it, its box and default sender; from the groups it is in and from the boxes it answers for; persons
   * lead to it no more; aliases it chose are left and deliver no more.
   */
  deleteAccount(accountId: AccountId): Promise<void>;
  /**
   * `alreadyExists` (MailError) when one of the addresses is taken, also by a group, also when two transactions race for it; `notFound`
   * when its domain is not there (any more).
   */
  insertAddresses(rows: readonly AddressRow[]): Promise<void>;
  deleteAddress(localPart: string, domain: string): Promise<void>;
  insertCredentials(rows: readonly CredentialRow[]): Promise<void>;
  updateCredential(row: CredentialRow): Promise<void>;
  deleteCredential(accountId: AccountId, credentialId: CredentialId): Promise<void>;
  /** As `factorsOf`; nobody else changes them until the transaction ends. */
  lockFactors(accountId: AccountId): Promise<readonly FactorRow[]>;
  /** A new one, or in place of the one of that id. */
  putFactor(row: FactorRow): Promise<void>;
  deleteFactor(accountId: AccountId, factorId: string): Promise<void>;
  /** The account does not count as touched: nobody remembers uses. */
  noteFactorUse(row: Pick<FactorRow, 'accountId' | 'factorId' | 'usedAt' | 'usedFrom'>): Promise<void>;
  allocatePersonId(count?: number): Promise<PersonId>;
  /** `alreadyExists` (MailError) when one of the numbers is taken, also when two transactions race for it. */
  insertPersons(rows: readonly PersonRow[]): Promise<void>;
  /** The number stays as it is. */
  updatePerson(row: PersonRow): Promise<void>;
  deletePerson(personId: PersonId): Promise<void>;
  /** In place of what the account had. */
  putLife(row: LifeRow): Promise<void>;
  /** In place of what the account had. */
  putIdle(row: IdleRow): Promise<void>;
  /** False when the name is taken. */
  insertScimToken(row: ScimTokenRow): Promise<boolean>;
  /** False when there is none. */
  deleteScimToken(name: string): Promise<boolean>;
  allocateRosterRunId(): Promise<RosterRunId>;
  /** A new one, or in place of the one of that id; nobody else changes it until the transaction ends. */
  putRosterRun(row: RosterRunRow): Promise<void>;
  /** As `rosterRun`; nobody else changes it until the transaction ends. */
  lockRosterRun(runId: RosterRunId): Promise<RosterRunRow | undefined>;
  insertRosterChanges(rows: readonly RosterChangeRow[]): Promise<void>;
  /** At most `limit` of those made before then, of whatever run; answers how many. */
  forgetRosterChanges(before: number, limit: number): Promise<number>;
  putPhone(row: PhoneRow): Promise<void>;
  deletePhone(accountId: AccountId): Promise<void>;
  /** A new one, or in place of the one of that address. */
  putChosenAlias(row: ChosenAliasRow): Promise<void>;
  deleteChosenAlias(localPart: string, domain: string): Promise<void>;
  /** Of the same version again: nothing. */
  insertConsent(row: ConsentRow): Promise<void>;
  /** In place of what the account had. */
  putForwarding(row: ForwardingRow): Promise<void>;
  deleteForwarding(accountId: AccountId): Promise<void>;
  /** In place of what the account had. */
  putFilter(row: FilterRow): Promise<void>;
  deleteFilter(accountId: AccountId): Promise<void>;
  /** In place of what the account had. */
  putVacation(row: VacationRow): Promise<void>;
  /** Of a sender who has none. The account does not count as touched: nobody remembers answers. */
  insertAnswer(accountId: AccountId, sender: string, at: number): Promise<void>;
  /** Of one that is not claimed. Nobody counts as touched. */
  insertNoticeClaim(name: string, accountId: AccountId | null): Promise<void>;
  /** Those up to and at that instant; all for `Infinity`. */
  deleteAnswers(accountId: AccountId, upTo: number): Promise<void>;
  /** At most `limit` of those before then, whosever they are; answers how many. */
  forgetAnswers(before: number, limit: number): Promise<number>;
  /** In place of what was between the two; none when it says nothing. Both accounts count as touched. */
  putDelegation(row: DelegationRow): Promise<void>;
  /** In place of what the account had. */
  putBox(row: BoxRow): Promise<void>;
  /** In place of what the account had. */
  putDefaultSender(row: DefaultSenderRow): Promise<void>;
  deleteDefaultSender(accountId: AccountId): Promise<void>;
  allocateGroupId(): Promise<GroupId>;
  /** As `insertAddresses`: `alreadyExists`, `notFound`. */
  insertGroup(row: GroupRow): Promise<void>;
  /** Its address and age stay. */
  updateGroup(row: GroupRow): Promise<void>;
  /** Removes the group with its entries, and from the groups it is in. */
  deleteGroup(groupId: GroupId): Promise<void>;
  /** False when it is there already. An account that becomes or ceases to be an owner counts as touched. */
  insertGroupEntry(groupId: GroupId, role: GroupRole, entry: GroupEntry): Promise<boolean>;
  /** False when there is none. */
  deleteGroupEntry(groupId: GroupId, role: GroupRole, entry: GroupEntry): Promise<boolean>;
}

export interface DirectoryStore {
  readonly reader: DirectoryReader;
  /** Runs a directory operation (names and arguments: #directory/operations.ts) atomically; durable when it resolves. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
  /** Calls back after each commit that touched an account (sign-in caches drop it), in whichever thread or process. */
  watch(listener: (accountId: AccountId) => void): () => void;
}

export interface DirectoryOperation {
  run(tx: DirectoryTransaction, args: never): Promise<unknown>;
}
