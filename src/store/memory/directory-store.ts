/** DirectoryStore in memory: plain Maps, copied for each operation and swapped when it succeeds. */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { DirectoryReader, DirectoryStore, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type {
  AccountId,
  AddressRow,
  BoxRow,
  ChosenAliasRow,
  ConsentRow,
  CredentialId,
  CredentialRow,
  DefaultSenderRow,
  DelegationRow,
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
  PersonId,
  PersonRow,
  RosterChangeRow,
  RosterRunId,
  RosterRunRow,
  ScimTokenRow,
  PhoneRow,
  VacationRow,
} from '#directory/types.ts';
import { lookOf } from '#directory/alias-policy.ts';
import { takesMail } from '#directory/stages.ts';
import type { Operations } from '#store/operations.ts';
import { compareAddresses, fromEntry } from '#store/sql/directory-rows.ts';
import { MemorySection } from './section.ts';

interface DirectoryData {
  domains: Map<string, DomainRow>;
  accounts: Map<AccountId, DirectoryAccountRow>;
  /** By `localPart@domain`. */
  addresses: Map<string, AddressRow>;
  credentials: Map<CredentialId, CredentialRow>;
  /** By account, then by id. */
  factors: Map<AccountId, ReadonlyMap<string, FactorRow>>;
  persons: Map<PersonId, PersonRow>;
  lives: Map<AccountId, LifeRow>;
  idles: Map<AccountId, IdleRow>;
  rosterRuns: Map<RosterRunId, RosterRunRow>;
  scimTokens: Map<string, ScimTokenRow>;
  rosterChanges: readonly RosterChangeRow[];
  phones: Map<AccountId, PhoneRow>;
  /** By `localPart@domain`. */
  chosenAliases: Map<string, ChosenAliasRow>;
  consents: readonly ConsentRow[];
  forwardings: Map<AccountId, ForwardingRow>;
  filters: Map<AccountId, FilterRow>;
  vacations: Map<AccountId, VacationRow>;
  /** By account, then by sender: when. */
  answers: Map<AccountId, ReadonlyMap<string, number>>;
  /** `name accountId`. */
  noticeClaims: Set<string>;
  /** By account and delegate. */
  delegations: Map<string, DelegationRow>;
  boxes: Map<AccountId, BoxRow>;
  defaultSenders: Map<AccountId, DefaultSenderRow>;
  groups: Map<GroupId, GroupRow>;
  /** By all that they are. */
  groupEntries: Map<string, GroupEntryRow>;
  lastAccountId: number;
  lastCredentialId: number;
  lastPersonId: number;
  lastRosterRunId: number;
  lastGroupId: number;
}

interface GroupEntryRow {
  readonly groupId: GroupId;
  readonly role: GroupRole;
  readonly entry: GroupEntry;
}

export class MemoryDirectoryStore implements DirectoryStore {
  readonly reader: DirectoryReader;
  readonly #section: MemorySection<DirectoryData>;

  constructor(operations: Operations, clock: Clock) {
    this.#section = new MemorySection<DirectoryData>({
      section: 'directory',
      operations,
      clock,
      empty: {
        domains: new Map(),
        accounts: new Map(),
        addresses: new Map(),
        credentials: new Map(),
        factors: new Map(),
        persons: new Map(),
        lives: new Map(),
        idles: new Map(),
        rosterRuns: new Map(),
        scimTokens: new Map(),
        rosterChanges: [],
        phones: new Map(),
        chosenAliases: new Map(),
        consents: [],
        forwardings: new Map(),
        filters: new Map(),
        vacations: new Map(),
        answers: new Map(),
        noticeClaims: new Set(),
        delegations: new Map(),
        boxes: new Map(),
        defaultSenders: new Map(),
        groups: new Map(),
        groupEntries: new Map(),
        lastAccountId: 0,
        lastCredentialId: 0,
        lastPersonId: 0,
        lastRosterRunId: 0,
        lastGroupId: 0,
      },
      copy: (data) => ({
        ...data,
        domains: new Map(data.domains),
        accounts: new Map(data.accounts),
        addresses: new Map(data.addresses),
        credentials: new Map(data.credentials),
        factors: new Map(data.factors),
        persons: new Map(data.persons),
        lives: new Map(data.lives),
        idles: new Map(data.idles),
        rosterRuns: new Map(data.rosterRuns),
        scimTokens: new Map(data.scimTokens),
        phones: new Map(data.phones),
        chosenAliases: new Map(data.chosenAliases),
        forwardings: new Map(data.forwardings),
        filters: new Map(data.filters),
        vacations: new Map(data.vacations),
        answers: new Map(data.answers),
        noticeClaims: new Set(data.noticeClaims),
        delegations: new Map(data.delegations),
        boxes: new Map(data.boxes),
        defaultSenders: new Map(data.defaultSenders),
        groups: new Map(data.groups),
        groupEntries: new Map(data.groupEntries),
      }),
      open: (data, nowMs) => new MemoryDirectoryTransaction(data, nowMs),
    });
    this.reader = new MemoryDirectoryReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    return this.#section.watch((key) => listener(key as AccountId));
  }
}

class MemoryDirectoryReader implements DirectoryReader {
  protected readonly data: () => DirectoryData;

  constructor(data: () => DirectoryData) {
    this.data = data;
  }

  async domain(domain: string): Promise<DomainRow | undefined> {
    return this.data().domains.get(domain);
  }

  async domains(): Promise<readonly DomainRow[]> {
    return [...this.data().domains.values()].toSorted((a, b) => (a.domain < b.domain ? -1 : 1));
  }

  async account(accountId: AccountId): Promise<DirectoryAccountRow | undefined> {
    return this.data().accounts.get(accountId);
  }

  async accounts(after: number, limit: number): Promise<readonly DirectoryAccountRow[]> {
    const rows = [...this.data().accounts.values()].filter(({ accountId }) => accountId > after);
    return rows.toSorted((a, b) => a.accountId - b.accountId).slice(0, limit);
  }

  async address(localPart: string, domain: string): Promise<AddressRow | undefined> {
    return this.data().addresses.get(`${localPart}@${domain}`);
  }

  async addressesOf(accountId: AccountId): Promise<readonly AddressRow[]> {
    const rows = [...this.data().addresses.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted(compareAddresses);
  }

  async addressesBetween(after: number, upTo: number): Promise<readonly AddressRow[]> {
    const rows = [...this.data().addresses.values()].filter(({ accountId }) => accountId > after && accountId <= upTo);
    return rows.toSorted((a, b) => a.accountId - b.accountId || compareAddresses(a, b));
  }

  async credentialsOf(accountId: AccountId): Promise<readonly CredentialRow[]> {
    const rows = [...this.data().credentials.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => a.credentialId - b.credentialId);
  }

  async factorsOf(accountId: AccountId): Promise<readonly FactorRow[]> {
    const rows = [...(this.data().factors.get(accountId)?.values() ?? [])];
    return rows.toSorted((a, b) => a.createdAt - b.createdAt || (a.factorId < b.factorId ? -1 : 1));
  }

  async person(personId: PersonId): Promise<PersonRow | undefined> {
    return this.data().persons.get(personId);
  }

  async personByNumber(number: string): Promise<PersonRow | undefined> {
    return this.data()
      .persons.values()
      .find((row) => row.number === number);
  }

  async personsOf(accountId: AccountId): Promise<readonly PersonRow[]> {
    return (await this.persons(0, Infinity)).filter((row) => row.accountId === accountId);
  }

  async persons(after: number, limit: number): Promise<readonly PersonRow[]> {
    const rows = [...this.data().persons.values()].filter(({ personId }) => personId > after);
    return rows.toSorted((a, b) => a.personId - b.personId).slice(0, limit);
  }

  async life(accountId: AccountId): Promise<LifeRow | undefined> {
    return this.data().lives.get(accountId);
  }

  async idlesOf(accountIds: readonly AccountId[]): Promise<readonly IdleRow[]> {
    const rows = accountIds.flatMap((accountId) => this.data().idles.get(accountId) ?? []);
    return rows.toSorted((a, b) => a.accountId - b.accountId);
  }

  async dueLives(by: number, limit: number): Promise<readonly LifeRow[]> {
    const due = [...this.data().lives.values()].filter(({ nextAt }) => nextAt !== null && nextAt <= by);
    return due.toSorted((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0) || a.accountId - b.accountId).slice(0, limit);
  }

  async scimTokens(): Promise<readonly ScimTokenRow[]> {
    return [...this.data().scimTokens.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async rosterRun(runId: RosterRunId): Promise<RosterRunRow | undefined> {
    return this.data().rosterRuns.get(runId);
  }

  async rosterRuns(before: number, limit: number): Promise<readonly RosterRunRow[]> {
    const runs = [...this.data().rosterRuns.values()].filter(({ runId }) => runId < before);
    return runs.toSorted((a, b) => b.runId - a.runId).slice(0, limit);
  }

  async rosterChanges(runId: RosterRunId, before: number, limit: number): Promise<readonly RosterChangeRow[]> {
    const changes = this.data().rosterChanges.filter((row) => row.runId === runId && row.position < before);
    return changes.toSorted((a, b) => b.position - a.position).slice(0, limit);
  }

  async phone(accountId: AccountId): Promise<PhoneRow | undefined> {
    return this.data().phones.get(accountId);
  }

  async accountsOfPhone(phoneIndex: string, limit: number): Promise<readonly AccountId[]> {
    const rows = [...this.data().phones.values()].filter((row) => row.phoneIndex === phoneIndex);
    return rows
      .map(({ accountId }) => accountId)
      .toSorted((a, b) => a - b)
      .slice(0, limit);
  }

  async chosenAlias(localPart: string, domain: string): Promise<ChosenAliasRow | undefined> {
    return this.data().chosenAliases.get(`${localPart}@${domain}`);
  }

  async chosenAliasesOf(accountId: AccountId): Promise<readonly ChosenAliasRow[]> {
    const rows = [...this.data().chosenAliases.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => b.chosenAt - a.chosenAt || compareLocalParts(a, b));
  }

  async leftAliases(leftBefore: number, delivers: boolean, limit: number): Promise<readonly ChosenAliasRow[]> {
    const isLeft = (row: ChosenAliasRow): boolean => (row.leftAt ?? Infinity) < leftBefore && row.delivers === delivers;
    const rows = [...this.data().chosenAliases.values()].filter(isLeft);
    return rows.toSorted((a, b) => (a.leftAt ?? 0) - (b.leftAt ?? 0) || compareLocalParts(a, b)).slice(0, limit);
  }

  async lookAlikes(look: string, domain: string, limit: number): Promise<readonly string[]> {
    const rows = [...this.data().addresses.values(), ...this.data().groups.values()];
    const alike = rows.filter((row) => row.domain === domain && lookOf(row.localPart) === look);
    return alike.map(({ localPart }) => localPart).slice(0, limit);
  }

  async consentsOf(accountId: AccountId): Promise<readonly ConsentRow[]> {
    return this.data()
      .consents.filter((row) => row.accountId === accountId)
      .toSorted((a, b) => b.agreedAt - a.agreedAt);
  }

  async forwardings(accountIds: readonly AccountId[]): Promise<readonly ForwardingRow[]> {
    const rows = accountIds.flatMap((accountId) => this.data().forwardings.get(accountId) ?? []);
    return rows.toSorted((a, b) => a.accountId - b.accountId);
  }

  async filters(accountIds: readonly AccountId[]): Promise<readonly FilterRow[]> {
    const rows = accountIds.flatMap((accountId) => this.data().filters.get(accountId) ?? []);
    return structuredClone(rows.toSorted((a, b) => a.accountId - b.accountId));
  }

  async vacations(accountIds: readonly AccountId[]): Promise<readonly VacationRow[]> {
    const rows = accountIds.flatMap((accountId) => this.data().vacations.get(accountId) ?? []);
    return rows.toSorted((a, b) => a.accountId - b.accountId);
  }

  async answeredAt(accountId: AccountId, sender: string): Promise<number | undefined> {
    return this.data().answers.get(accountId)?.get(sender);
  }

  async isNoticeClaimed(name: string, accountId: AccountId | null): Promise<boolean> {
    return this.data().noticeClaims.has(`${name} ${accountId ?? 0}`);
  }

  async countAnswers(accountId: AccountId): Promise<number> {
    return this.data().answers.get(accountId)?.size ?? 0;
  }

  async delegationsTo(delegateId: AccountId): Promise<readonly DelegationRow[]> {
    const rows = [...this.data().delegations.values()].filter((row) => row.delegateId === delegateId);
    return rows.toSorted((a, b) => a.accountId - b.accountId);
  }

  async delegationsOf(accountId: AccountId): Promise<readonly DelegationRow[]> {
    const rows = [...this.data().delegations.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => a.delegateId - b.delegateId);
  }

  async box(accountId: AccountId): Promise<BoxRow | undefined> {
    return this.data().boxes.get(accountId);
  }

  async boxes(after: number, limit: number): Promise<readonly BoxRow[]> {
    const rows = [...this.data().boxes.values()].filter(({ accountId }) => accountId > after);
    return rows.toSorted((a, b) => a.accountId - b.accountId).slice(0, limit);
  }

  async defaultSender(accountId: AccountId): Promise<DefaultSenderRow | undefined> {
    return this.data().defaultSenders.get(accountId);
  }

  async defaultSendersIn(domain: string, after: number, limit: number): Promise<readonly DefaultSenderRow[]> {
    const rows = [...this.data().defaultSenders.values()].filter((row) => row.domain === domain);
    const later = rows.filter(({ accountId }) => accountId > after);
    return later.toSorted((a, b) => a.accountId - b.accountId).slice(0, limit);
  }

  async group(localPart: string, domain: string): Promise<GroupRow | undefined> {
    return this.data()
      .groups.values()
      .find((row) => row.localPart === localPart && row.domain === domain);
  }

  async groupById(groupId: GroupId): Promise<GroupRow | undefined> {
    return this.data().groups.get(groupId);
  }

  async groups(after: number, limit: number): Promise<readonly GroupRow[]> {
    const rows = [...this.data().groups.values()].filter(({ groupId }) => groupId > after);
    return rows.toSorted((a, b) => a.groupId - b.groupId).slice(0, limit);
  }

  async groupEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]> {
    const rows = [...this.data().groupEntries.values()].filter((row) => row.groupId === groupId && row.role === role);
    return rows.map(({ entry }) => entry).toSorted(compareEntries);
  }

  async receivingEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]> {
    const { accounts } = this.data();
    const entries = await this.groupEntries(groupId, role);
    return entries.filter((entry) => {
      const account = entry.kind === 'account' ? accounts.get(entry.accountId) : undefined;
      return entry.kind !== 'account' || (account !== undefined && takesMail(account));
    });
  }

  async countGroupEntries(groupId: GroupId, role: GroupRole): Promise<number> {
    return (await this.groupEntries(groupId, role)).length;
  }

  async groupsWith(entry: GroupEntry, role: GroupRole): Promise<readonly GroupId[]> {
    const groups = [...this.data().groups.keys()].toSorted((a, b) => a - b);
    return groups.filter((groupId) => this.data().groupEntries.has(keyOf({ groupId, role, entry })));
  }
}

class MemoryDirectoryTransaction extends MemoryDirectoryReader implements DirectoryTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();
  readonly #data: DirectoryData;

  constructor(data: DirectoryData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async insertDomain(row: DomainRow): Promise<void> {
    if (this.#data.domains.has(row.domain))
      throw new MailError('alreadyExists', 'The domain exists', { data: { domain: row.domain } });
    this.#data.domains.set(row.domain, { ...row });
  }

  async deleteDomain(domain: string): Promise<void> {
    for (const row of [...this.#data.addresses.values(), ...this.#data.groups.values()]) {
      if (row.domain === domain) throw new MailError('inUse', `There are addresses in ${domain}`, { data: { domain } });
    }
    this.#data.domains.delete(domain);
  }

  async allocateAccountId(count = 1): Promise<AccountId> {
    this.#data.lastAccountId += count;
    return (this.#data.lastAccountId - count + 1) as AccountId;
  }

  async allocateCredentialId(count = 1): Promise<CredentialId> {
    this.#data.lastCredentialId += count;
    return (this.#data.lastCredentialId - count + 1) as CredentialId;
  }

  async insertAccounts(rows: readonly DirectoryAccountRow[]): Promise<void> {
    for (const row of rows) {
      if (this.#data.accounts.has(row.accountId)) throw new Error(`account ${row.accountId} exists`);
      this.touched.add(row.accountId);
      this.#data.accounts.set(row.accountId, { ...row });
    }
  }

  async updateAccount(row: DirectoryAccountRow): Promise<void> {
    this.touched.add(row.accountId);
    if (this.#data.accounts.has(row.accountId)) this.#data.accounts.set(row.accountId, { ...row });
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    this.#data.accounts.delete(accountId);
    this.#data.phones.delete(accountId);
    this.#data.consents = this.#data.consents.filter((row) => row.accountId !== accountId);
    for (const [key, row] of this.#data.chosenAliases)
      if (row.accountId === accountId)
        this.#data.chosenAliases.set(key, { ...row, leftAt: row.leftAt ?? this.nowMs, delivers: false });
    this.#data.forwardings.delete(accountId);
    this.#data.filters.delete(accountId);
    this.#data.vacations.delete(accountId);
    this.#data.answers.delete(accountId);
    for (const claim of this.#data.noticeClaims)
      if (claim.endsWith(` ${accountId}`)) this.#data.noticeClaims.delete(claim);
    this.#data.lives.delete(accountId);
    this.#data.idles.delete(accountId);
    this.#data.boxes.delete(accountId);
    this.#data.defaultSenders.delete(accountId);
    for (const [key, row] of this.#data.delegations) {
      if (row.accountId === accountId) this.touched.add(row.delegateId);
      if (row.accountId === accountId || row.delegateId === accountId) this.#data.delegations.delete(key);
    }
    for (const [key, row] of this.#data.boxes)
      if (row.responsibleId === accountId) this.#data.boxes.set(key, { ...row, responsibleId: null });
    for (const [key, row] of this.#data.addresses) if (row.accountId === accountId) this.#data.addresses.delete(key);
    for (const [key, row] of this.#data.credentials)
      if (row.accountId === accountId) this.#data.credentials.delete(key);
    this.#data.factors.delete(accountId);
    for (const [personId, row] of this.#data.persons)
      if (row.accountId === accountId) this.#data.persons.set(personId, { ...row, accountId: null });
    for (const [key, { entry }] of this.#data.groupEntries)
      if (entry.kind === 'account' && entry.accountId === accountId) this.#data.groupEntries.delete(key);
  }

  async insertAddresses(rows: readonly AddressRow[]): Promise<void> {
    for (const row of rows) {
      const address = await this.#requireFree(row);
      this.touched.add(row.accountId);
      this.#data.addresses.set(address, { ...row });
    }
  }

  /** The address as text, once it is known that its domain is there and nobody has it. */
  async #requireFree({ localPart, domain }: Pick<AddressRow, 'localPart' | 'domain'>): Promise<string> {
    if (!this.#data.domains.has(domain))
      throw new MailError('notFound', `There is no domain ${domain}`, { data: { domain } });
    const address = `${localPart}@${domain}`;
    if (this.#data.addresses.has(address) || (await this.group(localPart, domain)) !== undefined)
      throw new MailError('alreadyExists', `The address ${address} is taken`, { data: { address } });
    return address;
  }

  async deleteAddress(localPart: string, domain: string): Promise<void> {
    const key = `${localPart}@${domain}`;
    const row = this.#data.addresses.get(key);
    if (row === undefined) return;
    this.touched.add(row.accountId);
    this.#data.addresses.delete(key);
  }

  async insertCredentials(rows: readonly CredentialRow[]): Promise<void> {
    for (const row of rows) {
      this.touched.add(row.accountId);
      this.#data.credentials.set(row.credentialId, { ...row });
    }
  }

  async updateCredential(row: CredentialRow): Promise<void> {
    this.touched.add(row.accountId);
    if (this.#data.credentials.has(row.credentialId)) this.#data.credentials.set(row.credentialId, { ...row });
  }

  async deleteCredential(accountId: AccountId, credentialId: CredentialId): Promise<void> {
    this.touched.add(accountId);
    this.#data.credentials.delete(credentialId);
  }

  lockFactors(accountId: AccountId): Promise<readonly FactorRow[]> {
    return this.factorsOf(accountId);
  }

  async putFactor(row: FactorRow): Promise<void> {
    this.touched.add(row.accountId);
    const current = this.#data.factors.get(row.accountId);
    const { kind, createdAt } = current?.get(row.factorId) ?? row;
    this.#data.factors.set(row.accountId, new Map(current).set(row.factorId, { ...row, kind, createdAt }));
  }

  async deleteFactor(accountId: AccountId, factorId: string): Promise<void> {
    this.touched.add(accountId);
    const rows = new Map(this.#data.factors.get(accountId));
    rows.delete(factorId);
    this.#data.factors.set(accountId, rows);
  }

  async noteFactorUse(row: Pick<FactorRow, 'accountId' | 'factorId' | 'usedAt' | 'usedFrom'>): Promise<void> {
    const current = this.#data.factors.get(row.accountId);
    const factor = current?.get(row.factorId);
    if (factor !== undefined)
      this.#data.factors.set(row.accountId, new Map(current).set(row.factorId, { ...factor, ...row }));
  }

  async allocatePersonId(count = 1): Promise<PersonId> {
    this.#data.lastPersonId += count;
    return (this.#data.lastPersonId - count + 1) as PersonId;
  }

  async insertPersons(rows: readonly PersonRow[]): Promise<void> {
    for (const row of rows) {
      const { number } = row;
      if ((await this.personByNumber(number)) !== undefined)
        throw new MailError('alreadyExists', `The number ${number} is there`, { data: { number } });
      this.#touchPerson(row);
      this.#data.persons.set(row.personId, { ...row });
    }
  }

  async updatePerson(row: PersonRow): Promise<void> {
    this.#touchPerson(row);
    const current = this.#data.persons.get(row.personId);
    if (current !== undefined) this.#data.persons.set(row.personId, { ...row, number: current.number });
  }

  async deletePerson(personId: PersonId): Promise<void> {
    this.#data.persons.delete(personId);
  }

  async putLife(row: LifeRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.lives.set(row.accountId, { ...row });
  }

  async putIdle(row: IdleRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.idles.set(row.accountId, { ...row });
  }

  async insertScimToken(row: ScimTokenRow): Promise<boolean> {
    if (this.#data.scimTokens.has(row.name)) return false;
    this.#data.scimTokens.set(row.name, { ...row });
    return true;
  }

  async deleteScimToken(name: string): Promise<boolean> {
    return this.#data.scimTokens.delete(name);
  }

  async allocateRosterRunId(): Promise<RosterRunId> {
    return ++this.#data.lastRosterRunId as RosterRunId;
  }

  async putRosterRun(row: RosterRunRow): Promise<void> {
    this.#data.rosterRuns.set(row.runId, { ...this.#data.rosterRuns.get(row.runId), ...row });
  }

  lockRosterRun(runId: RosterRunId): Promise<RosterRunRow | undefined> {
    return this.rosterRun(runId);
  }

  async insertRosterChanges(rows: readonly RosterChangeRow[]): Promise<void> {
    this.#data.rosterChanges = [...this.#data.rosterChanges, ...rows.map((row) => ({ ...row }))];
  }

  async forgetRosterChanges(before: number, limit: number): Promise<number> {
    const old = new Set(this.#data.rosterChanges.filter(({ at }) => at < before).slice(0, limit));
    this.#data.rosterChanges = this.#data.rosterChanges.filter((row) => !old.has(row));
    return old.size;
  }

  #touchPerson({ accountId }: PersonRow): void {
    if (accountId !== null) this.touched.add(accountId);
  }

  async putPhone(row: PhoneRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.phones.set(row.accountId, { ...row });
  }

  async deletePhone(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    this.#data.phones.delete(accountId);
  }

  async putChosenAlias(row: ChosenAliasRow): Promise<void> {
    this.#data.chosenAliases.set(`${row.localPart}@${row.domain}`, { ...row });
  }

  async deleteChosenAlias(localPart: string, domain: string): Promise<void> {
    this.#data.chosenAliases.delete(`${localPart}@${domain}`);
  }

  async insertConsent(row: ConsentRow): Promise<void> {
    const isKnown = ({ accountId, document, version }: ConsentRow): boolean =>
      accountId === row.accountId && document === row.document && version === row.version;
    if (!this.#data.consents.some(isKnown)) this.#data.consents = [...this.#data.consents, { ...row }];
  }

  async putForwarding(row: ForwardingRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.forwardings.set(row.accountId, { ...row, targets: [...row.targets] });
  }

  async deleteForwarding(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    this.#data.forwardings.delete(accountId);
  }

  async putFilter(row: FilterRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.filters.set(row.accountId, structuredClone(row));
  }

  async deleteFilter(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    this.#data.filters.delete(accountId);
  }

  async putVacation(row: VacationRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.vacations.set(row.accountId, { ...row });
  }

  async insertAnswer(accountId: AccountId, sender: string, at: number): Promise<void> {
    const answers = this.#data.answers.get(accountId) ?? [];
    this.#data.answers.set(accountId, new Map([...answers, [sender, at]]));
  }

  async insertNoticeClaim(name: string, accountId: AccountId | null): Promise<void> {
    this.#data.noticeClaims.add(`${name} ${accountId ?? 0}`);
  }

  async deleteAnswers(accountId: AccountId, upTo: number): Promise<void> {
    const left = [...(this.#data.answers.get(accountId) ?? [])].filter(([, at]) => at > upTo);
    this.#data.answers.set(accountId, new Map(left));
  }

  async forgetAnswers(before: number, limit: number): Promise<number> {
    let forgotten = 0;
    for (const [accountId, answers] of this.#data.answers) {
      const old = [...answers].filter(([, at]) => at < before).slice(0, limit - forgotten);
      forgotten += old.length;
      const gone = new Set(old.map(([sender]) => sender));
      this.#data.answers.set(accountId, new Map([...answers].filter(([sender]) => !gone.has(sender))));
    }
    return forgotten;
  }

  async putDelegation(row: DelegationRow): Promise<void> {
    this.touched.add(row.accountId);
    this.touched.add(row.delegateId);
    const key = `${row.accountId} ${row.delegateId}`;
    if (row.rights.length + row.mailboxes.length === 0) this.#data.delegations.delete(key);
    else this.#data.delegations.set(key, structuredClone(row));
  }

  async putBox(row: BoxRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.boxes.set(row.accountId, { ...row });
  }

  async putDefaultSender(row: DefaultSenderRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.defaultSenders.set(row.accountId, { ...row });
  }

  async deleteDefaultSender(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    this.#data.defaultSenders.delete(accountId);
  }

  async allocateGroupId(): Promise<GroupId> {
    return ++this.#data.lastGroupId as GroupId;
  }

  async insertGroup(row: GroupRow): Promise<void> {
    await this.#requireFree(row);
    this.#data.groups.set(row.groupId, { ...row });
  }

  async updateGroup({ groupId, displayName, posting, isList }: GroupRow): Promise<void> {
    const row = this.#data.groups.get(groupId);
    if (row !== undefined) this.#data.groups.set(groupId, { ...row, displayName, posting, isList });
  }

  async deleteGroup(groupId: GroupId): Promise<void> {
    for (const [key, row] of this.#data.groupEntries) {
      if (row.groupId === groupId) this.#touchOwner(row.role, row.entry);
      const isInside = row.entry.kind === 'group' && row.entry.groupId === groupId;
      if (row.groupId === groupId || isInside) this.#data.groupEntries.delete(key);
    }
    this.#data.groups.delete(groupId);
  }

  async insertGroupEntry(groupId: GroupId, role: GroupRole, entry: GroupEntry): Promise<boolean> {
    this.#touchOwner(role, entry);
    const key = keyOf({ groupId, role, entry });
    if (this.#data.groupEntries.has(key)) return false;
    this.#data.groupEntries.set(key, { groupId, role, entry: { ...entry } });
    return true;
  }

  async deleteGroupEntry(groupId: GroupId, role: GroupRole, entry: GroupEntry): Promise<boolean> {
    this.#touchOwner(role, entry);
    return this.#data.groupEntries.delete(keyOf({ groupId, role, entry }));
  }

  #touchOwner(role: GroupRole, entry: GroupEntry): void {
    if (role === 'owner' && entry.kind === 'account') this.touched.add(entry.accountId);
  }
}

function keyOf({ groupId, role, entry }: GroupEntryRow): string {
  return [groupId, role, ...fromEntry(entry)].join(' ');
}

function compareLocalParts(a: ChosenAliasRow, b: ChosenAliasRow): number {
  return a.localPart < b.localPart ? -1 : 1;
}

function compareEntries(a: GroupEntry, b: GroupEntry): number {
  const [kindA, idA, addressA] = fromEntry(a);
  const [kindB, idB, addressB] = fromEntry(b);
  if (kindA !== kindB) return kindA < kindB ? -1 : 1;
  return idA - idB || (addressA < addressB ? -1 : 1);
}
