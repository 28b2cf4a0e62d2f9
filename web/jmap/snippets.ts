/** What was found of each Email of a search (RFC 8621 §5), fetched for the rows that are looked at. */
import type { SearchSnippet } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failures.ts';
import { SNIPPETS_HELD } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { ListSpec } from './queries.ts';
import type { External } from './types.ts';

/** A stretch of text, and whether it is what was looked for. */
export interface Piece {
  readonly text: string;
  readonly isFound: boolean;
}

export interface Found {
  /** `undefined`: nothing was found there. */
  readonly subject: readonly Piece[] | undefined;
  readonly preview: readonly Piece[] | undefined;
}

export class Snippets implements External<ReadonlyMap<Id, Found>> {
  readonly #connection: Connection;
  readonly #accountId: Id;
  readonly #filter: ListSpec['filter'];
  readonly #listeners = new Listeners();
  readonly #asked = new Set<Id>();
  #found: ReadonlyMap<Id, Found> = new Map();

  constructor(connection: Connection, accountId: Id, filter: ListSpec['filter']) {
    this.#connection = connection;
    this.#accountId = accountId;
    this.#filter = filter;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly getSnapshot = (): ReadonlyMap<Id, Found> => this.#found;

  /** Asks for those of these that have not been asked for. Never rejects: rows without a snippet show what they always do. */
  async show(ids: readonly Id[]): Promise<void> {
    const emailIds = ids.filter((id) => !this.#asked.has(id));
    if (emailIds.length === 0 || !asksForWords(this.#filter)) return;
    for (const id of emailIds) this.#asked.add(id);
    try {
      const { list } = (await this.#connection.call(
        'SearchSnippet/get',
        { accountId: this.#accountId, filter: this.#filter, emailIds },
        { isIdempotent: true },
      )) as { readonly list: readonly SearchSnippet[] };
      const fresh = list.map(({ emailId, subject, preview }) => {
        const found: Found = { subject: readPieces(subject), preview: readPieces(preview) };
        return [emailId, found] as const;
      });
      this.#found = new Map([...this.#found, ...fresh].slice(-SNIPPETS_HELD));
      this.#listeners.emit();
    } catch (error) {
      failureOf(error);
      for (const id of emailIds) this.#asked.delete(id);
    }
  }
}

/** Whether a snippet can show anything. */
function asksForWords(filter: ListSpec['filter']): boolean {
  if (filter === null) return false;
  if ('operator' in filter) return filter.operator !== 'NOT' && filter.conditions.some(asksForWords);
  return [filter.text, filter.from, filter.to, filter.cc, filter.bcc, filter.subject, filter.body].some(Boolean);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

/** RFC 8621 §5: HTML that is text but for `<mark>`. Whatever else may stand in it is shown as it stands. */
export function readPieces(html: string | null): readonly Piece[] | undefined {
  if (html === null) return undefined;
  return html.split(/(<mark>.*?<\/mark>)/s).flatMap((part) => {
    const marked = /^<mark>(.*)<\/mark>$/s.exec(part)?.[1];
    const text = (marked ?? part).replace(/&(#?\w{2,5});/g, (whole, name: string) => ENTITIES[name] ?? whole);
    return text === '' ? [] : [{ text, isFound: marked !== undefined }];
  });
}
