/**
 * SearchIndex on PostgreSQL: the analysed texts, and beside each the numbers of its tokens in a GIN index. A token's
 * number is made of the account too, so that a look-up meets one account's texts and no others'. What the numbers find
 * is looked through for the needle itself, which settles order, field and numbers that clash.
 *
 * What many accounts have (announcements) is one text of account 0, beside a narrow row for each who has it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import { needleTokens, textTokens } from '#search/analyse.ts';
import type { IndexBacklog, IndexEntry, IndexHits, IndexSlice, SearchIndex } from '#search/ports/search-index.ts';
import { SEARCH_FIELDS, type SearchDocument, type SearchField, type SearchQuery } from '#search/types.ts';
import { SHARED_TEXT_REFERENCES, TIDY_STEP_TEXTS } from '#store/limits.ts';
import { toText } from '#store/sql/message-rows.ts';
import { type SqlSession, type SqlValue, postgresDialect, toList } from '#store/sql/session.ts';
import type { OperationRunner } from './operation-runner.ts';

const FIRST = 1 as EmailId;
const NOBODY = 0 as AccountId;

const COLUMN: Readonly<Record<SearchField, string>> = {
  subject: 'subject',
  from: 'sender',
  to: 'recipient',
  cc: 'cc',
  bcc: 'bcc',
  body: 'body',
  header: 'header',
  fileName: 'file_name',
  fileText: 'file_text',
};
const COLUMNS = SEARCH_FIELDS.map((field) => COLUMN[field]);

const INSERT_TEXT = `INSERT INTO search_text (account_id, text_id, ${COLUMNS.join(', ')}, tokens)
  VALUES (?, ?${', ?'.repeat(COLUMNS.length)}, ?::text::int8[]) ON CONFLICT DO NOTHING`;
const HAS_EMAIL = 'EXISTS (SELECT FROM email WHERE email.account_id = ? AND email.email_id =';

export class PostgresSearchIndex implements SearchIndex {
  readonly #runner: OperationRunner;

  constructor(runner: OperationRunner) {
    this.#runner = runner;
  }

  find(accountId: AccountId, query: SearchQuery, limit = Number.MAX_SAFE_INTEGER): Promise<IndexHits> {
    return this.#runner.transaction('repeatable read read only', async (session) => {
      const progress = await session.get<[EmailId]>('SELECT next_email_id FROM search_progress WHERE account_id = ?', [
        accountId,
      ]);
      const indexedBelow = progress?.[0] ?? FIRST;
      const found =
        query.length === 0 ? await findAll(session, accountId, limit) : await find(session, accountId, query, limit);
      const emailIds = found.filter((emailId) => emailId < indexedBelow).toSorted((a, b) => b - a);
      return { emailIds: emailIds.slice(0, limit), indexedBelow };
    });
  }

  backlog(limit: number): Promise<IndexBacklog> {
    return this.#runner.transaction('repeatable read read only', async (session) => {
      const behind = `FROM (
          SELECT account.account_id, coalesce(search_progress.next_email_id, ${FIRST}) AS reached, account.next_email_id AS next
          FROM account LEFT JOIN search_progress ON search_progress.account_id = account.account_id
        ) AS accounts WHERE reached <> next`;
      const rows = await session.all<[AccountId, EmailId, EmailId]>(
        `SELECT account_id, reached, next ${behind} ORDER BY account_id LIMIT ?`,
        [limit],
      );
      const total = await session.get<[number]>(
        `SELECT coalesce(sum(greatest(0, next - reached)), 0)::int8 ${behind}`,
        [],
      );
      return { accounts: rows.map(([accountId, from, next]) => ({ accountId, from, next })), waiting: total?.[0] ?? 0 };
    });
  }

  sharedBlobs(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, boolean>> {
    return this.#runner.transaction('repeatable read read only', (session) => selectShared(session, blobKeys));
  }

  write(slices: readonly IndexSlice[]): Promise<void> {
    return this.#runner.transaction('read committed', async (session) => {
      const blobKeys = slices.flatMap(({ entries }) => entries.map(({ blobKey }) => blobKey));
      const shared = new Map(await selectShared(session, blobKeys));
      for (const { accountId, from, next, entries } of slices) {
        await session.run(
          'INSERT INTO search_progress (account_id, next_email_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
          [accountId, FIRST],
        );
        const progress = await session.get<[EmailId]>(
          'SELECT next_email_id FROM search_progress WHERE account_id = ? FOR UPDATE',
          [accountId],
        );
        if (progress?.[0] !== from) continue;
        for (const entry of entries) await place(session, accountId, entry, shared);
        await session.run('UPDATE search_progress SET next_email_id = ? WHERE account_id = ?', [next, accountId]);
      }
    });
  }

  async forget(accountId: AccountId | 'all'): Promise<void> {
    await this.#runner.transaction('read committed', async (session) => {
      if (accountId === 'all') {
        await session.run('TRUNCATE search_text, search_shared, search_progress', []);
        return;
      }
      for (const table of ['search_progress', 'search_shared', 'search_text'])
        await session.run(`DELETE FROM ${table} WHERE account_id = ?`, [accountId]);
    });
  }

  async tidy(): Promise<number> {
    let dropped = 0;
    for (const accountId of await this.#indexedAccounts()) {
      dropped += await this.#tidyAccount(accountId);
      await nextTurn();
    }
    const isGone = 'account_id = ? AND NOT EXISTS (SELECT FROM blob WHERE blob_key = text_id)';
    return dropped + (await this.#dropTexts(isGone, [NOBODY]));
  }

  #indexedAccounts(): Promise<readonly AccountId[]> {
    return this.#runner.transaction('read committed', async (session) => {
      const rows = await session.all<[AccountId]>('SELECT account_id FROM search_progress', []);
      return rows.map(([accountId]) => accountId);
    });
  }

  async #tidyAccount(accountId: AccountId): Promise<number> {
    const exists = await this.#runner.transaction('read committed', async (session) => {
      const row = await session.get('SELECT 1 FROM account WHERE account_id = ?', [accountId]);
      if (row === undefined) return false;
      await session.run(`DELETE FROM search_shared WHERE account_id = ? AND NOT ${HAS_EMAIL} search_shared.email_id)`, [
        accountId,
        accountId,
      ]);
      return true;
    });
    if (exists) return this.#dropTexts(`account_id = ? AND NOT ${HAS_EMAIL} text_id)`, [accountId, accountId]);
    await this.forget(accountId);
    return 0;
  }

  /** Slice by slice: a statement has a time limit. */
  async #dropTexts(condition: string, parameters: readonly number[]): Promise<number> {
    for (let dropped = 0; ;) {
      const count = await this.#runner.transaction('read committed', (session) =>
        Promise.resolve(
          session.run(
            `DELETE FROM search_text WHERE (account_id, text_id) IN
             (SELECT account_id, text_id FROM search_text WHERE ${condition} LIMIT ?)`,
            [...parameters, TIDY_STEP_TEXTS],
          ),
        ),
      );
      dropped += count;
      if (count < TIDY_STEP_TEXTS) return dropped;
    }
  }
}

async function findAll(session: SqlSession, accountId: AccountId, limit: number): Promise<EmailId[]> {
  const rows = await session.all<[EmailId]>(
    'SELECT email_id FROM email WHERE account_id = ? ORDER BY email_id DESC LIMIT ?',
    [accountId, limit],
  );
  return rows.map(([emailId]) => emailId);
}

async function find(session: SqlSession, accountId: AccountId, query: SearchQuery, limit: number): Promise<EmailId[]> {
  const [ofOwn, ownParameters] = toCondition(accountId, query);
  const own = await session.all<[EmailId]>(
    `SELECT text_id FROM search_text WHERE ${ofOwn} AND ${HAS_EMAIL} text_id) ORDER BY text_id DESC LIMIT ?`,
    [...ownParameters, accountId, limit],
  );
  const [ofShared, sharedParameters] = toCondition(NOBODY, query);
  const shared = await session.all<[EmailId]>(
    `SELECT email_id FROM search_shared JOIN search_text ON text_id = blob_key
     WHERE search_shared.account_id = ? AND ${ofShared} AND ${HAS_EMAIL} search_shared.email_id)`,
    [accountId, ...sharedParameters, accountId],
  );
  return [...own, ...shared].map(([emailId]) => emailId);
}

/** `+ 0`: the tokens' index already leads to this account's texts alone, and its key would lead to all of them. */
function toCondition(accountId: AccountId, query: SearchQuery): [string, SqlValue[]] {
  const tokens = new Set<string>();
  const conditions: string[] = [];
  const needles: string[] = [];
  for (const { fields, needle } of query) {
    for (const token of needleTokens(needle)) tokens.add(token);
    conditions.push(`(${fields.map((field) => `strpos(${COLUMN[field]}, ?) > 0`).join(' OR ')})`);
    for (let at = 0; at < fields.length; at++) needles.push(needle);
  }
  return [
    `search_text.account_id + 0 = ? AND tokens @> ?::text::int8[] AND ${conditions.join(' AND ')}`,
    [accountId, toNumbers(accountId, tokens), ...needles],
  ];
}

async function selectShared(session: SqlSession, blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, boolean>> {
  const rows = await session.all<[BlobKey, boolean]>(
    `SELECT blob_key, EXISTS (SELECT FROM search_text WHERE account_id = ? AND text_id = blob_key) FROM blob
     WHERE ${postgresDialect.isOneOf('blob_key')} AND ${postgresDialect.blobReferences} >= ?`,
    [NOBODY, toList(blobKeys), SHARED_TEXT_REFERENCES],
  );
  return new Map(rows);
}

async function place(
  session: SqlSession,
  accountId: AccountId,
  { emailId, blobKey, document }: IndexEntry,
  shared: Map<BlobKey, boolean>,
): Promise<void> {
  if (document === undefined || shared.has(blobKey)) {
    await session.run(
      'INSERT INTO search_shared (account_id, blob_key, email_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      [accountId, blobKey, emailId],
    );
    if (shared.get(blobKey) === true) return;
    if (document === undefined) throw new Error(`the text of blob ${blobKey} was dropped meanwhile`);
    shared.set(blobKey, true);
    await insertText(session, NOBODY, blobKey, document);
  } else {
    await insertText(session, accountId, emailId, document);
  }
}

async function insertText(
  session: SqlSession,
  accountId: AccountId,
  textId: EmailId | BlobKey,
  document: SearchDocument,
): Promise<void> {
  const tokens = new Set(SEARCH_FIELDS.flatMap((field) => textTokens(document[field])));
  const texts = SEARCH_FIELDS.map((field) => toText(document[field]));
  await session.run(INSERT_TEXT, [accountId, textId, ...texts, toNumbers(accountId, tokens)]);
}

/** As PostgreSQL writes an array. */
function toNumbers(accountId: AccountId, tokens: ReadonlySet<string>): string {
  return `{${Array.from(tokens, (token) => hashToken(accountId, token)).join(',')}}`;
}

/** 53 bits from two of the usual 32-bit multiply-and-shift hashes. Storage format. */
function hashToken(seed: number, token: string): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let at = 0; at < token.length; at++) {
    const unit = token.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}
