/**
 * What the search index tells of a search's keys, so that few messages are read.
 *
 * RFC 9051 §6.4.4 looks for substrings, the index for runs of characters and whole words (#search/analyse.ts). So a text
 * that is one or two characters of a script without blanks (会议) is answered by the index alone: where it is found it
 * is, where not it is not. Of any other text the runs in it, and (of SUBJECT and BODY) the words that have something on
 * both sides, must be in a message that has it: the others are ruled out, and what is left is looked at. A single word
 * (`ork` is in `work`) leaves all to be read.
 *
 * Nothing is told of messages that are not indexed yet, and of those that were too long to be indexed to their end
 * nothing but what was found.
 */
import type { AccountId, EmailId } from '#base/ids.ts';
import { listItems } from '#search/analyse.ts';
import type { Search } from '#search/search.ts';
import { CUT_NEEDLE, type SearchField, SUMMARY_FIELDS } from '#search/types.ts';
import type { SearchKey } from './search-key.ts';

/** Keys asked of the index in one search; a person's has one or two. */
const MAX_KEYS = 16;

/** What TEXT is about. */
const ALL_OF_TEXT: readonly SearchField[] = [...SUMMARY_FIELDS, 'header', 'body', 'fileName'];

interface Answer {
  readonly hits: ReadonlySet<EmailId>;
  /** Whether a hit has the text for certain. */
  readonly isExact: boolean;
}

export class IndexedKeys {
  readonly #answers: ReadonlyMap<SearchKey, Answer>;
  readonly #indexedBelow: EmailId;
  readonly #cut: ReadonlySet<EmailId>;

  private constructor(answers: ReadonlyMap<SearchKey, Answer>, indexedBelow: EmailId, cut: ReadonlySet<EmailId>) {
    this.#answers = answers;
    this.#indexedBelow = indexedBelow;
    this.#cut = cut;
  }

  /** `undefined` when the index has nothing to say to any of the keys. */
  static async ask(search: Search, accountId: AccountId, root: SearchKey): Promise<IndexedKeys | undefined> {
    const answers = new Map<SearchKey, Answer>();
    let indexedBelow = Number.POSITIVE_INFINITY;
    for (const { key, fields, text, ...kind } of listTextKeys(root).slice(0, MAX_KEYS)) {
      const items = listItems(text);
      const query = items
        .filter(({ isRun }, at) => isRun || (kind.hasWords && at > 0 && at < items.length - 1))
        .map(({ needle }) => ({ fields, needle }));
      if (query.length === 0) continue;
      const found = await search.findIndexed(accountId, query);
      indexedBelow = Math.min(indexedBelow, found.indexedBelow);
      const isOneRun = items.length === 1 && items[0]?.needle === text;
      answers.set(key, { hits: new Set(found.emailIds), isExact: kind.isExact && isOneRun && found.isExact });
    }
    if (answers.size === 0) return undefined;
    const cut = await search.findIndexed(accountId, [{ fields: ['header'], needle: CUT_NEEDLE }]);
    return new IndexedKeys(answers, Math.min(indexedBelow, cut.indexedBelow) as EmailId, new Set(cut.emailIds));
  }

  /** Whether the message has what `key` asks for; `undefined`: it has to be looked at. */
  judge(key: SearchKey, emailId: number): boolean | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined || emailId >= this.#indexedBelow) return undefined;
    if (answer.hits.has(emailId as EmailId)) return answer.isExact ? true : undefined;
    return this.#cut.has(emailId as EmailId) ? undefined : false;
  }
}

interface TextQuestion {
  readonly key: SearchKey;
  /** Together they hold every run of what the key is about. */
  readonly fields: readonly SearchField[];
  readonly text: string;
  /** Whether they hold nothing else. */
  readonly isExact: boolean;
  /** Whether they hold every word of it too. */
  readonly hasWords: boolean;
}

function listTextKeys(key: SearchKey): TextQuestion[] {
  switch (key.kind) {
    case 'and':
    case 'or':
      return key.keys.flatMap(listTextKeys);
    case 'not':
      return listTextKeys(key.key);
    case 'subject':
      return [{ key, fields: ['subject'], text: key.text, isExact: true, hasWords: true }];
    case 'address':
      // The names of groups are in `header` only.
      return [{ key, fields: [key.field, 'header'], text: key.text, isExact: false, hasWords: false }];
    case 'body':
      return [{ key, fields: ['body', 'fileName'], text: key.text, isExact: true, hasWords: true }];
    case 'text':
      return [{ key, fields: ALL_OF_TEXT, text: key.text, isExact: true, hasWords: false }];
    default:
      return [];
  }
}
