/** DirectoryReader and DirectoryTransaction over SQL: rows of the directory, no rules. */
import type { AccountId } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type { DirectoryReader, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AddressRow, CredentialId, CredentialRow, DirectoryAccountRow, DomainRow } from '#directory/types.ts';
import type { SqlSession, SqlValue } from './session.ts';

const ACCOUNT = 'account_id, display_name, state, receives, created_at, service_class, sending, sending_note';
type AccountColumns = [number, string, string, number, number, string | null, string, string];

const ADDRESS = 'local_part, domain, account_id, kind, created_at';
type AddressColumns = [string, string, number, string, number];

const CREDENTIAL = 'account_id, credential_id, kind, verifier, scram_sha256, changed_at';
type CredentialColumns = [number, number, string, string, string | null, number];

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

  async credentialsOf(accountId: AccountId): Promise<readonly CredentialRow[]> {
    const sql = `SELECT ${CREDENTIAL} FROM credential WHERE account_id = ? ORDER BY credential_id`;
    return (await this.session.all<CredentialColumns>(sql, [accountId])).map(toCredential);
  }
}

export class SqlDirectoryTransaction extends SqlDirectoryReader implements DirectoryTransaction {
  readonly nowMs: number;
  /** The accounts whose records changed. */
  readonly touched = new Set<AccountId>();

  constructor(session: SqlSession, nowMs: number) {
    super(session);
    this.nowMs = nowMs;
  }

  async insertDomain(row: DomainRow): Promise<void> {
    const inserted = await this.session.run(
      'INSERT INTO domain (domain, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
      [row.domain, row.createdAt],
    );
    if (inserted === 0) throw new MailError('alreadyExists', 'The domain exists', { data: { domain: row.domain } });
  }

  async deleteDomain(domain: string): Promise<void> {
    // Locked before it is looked at: nobody adds an address meanwhile.
    if (!(await this.#lockDomain(domain))) return;
    const address = await this.session.get('SELECT 1 FROM address WHERE domain = ? LIMIT 1', [domain]);
    if (address !== undefined) throw new MailError('inUse', `There are addresses in ${domain}`, { data: { domain } });
    await this.session.run('DELETE FROM domain WHERE domain = ?', [domain]);
  }

  /** Whether the domain is there; on a server it stays so until the transaction ends. */
  async #lockDomain(domain: string): Promise<boolean> {
    const sql = `SELECT 1 FROM domain WHERE domain = ?${this.session.dialect.forUpdate}`;
    return (await this.session.get(sql, [domain])) !== undefined;
  }

  async allocateAccountId(): Promise<AccountId> {
    return (await allocateNumber(this.session, 'account')) as AccountId;
  }

  async allocateCredentialId(): Promise<CredentialId> {
    return (await allocateNumber(this.session, 'credential')) as CredentialId;
  }

  async insertAccount(row: DirectoryAccountRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(`INSERT INTO directory_account (${ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, [
      row.accountId,
      ...fromAccount(row),
    ]);
  }

  async updateAccount(row: DirectoryAccountRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(
      `UPDATE directory_account SET display_name = ?, state = ?, receives = ?, created_at = ?, service_class = ?,
         sending = ?, sending_note = ? WHERE account_id = ?`,
      [...fromAccount(row), row.accountId],
    );
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    for (const table of ['address', 'credential', 'directory_account'])
      await this.session.run(`DELETE FROM ${table} WHERE account_id = ?`, [accountId]);
  }

  async insertAddress(row: AddressRow): Promise<void> {
    if (!(await this.#lockDomain(row.domain))) {
      throw new MailError('notFound', `There is no domain ${row.domain}`, { data: { domain: row.domain } });
    }
    this.touched.add(row.accountId);
    const inserted = await this.session.run(
      `INSERT INTO address (${ADDRESS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [row.localPart, row.domain, row.accountId, row.kind, row.createdAt],
    );
    if (inserted > 0) return;
    const address = `${row.localPart}@${row.domain}`;
    throw new MailError('alreadyExists', `The address ${address} is taken`, { data: { address } });
  }

  async deleteAddress(localPart: string, domain: string): Promise<void> {
    const sql = 'DELETE FROM address WHERE domain = ? AND local_part = ? RETURNING account_id';
    const row = await this.session.get<[number]>(sql, [domain, localPart]);
    if (row !== undefined) this.touched.add(row[0] as AccountId);
  }

  async insertCredential(row: CredentialRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(`INSERT INTO credential (${CREDENTIAL}) VALUES (?, ?, ?, ?, ?, ?)`, [
      row.accountId,
      row.credentialId,
      row.kind,
      row.verifier,
      row.scramSha256,
      row.changedAt,
    ]);
  }

  async updateCredential(row: CredentialRow): Promise<void> {
    this.touched.add(row.accountId);
    await this.session.run(
      `UPDATE credential SET kind = ?, verifier = ?, scram_sha256 = ?, changed_at = ?
       WHERE account_id = ? AND credential_id = ?`,
      [row.kind, row.verifier, row.scramSha256, row.changedAt, row.accountId, row.credentialId],
    );
  }

  async deleteCredential(accountId: AccountId, credentialId: CredentialId): Promise<void> {
    this.touched.add(accountId);
    await this.session.run('DELETE FROM credential WHERE account_id = ? AND credential_id = ?', [
      accountId,
      credentialId,
    ]);
  }
}

/** The next number of a counter; the row stays locked until the transaction ends. */
export async function allocateNumber(
  session: SqlSession,
  counter: 'account' | 'credential' | 'segment',
): Promise<number> {
  const sql = 'UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value';
  const row = await session.get<[number]>(sql, [counter]);
  if (row === undefined) throw new Error(`the counter ${counter} is missing`);
  return row[0];
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
  };
}

/** Everything but the key, in the order of ACCOUNT. */
function fromAccount(row: DirectoryAccountRow): SqlValue[] {
  const { displayName, state, receives, createdAt, serviceClass, sending, sendingNote } = row;
  return [displayName, state, receives ? 1 : 0, createdAt, serviceClass, sending, sendingNote];
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
  };
}
