/**
 * SearchIndex for both databases: posting lists by account, in segments of texts that came after each other.
 *
 * New texts are a segment by themselves; eight of a size become one, so that an account has few, and each of its texts is
 * written some five times over the years. Nothing is ever written into the midst of a segment. A question reads one
 * block of each segment for each token, whatever else the store holds; the end of a word, or what is within one, all of the
 * account's words.
 *
 * What many accounts have (announcements) is one text of nobody's, numbered as it is indexed, beside a narrow row for each
 * who has it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import { type NeedleToken, needleTokens, textTokens } from '#search/analyse.ts';
import type { IndexBacklog, IndexEntry, IndexHits, IndexSlice, SearchIndex } from '#search/ports/search-index.ts';
import { SEARCH_FIELDS, type SearchDocument, type SearchField, type SearchQuery } from '#search/types.ts';
import { INDEX_SEGMENT_BYTES, SEGMENT_TEXTS, SEGMENTS_MERGED, SHARED_TEXT_REFERENCES } from '#store/limits.ts';
import { SEARCH_TABLES } from './schema.ts';
import {
  type Occurrence,
  type Posting,
  encodePostings,
  findAll,
  findInBlock,
  makeOccurrence,
  mergeSegments,
  textOf,
} from './search-segment.ts';
import { type SqlSession, toList } from './session.ts';

/** Where the index is kept. */
export interface SearchDatabase {
  /** One snapshot of the index, with the tables of the mail beside it. */
  read<T>(body: (session: SqlSession) => Promise<T>): Promise<T>;
  /** One transaction; one at a time. The mail need not be there. */
  change<T>(body: (session: SqlSession) => Promise<T>): Promise<T>;
  /** As SearchIndex.mend. */
  mend(): Promise<string | undefined>;
}

const FIRST = 1 as EmailId;
/** Whose texts are everybody's. */
const NOBODY = 0 as AccountId;

/** Begins every word; in upper case, every token of a run, so that words are beside each other. Storage format. */
const FIELD_LETTER: Readonly<Record<SearchField, string>> = {
  subject: 's',
  from: 'f',
  to: 't',
  cc: 'c',
  bcc: 'x',
  body: 'b',
  header: 'h',
  fileName: 'n',
  fileText: 'a',
};
/** Segments whose blocks are in memory together for a question: some megabytes where all words are looked through. */
const SEGMENTS_READ = 8;
/** The token that every text has; it comes first. */
const ANY = '';

interface IndexedText {
  readonly id: number;
  readonly document: SearchDocument;
}

interface Segment {
  readonly segmentId: number;
  readonly firstId: number;
  readonly texts: number;
  readonly bytes: number;
}

export class SqlSearchIndex implements SearchIndex {
  readonly #database: SearchDatabase;

  constructor(database: SearchDatabase) {
    this.#database = database;
  }

  mend(): Promise<string | undefined> {
    return this.#database.mend();
  }

  find(accountId: AccountId, query: SearchQuery): Promise<IndexHits> {
    const phrases = query.map(({ fields, needle }) => ({ fields, tokens: needleTokens(needle) }));
    return this.#database.read(async (session) => {
      const indexedBelow = await selectNext(session, accountId);
      const emailIds = (await findTexts(session, accountId, phrases)) as EmailId[];
      const shared = await session.all<[number, EmailId]>(
        'SELECT text_id, email_id FROM search_shared WHERE account_id = ?',
        [accountId],
      );
      if (shared.length > 0) {
        const found = new Set(await findTexts(session, NOBODY, phrases));
        for (const [id, emailId] of shared) if (found.has(id)) emailIds.push(emailId);
      }
      return {
        emailIds: emailIds.filter((id) => id < indexedBelow).toSorted((a, b) => b - a),
        indexedBelow,
      };
    });
  }

  backlog(limit: number): Promise<IndexBacklog> {
    const behind = `FROM (
        SELECT account.account_id, coalesce(search_progress.next_id, ${FIRST}) AS reached, account.next_email_id AS next
        FROM account LEFT JOIN search_progress ON search_progress.account_id = account.account_id
      ) AS accounts WHERE reached <> next`;
    return this.#database.read(async (session) => {
      const rows = await session.all<[AccountId, EmailId, EmailId]>(
        `SELECT account_id, reached, next ${behind} ORDER BY account_id LIMIT ?`,
        [limit],
      );
      const total = await session.get<[number | null]>(
        `SELECT CAST(sum(CASE WHEN next > reached THEN next - reached ELSE 0 END) AS BIGINT) ${behind}`,
        [],
      );
      return { accounts: rows.map(([accountId, from, next]) => ({ accountId, from, next })), waiting: total?.[0] ?? 0 };
    });
  }

  sharedBlobs(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, boolean>> {
    return this.#database.read(async (session) => {
      const { dialect } = session;
      const rows = await session.all<[BlobKey, number]>(
        `SELECT blob_key, (SELECT count(*) FROM search_shared_text WHERE search_shared_text.blob_key = blob.blob_key)
         FROM blob WHERE ${dialect.isOneOf('blob_key')} AND ${dialect.blobReferences} >= ?`,
        [toList(blobKeys), SHARED_TEXT_REFERENCES],
      );
      return new Map(rows.map(([blobKey, count]) => [blobKey, count > 0]));
    });
  }

  async write(slices: readonly IndexSlice[]): Promise<void> {
    const shared = await this.sharedBlobs(slices.flatMap(({ entries }) => entries.map(({ blobKey }) => blobKey)));
    await this.#database.change(async (session) => {
      const everybodys = new SharedTexts(session, await selectNext(session, NOBODY));
      for (const { accountId, from, next, entries } of slices) {
        if ((await selectNext(session, accountId)) !== from) continue;
        const texts: IndexedText[] = [];
        for (const entry of entries) {
          if (await everybodys.take(accountId, entry, shared.has(entry.blobKey))) continue;
          if (entry.document === undefined) throw new Error(`the text of blob ${entry.blobKey} was dropped meanwhile`);
          texts.push({ id: entry.emailId, document: entry.document });
        }
        await addTexts(session, accountId, texts);
        await setNext(session, accountId, next);
      }
      if (everybodys.texts.length === 0) return;
      await addTexts(session, NOBODY, everybodys.texts);
      await setNext(session, NOBODY, everybodys.next as EmailId);
    });
  }

  forget(accountId: AccountId | 'all'): Promise<void> {
    return this.#database.change(async (session) => {
      if (accountId === 'all') {
        for (const table of SEARCH_TABLES) await session.run(session.dialect.emptyTable(table), []);
        return;
      }
      for (const { segmentId } of await selectSegments(session, accountId)) await dropSegment(session, segmentId);
      for (const table of ['search_progress', 'search_shared'])
        await session.run(`DELETE FROM ${table} WHERE account_id = ?`, [accountId]);
    });
  }

  async tidy(): Promise<number> {
    let dropped = 0;
    const accountIds = await this.#database.read(async (session) =>
      (await session.all<[AccountId]>('SELECT account_id FROM search_progress', [])).flat(),
    );
    for (const accountId of accountIds) {
      dropped += accountId === NOBODY ? await this.#tidyShared() : await this.#tidyAccount(accountId);
      await nextTurn();
    }
    return dropped;
  }

  async #tidyAccount(accountId: AccountId): Promise<number> {
    const found = await this.#database.read(async (session) => {
      const account = await session.get('SELECT 1 FROM account WHERE account_id = ?', [accountId]);
      if (account === undefined) return undefined;
      const emailIds = await session.all<[number]>('SELECT email_id FROM email WHERE account_id = ?', [accountId]);
      const shared = await session.all<[number]>('SELECT email_id FROM search_shared WHERE account_id = ?', [
        accountId,
      ]);
      const kept = new Set(emailIds.flat());
      return { kept, shared: shared.flat(), sparse: await findSparse(session, accountId, kept) };
    });
    if (found === undefined) {
      await this.forget(accountId);
      return 0;
    }
    const gone = found.shared.filter((emailId) => !found.kept.has(emailId));
    if (gone.length > 0) {
      await this.#database.change((session) =>
        Promise.resolve(
          session.run(`DELETE FROM search_shared WHERE account_id = ? AND ${session.dialect.isOneOf('email_id')}`, [
            accountId,
            toList(gone),
          ]),
        ),
      );
    }
    return this.#dropTexts(accountId, found.sparse, found.kept);
  }

  /** Texts of blobs that nobody has any more. */
  async #tidyShared(): Promise<number> {
    const { kept, gone, sparse } = await this.#database.read(async (session) => {
      const rows = await session.all<[number, BlobKey | null]>(
        `SELECT text_id, blob.blob_key FROM search_shared_text
         LEFT JOIN blob ON blob.blob_key = search_shared_text.blob_key`,
        [],
      );
      const ids = (isThere: boolean): number[] =>
        rows.filter(([, blobKey]) => (blobKey !== null) === isThere).map(([id]) => id);
      const keptIds = new Set(ids(true));
      return { kept: keptIds, gone: ids(false), sparse: await findSparse(session, NOBODY, keptIds) };
    });
    if (gone.length > 0) {
      await this.#database.change((session) =>
        Promise.resolve(
          session.run(`DELETE FROM search_shared_text WHERE ${session.dialect.isOneOf('text_id')}`, [toList(gone)]),
        ),
      );
    }
    return this.#dropTexts(NOBODY, sparse, kept);
  }

  /** Writes these segments again without the texts that are not `kept`. */
  async #dropTexts(accountId: AccountId, segments: readonly Segment[], kept: ReadonlySet<number>): Promise<number> {
    let dropped = 0;
    for (const segment of segments) {
      dropped += await this.#database.change(async (session) => {
        const isThere = (await selectSegments(session, accountId)).some((one) => one.segmentId === segment.segmentId);
        return isThere ? replaceSegments(session, accountId, [segment], (id) => kept.has(id)) : 0;
      });
      await nextTurn();
    }
    return dropped;
  }
}

/** Takes what many accounts have out of what is indexed: one text, and a row for each of them. */
class SharedTexts {
  readonly #session: SqlSession;
  readonly texts: IndexedText[] = [];
  next: number;

  constructor(session: SqlSession, next: number) {
    this.#session = session;
    this.next = next;
  }

  /** Whether it was taken: its text is here already, or comes here. */
  async take(accountId: AccountId, { emailId, blobKey, document }: IndexEntry, isShared: boolean): Promise<boolean> {
    const session = this.#session;
    const row = await session.get<[number]>('SELECT text_id FROM search_shared_text WHERE blob_key = ?', [blobKey]);
    if (row === undefined && (!isShared || document === undefined)) return false;
    const id = row?.[0] ?? this.next++;
    if (row === undefined && document !== undefined) {
      this.texts.push({ id, document });
      await session.run('INSERT INTO search_shared_text (blob_key, text_id) VALUES (?, ?)', [blobKey, id]);
    }
    await session.run('INSERT INTO search_shared (account_id, text_id, email_id) VALUES (?, ?, ?)', [
      accountId,
      id,
      emailId,
    ]);
    return true;
  }
}

/** A field's token as it is stored: octets, a character each. */
function toKey(field: SearchField, token: string, isOfRun: boolean): string {
  const letter = isOfRun ? FIELD_LETTER[field].toUpperCase() : FIELD_LETTER[field];
  return letter + Buffer.from(token).toString('latin1');
}

function toHex(key: string): string {
  return Buffer.from(key, 'latin1').toString('hex');
}

async function selectNext(session: SqlSession, accountId: AccountId): Promise<EmailId> {
  const row = await session.get<[EmailId]>('SELECT next_id FROM search_progress WHERE account_id = ?', [accountId]);
  return row?.[0] ?? FIRST;
}

async function setNext(session: SqlSession, accountId: AccountId, next: EmailId): Promise<void> {
  await session.run(
    `INSERT INTO search_progress (account_id, next_id) VALUES (?, ?)
     ON CONFLICT (account_id) DO UPDATE SET next_id = excluded.next_id`,
    [accountId, next],
  );
}

async function selectSegments(session: SqlSession, accountId: AccountId): Promise<Segment[]> {
  const rows = await session.all<[number, number, number, number]>(
    'SELECT segment_id, first_id, texts, bytes FROM search_segment WHERE account_id = ? ORDER BY first_id',
    [accountId],
  );
  return rows.map(([segmentId, firstId, texts, bytes]) => ({ segmentId, firstId, texts, bytes }));
}

interface Phrase {
  readonly fields: readonly SearchField[];
  readonly tokens: readonly NeedleToken[];
}

/** Texts that have all phrases, each in one of its fields; ascending. */
async function findTexts(session: SqlSession, accountId: AccountId, phrases: readonly Phrase[]): Promise<number[]> {
  const keys = phrases.flatMap(({ fields, tokens }) =>
    fields.flatMap((field) => tokens.map((token) => toHex(firstKey(field, token)))),
  );
  const asked = toList([...new Set(keys)]);
  const segments = await selectSegments(session, accountId);
  const found: number[] = [];
  for (let at = 0; at < segments.length; at += SEGMENTS_READ) {
    const some = segments.slice(at, at + SEGMENTS_READ);
    const blocks = await selectBlocks(session, accountId, some, asked);
    for (const { segmentId, firstId } of some) {
      const byKey = Map.groupBy(blocks.get(segmentId) ?? [], ({ key }) => key);
      const texts = phrases.map(({ fields, tokens }) =>
        fields
          .map((field) => findPhrase(tokens, (token) => findToken(byKey, firstId, field, token)))
          .reduce((all, one) => all.union(one)),
      );
      for (const text of texts.reduce((all, one) => all.intersection(one))) found.push(text);
      // Common words in many texts take a while.
      await nextTurn();
    }
  }
  return found;
}

/** Where to look for it: what may fit begins with this. */
function firstKey(field: SearchField, { token, isOfRun, is }: NeedleToken): string {
  return toKey(field, is === 'whole' || is === 'beginning' ? token : '', isOfRun);
}

interface FoundBlock {
  readonly segmentId: number;
  /** What it was asked for by. */
  readonly key: string;
  readonly data: Uint8Array;
}

/**
 * Blocks of `segments`, neighbours, for each of `asked`, a list of hexadecimal keys: the one where it would be, and all that
 * begin with it; by segment.
 */
async function selectBlocks(
  session: SqlSession,
  accountId: AccountId,
  segments: readonly Segment[],
  asked: string,
): Promise<Map<number, FoundBlock[]>> {
  // Hexadecimal digits sort below `g`. Joined in this order (SQLite's CROSS JOIN says so): a look-up for each segment and
  // token.
  const rows = await session.all<[number, string, Uint8Array]>(
    `SELECT search_segment.segment_id, listed.value, data
     FROM search_segment CROSS JOIN ${session.dialect.listedTexts} CROSS JOIN search_block
     WHERE account_id = ? AND first_id BETWEEN ? AND ? AND search_block.segment_id = search_segment.segment_id
     AND first_token < listed.value || 'g' AND first_token >= coalesce((
       SELECT max(first_token) FROM search_block AS before
       WHERE before.segment_id = search_segment.segment_id AND before.first_token <= listed.value
     ), listed.value)`,
    [asked, accountId, segments[0]?.firstId ?? 0, segments.at(-1)?.firstId ?? 0],
  );
  return Map.groupBy(
    rows.map(([segmentId, key, data]) => ({ segmentId, key, data })),
    ({ segmentId }) => segmentId,
  );
}

/** Where a segment has the token; ascending if it is a whole one. */
function findToken(
  byKey: ReadonlyMap<string, readonly FoundBlock[]>,
  base: number,
  field: SearchField,
  token: NeedleToken,
): Occurrence[] {
  const first = firstKey(field, token);
  const blocks = (byKey.get(toHex(first)) ?? []).map(({ data }) => data);
  if (first.length > 1) return blocks.flatMap((data) => findInBlock(data, base, first, token.is === 'beginning'));
  const key = toKey(field, token.token, false);
  // Without the field's letter, which is none of the word.
  const text = key.slice(1);
  const fits = (word: string): boolean =>
    token.is === 'end' ? word.length >= key.length && word.endsWith(text) : word.includes(text, 1);
  return findAll({ base, blocks }, (word) => word.startsWith(first) && fits(word));
}

/** Texts that have the tokens at their distances. */
function findPhrase(tokens: readonly NeedleToken[], find: (token: NeedleToken) => Occurrence[]): Set<number> {
  let found: readonly Occurrence[] = [];
  for (const [at, token] of tokens.entries()) {
    const list = find(token);
    if (token.is !== 'whole' && tokens.length > 1) list.sort((a, b) => a - b);
    found = at === 0 ? list : keepFollowed(found, list, token.place);
    if (found.length === 0) break;
  }
  return new Set(found.map(textOf));
}

/** Of `found`, what is followed by one of `list` at this distance; all ascending. */
function keepFollowed(found: readonly Occurrence[], list: readonly Occurrence[], distance: number): Occurrence[] {
  let at = 0;
  return found.filter((occurrence) => {
    while (at < list.length && list[at]! < occurrence + distance) at++;
    return list[at] === occurrence + distance;
  });
}

/** Those of which more than a quarter is gone. */
async function findSparse(session: SqlSession, accountId: AccountId, kept: ReadonlySet<number>): Promise<Segment[]> {
  const sparse: Segment[] = [];
  for (const segment of await selectSegments(session, accountId)) {
    const first = await session.get<[Uint8Array]>(
      'SELECT data FROM search_block WHERE segment_id = ? ORDER BY first_token LIMIT 1',
      [segment.segmentId],
    );
    const ids = first === undefined ? [] : findInBlock(first[0], segment.firstId, ANY).map(textOf);
    if (ids.filter((id) => kept.has(id)).length < segment.texts * 0.75) sparse.push(segment);
  }
  return sparse;
}

/** Adds texts that come after all others of the account. */
async function addTexts(session: SqlSession, accountId: AccountId, texts: readonly IndexedText[]): Promise<void> {
  if (texts.length === 0) return;
  await insertSegment(
    session,
    accountId,
    texts.map(({ id }) => id),
    listPostings(texts),
  );
  const merged = chooseMerged(await selectSegments(session, accountId));
  if (merged.length > 0) await replaceSegments(session, accountId, merged);
}

/** What `texts`, by id, have; by token. */
function listPostings(texts: readonly IndexedText[]): Posting[] {
  const postings: Posting[] = [{ token: ANY, occurrences: texts.map(({ id }) => makeOccurrence(id, 0)) }];
  for (const field of SEARCH_FIELDS) {
    const words = new Map<string, Occurrence[]>();
    const pairs = new Map<string, Occurrence[]>();
    for (const { id, document } of texts) {
      for (const { token, isOfRun, place } of textTokens(document[field])) {
        const lists = isOfRun ? pairs : words;
        const list = lists.get(token);
        if (list === undefined) lists.set(token, [makeOccurrence(id, place)]);
        else list.push(makeOccurrence(id, place));
      }
    }
    for (const [token, occurrences] of words) postings.push({ token: toKey(field, token, false), occurrences });
    for (const [token, occurrences] of pairs) postings.push({ token: toKey(field, token, true), occurrences });
  }
  return postings.toSorted((a, b) => (a.token < b.token ? -1 : 1));
}

/**
 * The newest segments that are to become one: SEGMENTS_MERGED or more of about a size. Those that hold SEGMENT_TEXTS, or
 * INDEX_SEGMENT_BYTES, stay as they are.
 */
function chooseMerged(segments: readonly Segment[]): readonly Segment[] {
  const newest = segments.toReversed();
  for (let size = SEGMENTS_MERGED; size <= SEGMENT_TEXTS; size *= SEGMENTS_MERGED) {
    const larger = newest.findIndex(({ texts, bytes }) => texts >= size || bytes >= INDEX_SEGMENT_BYTES);
    const alike = larger === -1 ? newest : newest.slice(0, larger);
    if (alike.length >= SEGMENTS_MERGED) return alike.toReversed();
    if (larger === -1) break;
  }
  return [];
}

/** Puts one segment in the place of neighbours; how many texts were left out. */
async function replaceSegments(
  session: SqlSession,
  accountId: AccountId,
  segments: readonly Segment[],
  isKept: (id: number) => boolean = () => true,
): Promise<number> {
  const stored: { base: number; blocks: Uint8Array[] }[] = [];
  for (const { segmentId, firstId } of segments) {
    const sql = 'SELECT data FROM search_block WHERE segment_id = ? ORDER BY first_token';
    stored.push({ base: firstId, blocks: (await session.all<[Uint8Array]>(sql, [segmentId])).flat() });
    await dropSegment(session, segmentId);
  }
  const ids = stored.flatMap(({ base, blocks: [first] }) =>
    first === undefined ? [] : findInBlock(first, base, ANY).map(textOf),
  );
  const gone = new Set(ids.filter((id) => !isKept(id)));
  const postings = mergeSegments(stored);
  if (gone.size === 0) await insertSegment(session, accountId, ids, postings);
  else {
    await insertSegment(
      session,
      accountId,
      ids.filter(isKept),
      postings.map(({ token, occurrences }) => ({
        token,
        occurrences: occurrences.filter((occurrence) => !gone.has(textOf(occurrence))),
      })),
    );
  }
  return gone.size;
}

/** `ids`: of all its texts. */
async function insertSegment(
  session: SqlSession,
  accountId: AccountId,
  ids: readonly number[],
  postings: Iterable<Posting>,
): Promise<void> {
  const [firstId] = ids;
  if (firstId === undefined) return;
  // The newest segment lies at the end of the table, whosever it is: pages are written in order and full.
  const [last] = (await session.get<[number | null]>('SELECT max(segment_id) FROM search_block', [])) ?? [];
  const segmentId = (last ?? 0) + 1;
  let bytes = 0;
  for (const { firstToken, data } of encodePostings(postings, firstId)) {
    bytes += data.length;
    await session.run('INSERT INTO search_block (segment_id, first_token, data) VALUES (?, ?, ?)', [
      segmentId,
      toHex(firstToken),
      data,
    ]);
  }
  await session.run(
    'INSERT INTO search_segment (account_id, first_id, segment_id, texts, bytes) VALUES (?, ?, ?, ?, ?)',
    [accountId, firstId, segmentId, ids.length, bytes],
  );
}

async function dropSegment(session: SqlSession, segmentId: number): Promise<void> {
  for (const table of ['search_segment', 'search_block'])
    await session.run(`DELETE FROM ${table} WHERE segment_id = ?`, [segmentId]);
}
