/** DirectoryReader and DirectoryTransaction over SQL: rows of the directory, no rules. */
import type { AccountId, MailboxId } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type { DirectoryReader, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type {
  AccountRight,
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
  FactorKind,
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
  RosterCounts,
  RosterRunId,
  RosterRunRow,
  ScimTokenRow,
  PhoneRow,
  VacationRow,
} from '#directory/types.ts';
import { rulesOfStage } from '#directory/stages.ts';
import { ACCOUNT_STAGES } from '#directory/types.ts';
import { toText } from './message-rows.ts';
import { type SqlSession, type SqlValue, toList } from './session.ts';
import { insertInto, integers, texts } from './statements.ts';

const ACCOUNT = 'account_id, display_name, state, receives, created_at, service_class, sending, sending_note, stage';
type AccountColumns = [number, string, string, number, number, string | null, string, string, string];

const ADDRESS = 'local_part, domain, account_id, kind, created_at';
type AddressColumns = [string, string, number, string, number];

const CREDENTIAL = 'account_id, credential_id, kind, verifier, scram_sha256, changed_at, must_change, expires_at';
const FACTOR = 'account_id, factor_id, kind, name, secret, created_at, used_at, used_from';
type FactorColumns = [number, string, string, string, string, number, number | null, string];
type CredentialColumns = [number, number, string, string, string | null, number, number, number | null];

const PERSON = `person_id, number, name, english_name, population, unit, level, enrolled, status, ends_on, tail_check,
  account_id, updated_at`;
type PersonColumns = [
  ...[personId: number, number: string, name: string, englishName: string, population: string, unit: string],
  ...[level: string, enrolled: number | null, status: string, endsOn: string | null, tailCheck: string],
  ...[accountId: number | null, updatedAt: number],
];

const PHONE = 'account_id, sealed, phone_index, bound_at';
type PhoneColumns = [number, string, string, number];

const CHOSEN_ALIAS = 'domain, local_part, account_id, chosen_at, left_at, delivers';
type ChosenAliasColumns = [string, string, number, number, number | null, number];

const INSERT_ACCOUNT = insertInto('directory_account', {
  ...integers('account_id'),
  ...texts('display_name', 'state'),
  ...integers('receives', 'created_at'),
  ...texts('service_class', 'sending', 'sending_note', 'stage'),
});
const INSERT_ADDRESS = insertInto('address', {
  ...texts('local_part', 'domain'),
  ...integers('account_id'),
  ...texts('kind'),
  ...integers('created_at'),
});
const INSERT_CREDENTIAL = insertInto('credential', {
  ...integers('account_id', 'credential_id'),
  ...texts('kind', 'verifier', 'scram_sha256'),
  ...integers('changed_at', 'must_change', 'expires_at'),
});
const INSERT_PERSON = insertInto('person', {
  ...integers('person_id'),
  ...texts('number', 'name', 'english_name', 'population', 'unit', 'level'),
  ...integers('enrolled'),
  ...texts('status', 'ends_on', 'tail_check'),
  ...integers('account_id', 'updated_at'),
});
const INSERT_CHANGE = insertInto('roster_change', {
  ...integers('run_id', 'position'),
  ...texts('kind', 'person_before', 'person_after'),
  ...integers('has_opened', 'changed_at'),
});

/** `lookOf` (#directory/alias-policy.ts) as SQL; there is an index over just this. */
const LOOK = "replace(replace(replace(local_part, '0', 'o'), '1', 'l'), 'i', 'l')";

const CONSENT = 'account_id, document, version, agreed_at, address';
type ConsentColumns = [number, string, string, number, string];

const LIFE = 'account_id, left_at, stage_before, done_up_to, next_at, hold';
type LifeColumns = [number, number | null, string, number, number | null, string];

/** The stages in which no mail is taken, for SQL. */
const REFUSING = ACCOUNT_STAGES.filter((stage) => !rulesOfStage(stage).takesMail)
  .map((stage) => `'${stage}'`)
  .join(', ');

const IDLE = 'account_id, counted_from, warned_at, told, frozen_at';
type IdleColumns = [number, number, number | null, number, number | null];

const RUN = 'run_id, source, source_hash, actor, started_at, ended_at, undone_at, counts';
type RunColumns = [number, string, string, string, number, number | null, number | null, string];

const CHANGE = 'run_id, position, kind, person_before, person_after, has_opened, changed_at';
type ChangeColumns = [number, number, string, string | null, string, number, number];

/** The tables with rows of an account that go with it, beside its own. */
export const DIRECTORY_TABLES = [
  'address',
  'credential',
  'factor',
  'phone',
  'consent',
  'forwarding',
  'mail_filter',
  'vacation',
  'vacation_answer',
  'account_life',
  'account_idle',
  'delegation',
  'department_box',
  'default_sender',
];

const VACATION = 'account_id, is_enabled, subject, inside_text, outside_text, from_at, until_at, days';
type VacationColumns = [number, number, string, string | null, string | null, number | null, number | null, number];

const DELEGATION = 'account_id, delegate_id, rights, mailbox_rights';
type DelegationColumns = [number, number, string, string];

const BOX = 'account_id, responsible_id, ends_at, purpose, vacant_until, reviewed_at';
type BoxColumns = [number, number | null, number | null, string, number | null, number | null];

const DEFAULT_SENDER = 'account_id, local_part, domain';
type DefaultSenderColumns = [number, string, string];

const GROUP = 'group_id, domain, local_part, display_name, posting, is_list, created_at';
type GroupColumns = [number, string, string, string, string, number, number];

type EntryColumns = [string, number, string];
/** Accounts, groups, addresses outside: the kinds' names are in that order. */
const ENTRY_ORDER = 'ORDER BY kind, entry_id, address';

export class SqlDirectoryReader implements DirectoryReader {
  protected readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  async domain(domain: string): Promise<DomainRow | undefined> {
    const sql = 'SELECT domain, created_at FROM domain WHERE domain = ?';
    const row = await this.session.get<[string, number]>(sql, [domain]);
    return row === undefined ? undefined : { domain: row[0], createdAt: row[1] };
  }

  async domains(): Promise<readonly DomainRow[]> {
    const rows = await this.session.all<[string, number]>('SELECT domain, created_at FROM domain', []);
    // Sorted here: the databases' collations differ.
    return rows
      .map((row) => ({ domain: row[0], createdAt: row[1] }))
      .toSorted((a, b) => (a.domain < b.domain ? -1 : 1));
  }

  async account(accountId: AccountId): Promise<DirectoryAccountRow | undefined> {
    const sql = `SELECT ${ACCOUNT} FROM directory_account WHERE account_id = ?`;
    const row = await this.session.get<AccountColumns>(sql, [accountId]);
    return row === undefined ? undefined : toAccount(row);
  }

  async accounts(after: number, limit: number): Promise<readonly DirectoryAccountRow[]> {
    const sql = `SELECT ${ACCOUNT} FROM directory_account WHERE account_id > ? ORDER BY account_id LIMIT ?`;
    return (await this.session.all<AccountColumns>(sql, [after, limit])).map(toAccount);
  }

  async address(localPart: string, domain: string): Promise<AddressRow | undefined> {
    const sql = `SELECT ${ADDRESS} FROM address WHERE domain = ? AND local_part = ?`;
    const row = await this.session.get<AddressColumns>(sql, [domain, localPart]);
    return row === undefined ? undefined : toAddress(row);
  }

  async addressesOf(accountId: AccountId): Promise<readonly AddressRow[]> {
    const sql = `SELECT ${ADDRESS} FROM address WHERE account_id = ?`;
    return (await this.session.all<AddressColumns>(sql, [accountId])).map(toAddress).toSorted(compareAddresses);
  }

  async addressesBetween(after: number, upTo: number): Promise<readonly AddressRow[]> {
    const sql = `SELECT ${ADDRESS} FROM address WHERE account_id > ? AND account_id <= ?`;
    const rows = (await this.session.all<AddressColumns>(sql, [after, upTo])).map(toAddress);
    return rows.toSorted((a, b) => a.accountId - b.accountId || compareAddresses(a, b));
  }

  async credentialsOf(accountId: AccountId): Promise<readonly CredentialRow[]> {
    const sql = `SELECT ${CREDENTIAL} FROM credential WHERE account_id = ? ORDER BY credential_id`;
    return (await this.session.all<CredentialColumns>(sql, [accountId])).map(toCredential);
  }

  async factorsOf(accountId: AccountId): Promise<readonly FactorRow[]> {
    return this.readFactors(accountId, '');
  }

  protected async readFactors(accountId: AccountId, lock: string): Promise<readonly FactorRow[]> {
    const sql = `SELECT ${FACTOR} FROM factor WHERE account_id = ? ORDER BY created_at, factor_id${lock}`;
    return (await this.session.all<FactorColumns>(sql, [accountId])).map(toFactor);
  }

  async person(personId: PersonId): Promise<PersonRow | undefined> {
    const row = await this.session.get<PersonColumns>(`SELECT ${PERSON} FROM person WHERE person_id = ?`, [personId]);
    return row && toPerson(row);
  }

  async personByNumber(number: string): Promise<PersonRow | undefined> {
    const row = await this.session.get<PersonColumns>(`SELECT ${PERSON} FROM person WHERE number = ?`, [number]);
    return row && toPerson(row);
  }

  async personsOf(accountId: AccountId): Promise<readonly PersonRow[]> {
    const sql = `SELECT ${PERSON} FROM person WHERE account_id = ? ORDER BY person_id`;
    return (await this.session.all<PersonColumns>(sql, [accountId])).map(toPerson);
  }

  async persons(after: number, limit: number): Promise<readonly PersonRow[]> {
    const sql = `SELECT ${PERSON} FROM person WHERE person_id > ? ORDER BY person_id LIMIT ?`;
    return (await this.session.all<PersonColumns>(sql, [after, limit])).map(toPerson);
  }

  async life(accountId: AccountId): Promise<LifeRow | undefined> {
    const row = await this.session.get<LifeColumns>(`SELECT ${LIFE} FROM account_life WHERE account_id = ?`, [
      accountId,
    ]);
    return row && toLife(row);
  }

  async idlesOf(accountIds: readonly AccountId[]): Promise<readonly IdleRow[]> {
    const sql = `SELECT ${IDLE} FROM account_idle
       WHERE ${this.session.dialect.isOneOf('account_id')} ORDER BY account_id`;
    const rows = await this.session.all<IdleColumns>(sql, [JSON.stringify(accountIds)]);
    return rows.map(([accountId, countedFrom, warnedAt, told, frozenAt]) => ({
      accountId: accountId as AccountId,
      countedFrom,
      warnedAt,
      told,
      frozenAt,
    }));
  }

  async dueLives(by: number, limit: number): Promise<readonly LifeRow[]> {
    const sql = `SELECT ${LIFE} FROM account_life WHERE next_at <= ? ORDER BY next_at, account_id LIMIT ?`;
    return (await this.session.all<LifeColumns>(sql, [by, limit])).map(toLife);
  }

  async scimTokens(): Promise<readonly ScimTokenRow[]> {
    const rows = await this.session.all<[string, string, number]>('SELECT name, hash, created_at FROM scim_token', []);
    return rows
      .map(([name, hash, createdAt]) => ({ name, hash, createdAt }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  rosterRun(runId: RosterRunId): Promise<RosterRunRow | undefined> {
    return this.readRosterRun(runId, '');
  }

  protected async readRosterRun(runId: RosterRunId, lock: string): Promise<RosterRunRow | undefined> {
    const sql = `SELECT ${RUN} FROM roster_run WHERE run_id = ?${lock}`;
    const row = await this.session.get<RunColumns>(sql, [runId]);
    return row && toRun(row);
  }

  async rosterRuns(before: number, limit: number): Promise<readonly RosterRunRow[]> {
    const sql = `SELECT ${RUN} FROM roster_run WHERE run_id < ? ORDER BY run_id DESC LIMIT ?`;
    return (await this.session.all<RunColumns>(sql, [Math.min(before, Number.MAX_SAFE_INTEGER), limit])).map(toRun);
  }

  async rosterChanges(runId: RosterRunId, before: number, limit: number): Promise<readonly RosterChangeRow[]> {
    const sql = `SELECT ${CHANGE} FROM roster_change WHERE run_id = ? AND position < ? ORDER BY position DESC LIMIT ?`;
    const rows = await this.session.all<ChangeColumns>(sql, [runId, Math.min(before, Number.MAX_SAFE_INTEGER), limit]);
    return rows.map(toChange);
  }

  async phone(accountId: AccountId): Promise<PhoneRow | undefined> {
    const row = await this.session.get<PhoneColumns>(`SELECT ${PHONE} FROM phone WHERE account_id = ?`, [accountId]);
    if (row === undefined) return undefined;
    const [, sealed, phoneIndex, boundAt] = row;
    return { accountId, sealed, phoneIndex, boundAt };
  }

  async accountsOfPhone(phoneIndex: string, limit: number): Promise<readonly AccountId[]> {
    const sql = 'SELECT account_id FROM phone WHERE phone_index = ? ORDER BY account_id LIMIT ?';
    return (await this.session.all<[number]>(sql, [phoneIndex, limit])).map(([accountId]) => accountId as AccountId);
  }

  async chosenAlias(localPart: string, domain: string): Promise<ChosenAliasRow | undefined> {
    const sql = `SELECT ${CHOSEN_ALIAS} FROM chosen_alias WHERE domain = ? AND local_part = ?`;
    const row = await this.session.get<ChosenAliasColumns>(sql, [domain, localPart]);
    return row && toChosenAlias(row);
  }

  async chosenAliasesOf(accountId: AccountId): Promise<readonly ChosenAliasRow[]> {
    const sql = `SELECT ${CHOSEN_ALIAS} FROM chosen_alias WHERE account_id = ? ORDER BY chosen_at DESC, local_part`;
    return (await this.session.all<ChosenAliasColumns>(sql, [accountId])).map(toChosenAlias);
  }

  async leftAliases(leftBefore: number, delivers: boolean, limit: number): Promise<readonly ChosenAliasRow[]> {
    const sql = `SELECT ${CHOSEN_ALIAS} FROM chosen_alias WHERE left_at < ? AND delivers = ?
       ORDER BY left_at, local_part LIMIT ?`;
    return (await this.session.all<ChosenAliasColumns>(sql, [leftBefore, delivers ? 1 : 0, limit])).map(toChosenAlias);
  }

  async lookAlikes(look: string, domain: string, limit: number): Promise<readonly string[]> {
    const sql = `SELECT local_part FROM address WHERE domain = ? AND ${LOOK} = ?
       UNION ALL SELECT local_part FROM mail_group WHERE domain = ? AND ${LOOK} = ? LIMIT ?`;
    return (await this.session.all<[string]>(sql, [domain, look, domain, look, limit])).map(([localPart]) => localPart);
  }

  async consentsOf(accountId: AccountId): Promise<readonly ConsentRow[]> {
    const sql = `SELECT ${CONSENT} FROM consent WHERE account_id = ? ORDER BY agreed_at DESC`;
    const rows = await this.session.all<ConsentColumns>(sql, [accountId]);
    return rows.map(([, document, version, agreedAt, address]) => ({
      accountId,
      document,
      version,
      agreedAt,
      address,
    }));
  }

  async forwardings(accountIds: readonly AccountId[]): Promise<readonly ForwardingRow[]> {
    const sql = `SELECT account_id, targets, keeps_copy FROM forwarding
       WHERE ${this.session.dialect.isOneOf('account_id')} ORDER BY account_id`;
    const rows = await this.session.all<[number, string, number]>(sql, [JSON.stringify(accountIds)]);
    return rows.map(([accountId, targets, keepsCopy]) => ({
      accountId: accountId as AccountId,
      targets: JSON.parse(targets) as readonly string[],
      keepsCopy: keepsCopy === 1,
    }));
  }

  async filters(accountIds: readonly AccountId[]): Promise<readonly FilterRow[]> {
    const sql = `SELECT account_id, content FROM mail_filter
       WHERE ${this.session.dialect.isOneOf('account_id')} ORDER BY account_id`;
    const rows = await this.session.all<[number, string]>(sql, [JSON.stringify(accountIds)]);
    return rows.map(([accountId, content]) => ({
      ...(JSON.parse(content) as Omit<FilterRow, 'accountId'>),
      accountId: accountId as AccountId,
    }));
  }

  async vacations(accountIds: readonly AccountId[]): Promise<readonly VacationRow[]> {
    const sql = `SELECT ${VACATION} FROM vacation
       WHERE ${this.session.dialect.isOneOf('account_id')} ORDER BY account_id`;
    return (await this.session.all<VacationColumns>(sql, [JSON.stringify(accountIds)])).map(toVacation);
  }

  async answeredAt(accountId: AccountId, sender: string): Promise<number | undefined> {
    const sql = 'SELECT answered_at FROM vacation_answer WHERE account_id = ? AND sender = ?';
    return (await this.session.get<[number]>(sql, [accountId, sender]))?.[0];
  }

  async isNoticeClaimed(name: string, accountId: AccountId | null): Promise<boolean> {
    const sql = 'SELECT 1 FROM notice_claim WHERE name = ? AND account_id = ?';
    return (await this.session.get(sql, [name, accountId ?? 0])) !== undefined;
  }

  async countAnswers(accountId: AccountId): Promise<number> {
    const sql = 'SELECT count(*) FROM vacation_answer WHERE account_id = ?';
    return (await this.session.get<[number]>(sql, [accountId]))?.[0] ?? 0;
  }

  async delegationsTo(delegateId: AccountId): Promise<readonly DelegationRow[]> {
    const sql = `SELECT ${DELEGATION} FROM delegation WHERE delegate_id = ? ORDER BY account_id`;
    return (await this.session.all<DelegationColumns>(sql, [delegateId])).map(toDelegation);
  }

  async delegationsOf(accountId: AccountId): Promise<readonly DelegationRow[]> {
    const sql = `SELECT ${DELEGATION} FROM delegation WHERE account_id = ? ORDER BY delegate_id`;
    return (await this.session.all<DelegationColumns>(sql, [accountId])).map(toDelegation);
  }

  async box(accountId: AccountId): Promise<BoxRow | undefined> {
    const sql = `SELECT ${BOX} FROM department_box WHERE account_id = ?`;
    const row = await this.session.get<BoxColumns>(sql, [accountId]);
    return row === undefined ? undefined : toBox(row);
  }

  async boxes(after: number, limit: number): Promise<readonly BoxRow[]> {
    const sql = `SELECT ${BOX} FROM department_box WHERE account_id > ? ORDER BY account_id LIMIT ?`;
    return (await this.session.all<BoxColumns>(sql, [after, limit])).map(toBox);
  }

  async defaultSender(accountId: AccountId): Promise<DefaultSenderRow | undefined> {
    const sql = `SELECT ${DEFAULT_SENDER} FROM default_sender WHERE account_id = ?`;
    const row = await this.session.get<DefaultSenderColumns>(sql, [accountId]);
    return row === undefined ? undefined : toDefaultSender(row);
  }

  async defaultSendersIn(domain: string, after: number, limit: number): Promise<readonly DefaultSenderRow[]> {
    const sql = `SELECT ${DEFAULT_SENDER} FROM default_sender WHERE domain = ? AND account_id > ?
       ORDER BY account_id LIMIT ?`;
    return (await this.session.all<DefaultSenderColumns>(sql, [domain, after, limit])).map(toDefaultSender);
  }

  async group(localPart: string, domain: string): Promise<GroupRow | undefined> {
    const sql = `SELECT ${GROUP} FROM mail_group WHERE domain = ? AND local_part = ?`;
    const row = await this.session.get<GroupColumns>(sql, [domain, localPart]);
    return row === undefined ? undefined : toGroup(row);
  }

  async groupById(groupId: GroupId): Promise<GroupRow | undefined> {
    const sql = `SELECT ${GROUP} FROM mail_group WHERE group_id = ?`;
    const row = await this.session.get<GroupColumns>(sql, [groupId]);
    return row === undefined ? undefined : toGroup(row);
  }

  async groups(after: number, limit: number): Promise<readonly GroupRow[]> {
    const sql = `SELECT ${GROUP} FROM mail_group WHERE group_id > ? ORDER BY group_id LIMIT ?`;
    return (await this.session.all<GroupColumns>(sql, [after, limit])).map(toGroup);
  }

  async groupEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]> {
    const sql = `SELECT kind, entry_id, address FROM group_entry WHERE group_id = ? AND role = ? ${ENTRY_ORDER}`;
    return (await this.session.all<EntryColumns>(sql, [groupId, role])).map(toEntry);
  }

  async receivingEntries(groupId: GroupId, role: GroupRole): Promise<readonly GroupEntry[]> {
    const sql = `SELECT kind, entry_id, address FROM group_entry
       LEFT JOIN directory_account ON kind = 'account' AND account_id = entry_id
       WHERE group_id = ? AND role = ? AND (kind <> 'account' OR (receives = 1 AND stage NOT IN (${REFUSING}))) ${ENTRY_ORDER}`;
    return (await this.session.all<EntryColumns>(sql, [groupId, role])).map(toEntry);
  }

  async countGroupEntries(groupId: GroupId, role: GroupRole): Promise<number> {
    const sql = 'SELECT count(*) FROM group_entry WHERE group_id = ? AND role = ?';
    return (await this.session.get<[number]>(sql, [groupId, role]))?.[0] ?? 0;
  }

  async groupsWith(entry: GroupEntry, role: GroupRole): Promise<readonly GroupId[]> {
    const sql = `SELECT group_id FROM group_entry
       WHERE kind = ? AND entry_id = ? AND address = ? AND role = ? ORDER BY group_id`;
    const rows = await this.session.all<[number]>(sql, [...fromEntry(entry), role]);
    return rows.map((row) => row[0] as GroupId);
  }
}

export class SqlDirectoryTransaction extends SqlDirectoryReader implements DirectoryTransaction {
  readonly nowMs: number;
  /** The accounts whose records changed. */
  readonly touched = new Set<AccountId>();
  readonly #lockedDomains = new Map<string, Promise<boolean>>();

  constructor(session: SqlSession, nowMs: number) {
    super(session);
    this.nowMs = nowMs;
  }

  async insertDomain(row: DomainRow): Promise<void> {
    const inserted = await this.session.run(
      'INSERT INTO domain (domain, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
      [row.domain, row.createdAt],
    );
    this.#lockedDomains.delete(row.domain);
    if (inserted === 0) throw new MailError('alreadyExists', 'The domain exists', { data: { domain: row.domain } });
  }

  async deleteDomain(domain: string): Promise<void> {
    // Locked before it is looked at: nobody adds an address meanwhile.
    if (!(await this.#lockDomain(domain))) return;
    const address = await this.session.get('SELECT 1 FROM address WHERE domain = ? LIMIT 1', [domain]);
    const group = await this.session.get('SELECT 1 FROM mail_group WHERE domain = ? LIMIT 1', [domain]);
    if (address !== undefined || group !== undefined)
      throw new MailError('inUse', `There are addresses in ${domain}`, { data: { domain } });
    await this.session.run('DELETE FROM domain WHERE domain = ?', [domain]);
    this.#lockedDomains.delete(domain);
  }

  /** Whether the domain is there; it stays so until the transaction ends, and is looked up once. */
  #lockDomain(domain: string): Promise<boolean> {
    let isThere = this.#lockedDomains.get(domain);
    if (isThere === undefined) {
      isThere = this.#readLocked(domain);
      this.#lockedDomains.set(domain, isThere);
    }
    return isThere;
  }

  async #readLocked(domain: string): Promise<boolean> {
    const sql = `SELECT 1 FROM domain WHERE domain = ?${this.session.dialect.forUpdate}`;
    return (await this.session.get(sql, [domain])) !== undefined;
  }

  async allocateAccountId(count = 1): Promise<AccountId> {
    return (await allocateNumber(this.session, 'account', count)) as AccountId;
  }

  async allocateCredentialId(count = 1): Promise<CredentialId> {
    return (await allocateNumber(this.session, 'credential', count)) as CredentialId;
  }

  async insertAccounts(rows: readonly DirectoryAccountRow[]): Promise<void> {
    for (const { accountId } of rows) this.touched.add(accountId);
    await this.session.write(
      INSERT_ACCOUNT,
      rows.map((row) => [row.accountId, ...fromAccount(row)]),
    );
  }

  async updateAccount(row: DirectoryAccountRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(
      `UPDATE directory_account SET display_name = ?, state = ?, receives = ?, created_at = ?, service_class = ?,
         sending = ?, sending_note = ?, stage = ? WHERE account_id = ?`,
      [...fromAccount(row), row.accountId],
    );
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    for (const { delegateId } of await this.delegationsOf(accountId)) this.touched.add(delegateId);
    for (const table of [...DIRECTORY_TABLES, 'directory_account'])
      await this.session.run(`DELETE FROM ${table} WHERE account_id = ?`, [accountId]);
    await this.session.run('DELETE FROM notice_claim WHERE account_id = ?', [accountId]);
    await this.session.run('DELETE FROM delegation WHERE delegate_id = ?', [accountId]);
    await this.session.run('UPDATE department_box SET responsible_id = NULL WHERE responsible_id = ?', [accountId]);
    await this.session.run(
      'UPDATE chosen_alias SET left_at = coalesce(left_at, ?), delivers = 0 WHERE account_id = ?',
      [this.nowMs, accountId],
    );
    await this.session.run("DELETE FROM group_entry WHERE kind = 'account' AND entry_id = ?", [accountId]);
    await this.session.run('UPDATE person SET account_id = NULL WHERE account_id = ?', [accountId]);
  }

  async insertAddresses(rows: readonly AddressRow[]): Promise<void> {
    const wanted = Map.groupBy(rows, ({ domain }) => domain);
    for (const [domain, of] of wanted) {
      await this.#requireDomain(domain);
      const localParts = of.map(({ localPart }) => localPart);
      const inDomain = `WHERE domain = ? AND ${this.session.dialect.isOneOfTexts('local_part')}`;
      const taken = await this.session.all<[string]>(
        `SELECT local_part FROM address ${inDomain} UNION ALL SELECT local_part FROM mail_group ${inDomain}`,
        [domain, toList(localParts), domain, toList(localParts)],
      );
      const localPart = taken[0]?.[0] ?? findRepeated(localParts);
      if (localPart !== undefined) throw takenError({ localPart, domain });
    }
    for (const { accountId } of rows) this.touched.add(accountId);
    await this.session.write(
      INSERT_ADDRESS,
      rows.map((row) => [row.localPart, row.domain, row.accountId, row.kind, row.createdAt]),
    );
  }

  /** The domain is there and stays. */
  async #requireDomain(domain: string): Promise<void> {
    if (!(await this.#lockDomain(domain)))
      throw new MailError('notFound', `There is no domain ${domain}`, { data: { domain } });
  }

  async deleteAddress(localPart: string, domain: string): Promise<void> {
    const sql = 'DELETE FROM address WHERE domain = ? AND local_part = ? RETURNING account_id';
    const row = await this.session.get<[number]>(sql, [domain, localPart]);
    if (row !== undefined) this.touched.add(row[0] as AccountId);
  }

  async insertCredentials(rows: readonly CredentialRow[]): Promise<void> {
    for (const { accountId } of rows) this.touched.add(accountId);
    await this.session.write(
      INSERT_CREDENTIAL,
      rows.map((row) => [row.accountId, row.credentialId, ...fromCredential(row)]),
    );
  }

  async updateCredential(row: CredentialRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(
      `UPDATE credential SET kind = ?, verifier = ?, scram_sha256 = ?, changed_at = ?, must_change = ?, expires_at = ?
       WHERE account_id = ? AND credential_id = ?`,
      [...fromCredential(row), row.accountId, row.credentialId],
    );
  }

  async deleteCredential(accountId: AccountId, credentialId: CredentialId): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM credential WHERE account_id = ? AND credential_id = ?', [
      accountId,
      credentialId,
    ]);
  }

  lockFactors(accountId: AccountId): Promise<readonly FactorRow[]> {
    return this.readFactors(accountId, this.session.dialect.forUpdate);
  }

  async putFactor(row: FactorRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(
      `INSERT INTO factor (${FACTOR}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id, factor_id) DO UPDATE
       SET name = excluded.name, secret = excluded.secret, used_at = excluded.used_at, used_from = excluded.used_from`,
      [
        row.accountId,
        toText(row.factorId),
        row.kind,
        toText(row.name),
        row.secret,
        row.createdAt,
        row.usedAt,
        row.usedFrom,
      ],
    );
  }

  async deleteFactor(accountId: AccountId, factorId: string): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM factor WHERE account_id = ? AND factor_id = ?', [accountId, toText(factorId)]);
  }

  async noteFactorUse(row: Pick<FactorRow, 'accountId' | 'factorId' | 'usedAt' | 'usedFrom'>): Promise<void> {
    const { accountId, factorId, usedAt, usedFrom } = row;
    await this.session.run('UPDATE factor SET used_at = ?, used_from = ? WHERE account_id = ? AND factor_id = ?', [
      usedAt,
      usedFrom,
      accountId,
      toText(factorId),
    ]);
  }

  async allocatePersonId(count = 1): Promise<PersonId> {
    return (await allocateNumber(this.session, 'person', count)) as PersonId;
  }

  async insertPersons(rows: readonly PersonRow[]): Promise<void> {
    for (const row of rows) this.#touchPerson(row);
    const numbers = rows.map(({ number }) => number);
    const taken = await this.session.all<[string]>(
      `SELECT number FROM person WHERE ${this.session.dialect.isOneOfTexts('number')}`,
      [toList(numbers)],
    );
    const number = taken[0]?.[0] ?? findRepeated(numbers);
    if (number !== undefined)
      throw new MailError('alreadyExists', `The number ${number} is there`, { data: { number } });
    await this.session.write(
      INSERT_PERSON,
      rows.map((row) => [row.personId, row.number, ...fromPerson(row)]),
    );
  }

  async updatePerson(row: PersonRow): Promise<void> {
    this.#touchPerson(row);
    await this.session.run(
      `UPDATE person SET name = ?, english_name = ?, population = ?, unit = ?, level = ?, enrolled = ?, status = ?,
         ends_on = ?, tail_check = ?, account_id = ?, updated_at = ? WHERE person_id = ?`,
      [...fromPerson(row), row.personId],
    );
  }

  async deletePerson(personId: PersonId): Promise<void> {
    await this.session.run('DELETE FROM person WHERE person_id = ?', [personId]);
  }

  #touchPerson({ accountId }: PersonRow): void {
    if (accountId !== null) this.touched.add(accountId);
  }

  async putLife({ accountId, leftAt, stageBefore, doneUpTo, nextAt, hold }: LifeRow): Promise<void> {
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO account_life (${LIFE}) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET left_at = excluded.left_at, stage_before = excluded.stage_before,
         done_up_to = excluded.done_up_to, next_at = excluded.next_at, hold = excluded.hold`,
      [accountId, leftAt, stageBefore, doneUpTo, nextAt, hold],
    );
  }

  async putIdle({ accountId, countedFrom, warnedAt, told, frozenAt }: IdleRow): Promise<void> {
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO account_idle (${IDLE}) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET counted_from = excluded.counted_from, warned_at = excluded.warned_at,
         told = excluded.told, frozen_at = excluded.frozen_at`,
      [accountId, countedFrom, warnedAt, told, frozenAt],
    );
  }

  async insertScimToken({ name, hash, createdAt }: ScimTokenRow): Promise<boolean> {
    const sql = 'INSERT INTO scim_token (name, hash, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
    return (await this.session.run(sql, [name, hash, createdAt])) > 0;
  }

  async deleteScimToken(name: string): Promise<boolean> {
    return (await this.session.run('DELETE FROM scim_token WHERE name = ?', [name])) > 0;
  }

  async allocateRosterRunId(): Promise<RosterRunId> {
    return (await allocateNumber(this.session, 'roster run')) as RosterRunId;
  }

  async putRosterRun(row: RosterRunRow): Promise<void> {
    const { runId, source, sourceHash, actor, startedAt, endedAt, undoneAt, counts } = row;
    await this.session.run(
      `INSERT INTO roster_run (${RUN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (run_id) DO UPDATE SET ended_at = excluded.ended_at, undone_at = excluded.undone_at,
         counts = excluded.counts`,
      [runId, source, sourceHash, actor, startedAt, endedAt, undoneAt, JSON.stringify(counts)],
    );
  }

  lockRosterRun(runId: RosterRunId): Promise<RosterRunRow | undefined> {
    return this.readRosterRun(runId, this.session.dialect.forUpdate);
  }

  async insertRosterChanges(rows: readonly RosterChangeRow[]): Promise<void> {
    await this.session.write(
      INSERT_CHANGE,
      rows.map(({ runId, position, kind, before, after, hasOpened, at }) => {
        const personBefore = before === null ? null : JSON.stringify(before);
        return [runId, position, kind, personBefore, JSON.stringify(after), hasOpened ? 1 : 0, at];
      }),
    );
  }

  async forgetRosterChanges(before: number, limit: number): Promise<number> {
    return this.session.run(
      `DELETE FROM roster_change WHERE (run_id, position) IN
         (SELECT run_id, position FROM roster_change WHERE changed_at < ? LIMIT ?)`,
      [before, limit],
    );
  }

  async putPhone(row: PhoneRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(
      `INSERT INTO phone (${PHONE}) VALUES (?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE
         SET sealed = excluded.sealed, phone_index = excluded.phone_index, bound_at = excluded.bound_at`,
      [row.accountId, row.sealed, row.phoneIndex, row.boundAt],
    );
  }

  async deletePhone(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM phone WHERE account_id = ?', [accountId]);
  }

  async putChosenAlias(row: ChosenAliasRow): Promise<void> {
    await this.session.run(
      `INSERT INTO chosen_alias (${CHOSEN_ALIAS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (domain, local_part) DO UPDATE
         SET account_id = excluded.account_id, chosen_at = excluded.chosen_at, left_at = excluded.left_at,
           delivers = excluded.delivers`,
      [row.domain, row.localPart, row.accountId, row.chosenAt, row.leftAt, row.delivers ? 1 : 0],
    );
  }

  async deleteChosenAlias(localPart: string, domain: string): Promise<void> {
    await this.session.run('DELETE FROM chosen_alias WHERE domain = ? AND local_part = ?', [domain, localPart]);
  }

  async insertConsent(row: ConsentRow): Promise<void> {
    await this.session.run(`INSERT INTO consent (${CONSENT}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, [
      row.accountId,
      row.document,
      row.version,
      row.agreedAt,
      row.address,
    ]);
  }

  async putForwarding({ accountId, targets, keepsCopy }: ForwardingRow): Promise<void> {
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO forwarding (account_id, targets, keeps_copy) VALUES (?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET targets = excluded.targets, keeps_copy = excluded.keeps_copy`,
      [accountId, JSON.stringify(targets), keepsCopy ? 1 : 0],
    );
  }

  async deleteForwarding(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM forwarding WHERE account_id = ?', [accountId]);
  }

  async putFilter({ accountId, ...content }: FilterRow): Promise<void> {
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO mail_filter (account_id, content) VALUES (?, ?)
       ON CONFLICT (account_id) DO UPDATE SET content = excluded.content`,
      [accountId, toText(JSON.stringify(content))],
    );
  }

  async deleteFilter(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM mail_filter WHERE account_id = ?', [accountId]);
  }

  async putVacation(row: VacationRow): Promise<void> {
    const { accountId, isEnabled, subject, insideText, outsideText, from, until, days } = row;
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO vacation (${VACATION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET is_enabled = excluded.is_enabled, subject = excluded.subject,
         inside_text = excluded.inside_text, outside_text = excluded.outside_text,
         from_at = excluded.from_at, until_at = excluded.until_at, days = excluded.days`,
      [accountId, isEnabled ? 1 : 0, subject, insideText, outsideText, from, until, days],
    );
  }

  async insertAnswer(accountId: AccountId, sender: string, at: number): Promise<void> {
    const sql = 'INSERT INTO vacation_answer (account_id, sender, answered_at) VALUES (?, ?, ?)';
    await this.session.run(sql, [accountId, sender, at]);
  }

  async insertNoticeClaim(name: string, accountId: AccountId | null): Promise<void> {
    const sql = 'INSERT INTO notice_claim (name, account_id, claimed_at) VALUES (?, ?, ?)';
    await this.session.run(sql, [name, accountId ?? 0, this.nowMs]);
  }

  async deleteAnswers(accountId: AccountId, upTo: number): Promise<void> {
    const sql = 'DELETE FROM vacation_answer WHERE account_id = ? AND answered_at <= ?';
    await this.session.run(sql, [accountId, Math.min(upTo, Number.MAX_SAFE_INTEGER)]);
  }

  async forgetAnswers(before: number, limit: number): Promise<number> {
    return this.session.run(
      `DELETE FROM vacation_answer WHERE (account_id, sender) IN
         (SELECT account_id, sender FROM vacation_answer WHERE answered_at < ? LIMIT ?)`,
      [before, limit],
    );
  }

  async putDelegation({ accountId, delegateId, rights, mailboxes }: DelegationRow): Promise<void> {
    this.touched.add(accountId);
    this.touched.add(delegateId);
    const key = [accountId, delegateId];
    if (rights.length + mailboxes.length === 0) {
      await this.session.run('DELETE FROM delegation WHERE account_id = ? AND delegate_id = ?', key);
      return;
    }
    await this.session.run(
      `INSERT INTO delegation (${DELEGATION}) VALUES (?, ?, ?, ?)
       ON CONFLICT (account_id, delegate_id) DO UPDATE SET rights = excluded.rights, mailbox_rights = excluded.mailbox_rights`,
      [...key, rights.join(' '), JSON.stringify(mailboxes)],
    );
  }

  async putBox({ accountId, responsibleId, endsAt, purpose, vacantUntil, reviewedAt }: BoxRow): Promise<void> {
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO department_box (${BOX}) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET responsible_id = excluded.responsible_id, ends_at = excluded.ends_at,
         purpose = excluded.purpose, vacant_until = excluded.vacant_until, reviewed_at = excluded.reviewed_at`,
      [accountId, responsibleId, endsAt, purpose, vacantUntil, reviewedAt],
    );
  }

  async putDefaultSender({ accountId, localPart, domain }: DefaultSenderRow): Promise<void> {
    this.touched.add(accountId);
    await this.session.run(
      `INSERT INTO default_sender (${DEFAULT_SENDER}) VALUES (?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET local_part = excluded.local_part, domain = excluded.domain`,
      [accountId, localPart, domain],
    );
  }

  async deleteDefaultSender(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM default_sender WHERE account_id = ?', [accountId]);
  }

  async allocateGroupId(): Promise<GroupId> {
    return (await allocateNumber(this.session, 'group')) as GroupId;
  }

  async insertGroup(row: GroupRow): Promise<void> {
    await this.#requireDomain(row.domain);
    if ((await this.address(row.localPart, row.domain)) !== undefined) throw takenError(row);
    const inserted = await this.session.run(
      `INSERT INTO mail_group (${GROUP}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [row.groupId, row.domain, row.localPart, row.displayName, row.posting, row.isList ? 1 : 0, row.createdAt],
    );
    if (inserted === 0) throw takenError(row);
  }

  async updateGroup(row: GroupRow): Promise<void> {
    await this.session.run('UPDATE mail_group SET display_name = ?, posting = ?, is_list = ? WHERE group_id = ?', [
      row.displayName,
      row.posting,
      row.isList ? 1 : 0,
      row.groupId,
    ]);
  }

  async deleteGroup(groupId: GroupId): Promise<void> {
    for (const owner of await this.groupEntries(groupId, 'owner')) this.#touchOwner('owner', owner);
    await this.session.run('DELETE FROM group_entry WHERE group_id = ?', [groupId]);
    await this.session.run("DELETE FROM group_entry WHERE kind = 'group' AND entry_id = ?", [groupId]);
    await this.session.run('DELETE FROM mail_group WHERE group_id = ?', [groupId]);
  }

  async insertGroupEntry(groupId: GroupId, role: GroupRole, entry: GroupEntry): Promise<boolean> {
    this.#touchOwner(role, entry);
    const inserted = await this.session.run(
      'INSERT INTO group_entry (group_id, role, kind, entry_id, address) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      [groupId, role, ...fromEntry(entry)],
    );
    return inserted > 0;
  }

  async deleteGroupEntry(groupId: GroupId, role: GroupRole, entry: GroupEntry): Promise<boolean> {
    this.#touchOwner(role, entry);
    const deleted = await this.session.run(
      'DELETE FROM group_entry WHERE group_id = ? AND role = ? AND kind = ? AND entry_id = ? AND address = ?',
      [groupId, role, ...fromEntry(entry)],
    );
    return deleted > 0;
  }

  #touchOwner(role: GroupRole, entry: GroupEntry): void {
    if (role === 'owner' && entry.kind === 'account') this.touched.add(entry.accountId);
  }
}

function takenError({ localPart, domain }: Pick<AddressRow, 'localPart' | 'domain'>): MailError {
  const address = `${localPart}@${domain}`;
  return new MailError('alreadyExists', `The address ${address} is taken`, { data: { address } });
}

/** The next number of a counter; the row stays locked until the transaction ends. */
export async function allocateNumber(
  session: SqlSession,
  counter: 'account' | 'credential' | 'group' | 'person' | 'roster run' | 'segment',
  count = 1,
): Promise<number> {
  const sql = 'UPDATE counter SET value = value + ? WHERE name = ? RETURNING value';
  const row = await session.get<[number]>(sql, [count, counter]);
  if (row === undefined) throw new Error(`the counter ${counter} is missing`);
  return row[0] - count + 1;
}

/** The first that stands twice in a list. */
function findRepeated(texts: readonly string[]): string | undefined {
  return texts.find((text, index) => texts.indexOf(text) < index);
}

/** Primary first, then by age. */
export function compareAddresses(a: AddressRow, b: AddressRow): number {
  if (a.kind !== b.kind) return a.kind === 'primary' ? -1 : 1;
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return `${a.localPart}@${a.domain}` < `${b.localPart}@${b.domain}` ? -1 : 1;
}

function toAccount(row: AccountColumns): DirectoryAccountRow {
  return {
    accountId: row[0] as AccountId,
    displayName: row[1],
    state: row[2] as DirectoryAccountRow['state'],
    receives: row[3] === 1,
    createdAt: row[4],
    serviceClass: row[5] as DirectoryAccountRow['serviceClass'],
    sending: row[6] as DirectoryAccountRow['sending'],
    sendingNote: row[7],
    stage: row[8] as DirectoryAccountRow['stage'],
  };
}

/** Everything but the key, in the order of ACCOUNT. */
function fromAccount(row: DirectoryAccountRow): SqlValue[] {
  const { displayName, state, receives, createdAt, serviceClass, sending, sendingNote, stage } = row;
  return [displayName, state, receives ? 1 : 0, createdAt, serviceClass, sending, sendingNote, stage];
}

function toChosenAlias([domain, localPart, accountId, chosenAt, leftAt, delivers]: ChosenAliasColumns): ChosenAliasRow {
  return { localPart, domain, accountId: accountId as AccountId, chosenAt, leftAt, delivers: delivers === 1 };
}

function toAddress(row: AddressColumns): AddressRow {
  return {
    localPart: row[0],
    domain: row[1],
    accountId: row[2] as AccountId,
    kind: row[3] as AddressRow['kind'],
    createdAt: row[4],
  };
}

function toCredential(row: CredentialColumns): CredentialRow {
  return {
    accountId: row[0] as AccountId,
    credentialId: row[1] as CredentialId,
    kind: row[2] as CredentialRow['kind'],
    verifier: row[3],
    scramSha256: row[4],
    changedAt: row[5],
    mustChange: row[6] === 1,
    expiresAt: row[7],
  };
}

function toFactor(row: FactorColumns): FactorRow {
  const [accountId, factorId, kind, name, secret, createdAt, usedAt, usedFrom] = row;
  return {
    accountId: accountId as AccountId,
    factorId,
    kind: kind as FactorKind,
    name,
    secret,
    createdAt,
    usedAt,
    usedFrom,
  };
}

/** Everything but the key, in the order of CREDENTIAL. */
function fromCredential({ kind, verifier, scramSha256, changedAt, mustChange, expiresAt }: CredentialRow): SqlValue[] {
  return [kind, verifier, scramSha256, changedAt, mustChange ? 1 : 0, expiresAt];
}

function toPerson(row: PersonColumns): PersonRow {
  const [personId, number, name, englishName, population, unit, level, enrolled, status, endsOn, tailCheck] = row;
  return {
    personId: personId as PersonId,
    number,
    name,
    englishName,
    unit,
    level,
    enrolled,
    endsOn,
    tailCheck,
    population: population as PersonRow['population'],
    status: status as PersonRow['status'],
    accountId: row[11] as AccountId | null,
    updatedAt: row[12],
  };
}

/** Everything but the id and the number, in the order of PERSON. */
function fromPerson(row: PersonRow): SqlValue[] {
  const { name, englishName, population, unit, level, enrolled, status, endsOn, tailCheck, accountId, updatedAt } = row;
  return [name, englishName, population, unit, level, enrolled, status, endsOn, tailCheck, accountId, updatedAt];
}

function toLife([accountId, leftAt, stageBefore, doneUpTo, nextAt, hold]: LifeColumns): LifeRow {
  return {
    accountId: accountId as AccountId,
    leftAt,
    stageBefore: stageBefore as LifeRow['stageBefore'],
    doneUpTo,
    nextAt,
    hold,
  };
}

function toRun([runId, source, sourceHash, actor, startedAt, endedAt, undoneAt, counts]: RunColumns): RosterRunRow {
  return {
    runId: runId as RosterRunId,
    source,
    sourceHash,
    actor,
    startedAt,
    endedAt,
    undoneAt,
    counts: JSON.parse(counts) as RosterCounts,
  };
}

function toChange([runId, position, kind, before, after, hasOpened, at]: ChangeColumns): RosterChangeRow {
  return {
    runId: runId as RosterRunId,
    position,
    kind: kind as RosterChangeRow['kind'],
    before: before === null ? null : (JSON.parse(before) as PersonRow),
    after: JSON.parse(after) as PersonRow,
    hasOpened: hasOpened === 1,
    at,
  };
}

function toVacation(row: VacationColumns): VacationRow {
  return {
    accountId: row[0] as AccountId,
    isEnabled: row[1] === 1,
    subject: row[2],
    insideText: row[3],
    outsideText: row[4],
    from: row[5],
    until: row[6],
    days: row[7],
  };
}

function toDelegation([accountId, delegateId, rights, mailboxes]: DelegationColumns): DelegationRow {
  return {
    accountId: accountId as AccountId,
    delegateId: delegateId as AccountId,
    rights: rights === '' ? [] : (rights.split(' ') as AccountRight[]),
    mailboxes: JSON.parse(mailboxes) as readonly (readonly [MailboxId, string])[],
  };
}

function toBox([accountId, responsibleId, endsAt, purpose, vacantUntil, reviewedAt]: BoxColumns): BoxRow {
  return {
    accountId: accountId as AccountId,
    responsibleId: responsibleId as AccountId | null,
    endsAt,
    purpose,
    vacantUntil,
    reviewedAt,
  };
}

function toDefaultSender([accountId, localPart, domain]: DefaultSenderColumns): DefaultSenderRow {
  return { accountId: accountId as AccountId, localPart, domain };
}

function toGroup(row: GroupColumns): GroupRow {
  return {
    groupId: row[0] as GroupId,
    domain: row[1],
    localPart: row[2],
    displayName: row[3],
    posting: row[4] as GroupRow['posting'],
    isList: row[5] === 1,
    createdAt: row[6],
  };
}

function toEntry([kind, id, address]: EntryColumns): GroupEntry {
  switch (kind) {
    case 'account':
      return { kind, accountId: id as AccountId };
    case 'group':
      return { kind, groupId: id as GroupId };
    default:
      return { kind: 'outside', address };
  }
}

/** Its kind, id and address as the columns hold them. */
export function fromEntry(entry: GroupEntry): [kind: GroupEntry['kind'], id: number, address: string] {
  switch (entry.kind) {
    case 'account':
      return [entry.kind, entry.accountId, ''];
    case 'group':
      return [entry.kind, entry.groupId, ''];
    case 'outside':
      return [entry.kind, 0, entry.address];
  }
}
