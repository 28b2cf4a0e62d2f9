/** The door to searching: complete answers at any moment, whether or not the index has come so far. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccountId, EmailId } from '#base/ids.ts';
import { makeDocument, readTexts } from './document.ts';
import { type MessageSource, readMessageTexts } from './indexer.ts';
import type { IndexHits, SearchIndex } from './ports/search-index.ts';
import { type Snippet, makeSnippet } from './snippet.ts';
import { type SearchQuery, isHit } from './types.ts';

/** RFC 8621 §5: null where nothing of it is found. HTML: `<mark>` around what was found, all else escaped. */
export interface EmailSnippet {
  readonly emailId: EmailId;
  readonly subject: string | null;
  readonly preview: string | null;
}

export class Search {
  readonly #index: SearchIndex;
  readonly #source: MessageSource;

  constructor(index: SearchIndex, source: MessageSource) {
    this.#index = index;
    this.#source = source;
  }

  /**
   * The account's Emails that match, newest (by Email id: in the order they came) first; the newest `limit` of them.
   * What is not indexed yet is read: a message is found as soon as it was answered 250, what its attachments say some
   * moments later.
   */
  async find(accountId: AccountId, query: SearchQuery, limit = Number.MAX_SAFE_INTEGER): Promise<readonly EmailId[]> {
    // Asked first: what comes after this is not missing in the answer, it is later than the question.
    const next = (await this.#source.account(accountId))?.nextEmailId ?? 1;
    const { emailIds, indexedBelow } = await this.#index.find(accountId, query, limit);
    if (indexedBelow >= next) return emailIds;
    const ids = Array.from({ length: next - indexedBelow }, (_, n) => (next - 1 - n) as EmailId);
    const newest: EmailId[] = [];
    for (const emailId of ids) {
      if (newest.length >= limit) break;
      if (await this.#isHit(accountId, emailId, query)) newest.push(emailId);
      await nextTurn();
    }
    return [...newest, ...emailIds].slice(0, limit);
  }

  /** What the index alone knows: see IndexHits. */
  findIndexed(accountId: AccountId, query: SearchQuery): Promise<IndexHits> {
    return this.#index.find(accountId, query);
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

  async #isHit(accountId: AccountId, emailId: EmailId, query: SearchQuery): Promise<boolean> {
    const found = await readMessageTexts(this.#source, accountId, emailId);
    if (found === undefined) return false;
    const { octets = Buffer.alloc(0), structure, summary } = found;
    return isHit(makeDocument(readTexts(octets, structure, summary)), query);
  }
}
