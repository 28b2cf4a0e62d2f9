/** GrantReader and GrantTransaction over SQL: rows of grants to programs, no rules. */
import type { AccountId } from '#base/ids.ts';
import type { GrantReader, GrantRow, GrantTransaction } from '#oauth/ports/grant-store.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

const GRANT = `account_id, grant_id, client_id, scopes, login, redirect_uri, challenge, secret_hash, previous_hash,
  access_hash, previous_access_hash, created_at, rotated_at, used_at, used_from`;
type GrantValues = [
  number,
  ...[string, string, string, string, string, string, string, string, string, string],
  number,
  number | null,
  number | null,
  string,
];

export class SqlGrantReader implements GrantReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  grant(accountId: AccountId, grantId: string): Promise<GrantRow | undefined> {
    return this.readGrant(accountId, grantId, '');
  }

  async grants(accountId: AccountId): Promise<readonly GrantRow[]> {
    const rows = await this.db.all<GrantValues>(
      `SELECT ${GRANT} FROM oauth_grant WHERE account_id = ? ORDER BY created_at DESC, grant_id`,
      [accountId],
    );
    return rows.map(toGrant);
  }

  protected async readGrant(accountId: AccountId, grantId: string, lock: string): Promise<GrantRow | undefined> {
    const row = await this.db.get<GrantValues>(
      `SELECT ${GRANT} FROM oauth_grant WHERE account_id = ? AND grant_id = ?${lock}`,
      [accountId, toText(grantId)],
    );
    return row && toGrant(row);
  }
}

export class SqlGrantTransaction extends SqlGrantReader implements GrantTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  lockGrant(accountId: AccountId, grantId: string): Promise<GrantRow | undefined> {
    return this.readGrant(accountId, grantId, this.db.dialect.forUpdate);
  }

  async putGrant(row: GrantRow): Promise<void> {
    await this.db.run(
      `INSERT INTO oauth_grant (${GRANT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id, grant_id) DO UPDATE
       SET secret_hash = excluded.secret_hash, previous_hash = excluded.previous_hash,
         access_hash = excluded.access_hash, previous_access_hash = excluded.previous_access_hash,
         rotated_at = excluded.rotated_at, used_at = excluded.used_at, used_from = excluded.used_from`,
      [
        row.accountId,
        row.grantId,
        toText(row.clientId),
        row.scopes,
        toText(row.login),
        toText(row.redirectUri),
        row.challenge,
        row.secretHash,
        row.previousHash,
        row.accessHash,
        row.previousAccessHash,
        row.createdAt,
        row.rotatedAt,
        row.usedAt,
        row.usedFrom,
      ],
    );
  }

  async deleteGrant(accountId: AccountId, grantId: string): Promise<void> {
    await this.db.run('DELETE FROM oauth_grant WHERE account_id = ? AND grant_id = ?', [accountId, toText(grantId)]);
  }

  async deleteGrants(accountId: AccountId): Promise<void> {
    await this.db.run('DELETE FROM oauth_grant WHERE account_id = ?', [accountId]);
  }

  async forget(limits: {
    readonly unclaimedBefore: number;
    readonly rotatedBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const rows = await this.db.all<[number, string]>(
      `SELECT account_id, grant_id FROM oauth_grant
       WHERE (rotated_at IS NULL AND created_at < ?) OR rotated_at < ? LIMIT ?`,
      [limits.unclaimedBefore, limits.rotatedBefore, limits.limit],
    );
    for (const [accountId, grantId] of rows) await this.deleteGrant(accountId as AccountId, grantId);
    return rows.length;
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }
}

function toGrant(row: GrantValues): GrantRow {
  const [accountId, grantId, clientId, scopes, login, redirectUri, challenge, secretHash, previousHash] = row;
  const [accessHash, previousAccessHash, createdAt, rotatedAt, usedAt, usedFrom] = row.slice(9) as [
    ...[string, string],
    number,
    number | null,
    number | null,
    string,
  ];
  return {
    accountId: accountId as AccountId,
    grantId,
    clientId,
    scopes,
    login,
    redirectUri,
    challenge,
    secretHash,
    previousHash,
    accessHash,
    previousAccessHash,
    createdAt,
    rotatedAt,
    usedAt,
    usedFrom,
  };
}
