/** The door to searching: complete answers at any moment, whether or not the index has come so far. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorText, isMailError } from '#base/errors.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { type Logger, silentLog } from '#base/log.ts';
import { makeDocument, makeSummaryDocument, readTexts } from './document.ts';
import { type MessageSource, readMessageTexts } from './indexer.ts';
import { SEARCH_LIMITS } from './limits.ts';
import type { IndexHits, SearchIndex } from './ports/search-index.ts';
import { type Snippet, makeSnippet } from './snippet.ts';
import { type SearchField, type SearchQuery, SUMMARY_FIELDS, isHit } from './types.ts';

/** RFC 8621 §5: null where nothing of it is found. HTML: `<mark>` around what was found, all else escaped. */
export interface EmailSnippet {
  readonly emailId: EmailId;
  readonly subject: string | null;
  readonly preview: string | null;
}

export interface Matches {
  readonly among: ReadonlySet<EmailId>;
  /** Absent: all of them match. Reads those that are not indexed yet of which it is asked. */
  readonly settle?: (emailIds: readonly EmailId[]) => Promise<ReadonlySet<EmailId>>;
  /** How much Emails are about what is looked for, as far as the index knows; absent from the map: it stands anywhere. */
  readonly weigh: () => Promise<ReadonlyMap<EmailId, number>>;
}

/** Where a phrase stands says how much the message is about it; of several places the best counts. */
const FIELD_WEIGHTS: readonly (readonly [field: SearchField, weight: number])[] = [
  ['subject', 4],
  ['from', 3],
  ['fileName', 2],
  ['to', 1],
];

const FIRST = 1 as EmailId;
const SUMMARY: ReadonlySet<SearchField> = new Set(SUMMARY_FIELDS);

export class Search {
  readonly #index: SearchIndex;
  readonly #source: MessageSource;
  readonly #log: Logger;

  constructor(index: SearchIndex, source: MessageSource, log: Logger = silentLog) {
    this.#index = index;
    this.#source = source;
    this.#log = log;
  }

  /**
   * The account's Emails that match, newest (by Email id: in the order they came) first; the newest `limit` of them.
   * What is not indexed yet is read: a message is found as soon as it was answered 250, what its attachments say some
   * moments later.
   */
  async find(accountId: AccountId, query: SearchQuery, limit = Number.MAX_SAFE_INTEGER): Promise<readonly EmailId[]> {
    // Asked first: what comes after this is not missing in the answer, it is later than the question.
    const next = (await this.#source.account(accountId))?.nextEmailId ?? 1;
    const hits =
      query.length === 0
        ? { emailIds: countDown(next, 1), indexedBelow: next }
        : await this.findIndexed(accountId, query);
    const found: EmailId[] = [];
    const steps = [
      { emailIds: countDown(next, hits.indexedBelow), asked: query },
      { emailIds: hits.emailIds, asked: [] },
    ];
    for (const { emailIds, asked } of steps) {
      for (let at = 0; at < emailIds.length && found.length < limit; at += SEARCH_LIMITS.readEmails) {
        const some = emailIds.slice(at, at + SEARCH_LIMITS.readEmails);
        found.push(...(await this.#settle(accountId, some, asked, limit - found.length)));
        await nextTurn();
      }
    }
    return found;
  }

  /**
   * For whoever asks the account's Emails further questions: among which Emails all are that match, and, while the index
   * lags, which of some of them do. Emails that are gone may be among them.
   */
  async match(accountId: AccountId, query: SearchQuery): Promise<Matches> {
    const next = (await this.#source.account(accountId))?.nextEmailId ?? 1;
    const { emailIds, indexedBelow } = await this.findIndexed(accountId, query);
    const among = new Set([...countDown(next, indexedBelow), ...emailIds]);
    const weigh = () => this.#weigh(accountId, query);
    if (indexedBelow >= next) return { among, weigh };
    return { among, weigh, settle: (some) => this.#settleAll(accountId, some, query, indexedBelow) };
  }

  async #weigh(accountId: AccountId, query: SearchQuery): Promise<ReadonlyMap<EmailId, number>> {
    const weights = new Map<EmailId, number>();
    for (const { fields, needle } of query) {
      const counted = new Set<EmailId>();
      for (const [field, weight] of FIELD_WEIGHTS) {
        if (!fields.includes(field)) continue;
        for (const emailId of (await this.findIndexed(accountId, [{ fields: [field], needle }])).emailIds) {
          if (counted.has(emailId)) continue;
          counted.add(emailId);
          weights.set(emailId, (weights.get(emailId) ?? 0) + weight);
        }
        await nextTurn();
      }
    }
    return weights;
  }

  /** Those that match; Emails below `knownBelow` do. */
  async #settleAll(
    accountId: AccountId,
    emailIds: readonly EmailId[],
    query: SearchQuery,
    knownBelow: EmailId,
  ): Promise<ReadonlySet<EmailId>> {
    const found = new Set(emailIds.filter((emailId) => emailId < knownBelow));
    const open = emailIds.filter((emailId) => emailId >= knownBelow);
    for (let at = 0; at < open.length; at += SEARCH_LIMITS.readEmails) {
      const some = open.slice(at, at + SEARCH_LIMITS.readEmails);
      for (const emailId of await this.#settle(accountId, some, query, some.length)) found.add(emailId);
      await nextTurn();
    }
    return found;
  }

  /** What the index alone knows. One that is damaged knows nothing: that makes searching slow, and no more. */
  async findIndexed(accountId: AccountId, query: SearchQuery): Promise<IndexHits> {
    try {
      return await this.#index.find(accountId, query);
    } catch (error) {
      // An outage of the store, which the messages are in as well.
      if (isMailError(error)) throw error;
      this.#log.warn({ err: errorText(error) }, 'the search index could not be read: messages are read instead');
      return { emailIds: [], indexedBelow: FIRST };
    }
  }

  /** Where the query was found, for a page of a list; one for each Email that exists, in the order asked. */
  async snippets(
    accountId: AccountId,
    emailIds: readonly EmailId[],
    query: SearchQuery,
  ): Promise<readonly EmailSnippet[]> {
    const snippets: EmailSnippet[] = [];
    for (const emailId of emailIds) {
      const found = await readMessageTexts(this.#source, accountId, emailId);
      if (found === undefined) continue;
      const { subject, body, fileName } = readTexts(found.octets ?? Buffer.alloc(0), found.structure, found.summary);
      const needlesOf = (field: 'subject' | 'body' | 'fileName'): string[] =>
        query.filter(({ fields }) => fields.includes(field)).map(({ needle }) => needle);
      const inSubject: Snippet | null = makeSnippet(subject, needlesOf('subject'), 'whole');
      const preview = makeSnippet(body, needlesOf('body')) ?? makeSnippet(fileName, needlesOf('fileName'));
      snippets.push({ emailId, subject: inSubject, preview });
      await nextTurn();
    }
    return snippets;
  }

  /** The first `limit` of the Emails that exist and in whose texts the query is. */
  async #settle(
    accountId: AccountId,
    emailIds: readonly EmailId[],
    query: SearchQuery,
    limit: number,
  ): Promise<readonly EmailId[]> {
    const rows = new Map((await this.#source.listRows(accountId, emailIds)).map((row) => [row.emailId, row]));
    const isInSummary = query.every(({ fields }) => fields.every((field) => SUMMARY.has(field)));
    const found: EmailId[] = [];
    for (const emailId of emailIds) {
      if (found.length === limit) break;
      const row = rows.get(emailId);
      if (row === undefined) continue;
      if (
        isHit(makeSummaryDocument(row.summary), query) ||
        (!isInSummary && (await this.#isInMessage(accountId, emailId, query)))
      )
        found.push(emailId);
    }
    return found;
  }

  async #isInMessage(accountId: AccountId, emailId: EmailId, query: SearchQuery): Promise<boolean> {
    const message = await readMessageTexts(this.#source, accountId, emailId);
    await nextTurn();
    if (message === undefined) return false;
    const { octets = Buffer.alloc(0), structure, summary } = message;
    return isHit(makeDocument(readTexts(octets, structure, summary)), query);
  }
}

/** Below `end`, down to `last`. */
function countDown(end: number, last: number): EmailId[] {
  return Array.from({ length: Math.max(0, end - last) }, (_, n) => (end - 1 - n) as EmailId);
}
