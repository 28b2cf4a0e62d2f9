/**
 * What the search index tells of a search's keys, so that few messages are read.
 *
 * RFC 9051 §6.4.4 looks for substrings, signs and blanks too, of which the index knows none. So a text that is all of one
 * script without blanks (会议), or all within a word (`ork` of `work`), is answered by the index alone: where it is found it
 * is, where not it is not. Of any other text the index has the words and runs, one after the other: messages without them
 * are ruled out, and what is left is looked at.
 *
 * Nothing is told of messages that are not indexed yet, and of those that were too long to be indexed to their end, or
 * have words too long, nothing but what was found. Header fields of ASCII are not in the index: of TEXT and of addresses a
 * text that is not a run alone is not ruled out.
 */
import type { AccountId, EmailId } from '#base/ids.ts';
import { listRuns, needleTokens, toPartNeedle } from '#search/analyse.ts';
import type { Search } from '#search/search.ts';
import { CUT_NEEDLE, LONG_WORD_NEEDLE, type SearchField, SUMMARY_FIELDS } from '#search/types.ts';
import type { SearchKey } from './search-key.ts';

/** Keys asked of the index in one search; a person's has one or two. */
const MAX_KEYS = 16;

/** What TEXT is about. */
const ALL_OF_TEXT: readonly SearchField[] = [...SUMMARY_FIELDS, 'header', 'body', 'fileName'];

interface Answer {
  readonly hits: ReadonlySet<EmailId>;
  /** Whether a hit has the text for certain. */
  readonly isExact: boolean;
  /** Those of which the index does not know what they do not have. */
  readonly unknown: ReadonlySet<EmailId>;
}

export class IndexedKeys {
  readonly #answers: ReadonlyMap<SearchKey, Answer>;
  readonly #indexedBelow: EmailId;

  private constructor(answers: ReadonlyMap<SearchKey, Answer>, indexedBelow: EmailId) {
    this.#answers = answers;
    this.#indexedBelow = indexedBelow;
  }

  /** `undefined` when the index has nothing to say to any of the keys. */
  static async ask(search: Search, accountId: AccountId, root: SearchKey): Promise<IndexedKeys | undefined> {
    const questions = listTextKeys(root)
      .map((question) => ({ ...question, needles: needlesOf(question) }))
      .filter(({ needles }) => needles.length > 0)
      .slice(0, MAX_KEYS);
    if (questions.length === 0) return undefined;
    let indexedBelow = Number.POSITIVE_INFINITY;
    const find = async (fields: readonly SearchField[], needles: readonly string[]): Promise<Set<EmailId>> => {
      const query = needles.map((needle) => ({ fields, needle }));
      const found = await search.findIndexed(accountId, query);
      indexedBelow = Math.min(indexedBelow, found.indexedBelow);
      return new Set(found.emailIds);
    };
    const cut = await find(['header'], [CUT_NEEDLE]);
    const cutWords = (await find(['header'], [LONG_WORD_NEEDLE])).union(cut);
    const answers = new Map<SearchKey, Answer>();
    for (const { key, fields, text, isExact, needles } of questions) {
      const isOneItem = needles[0] === text && !text.includes(' ');
      const hasWords = needles.some((needle) => needleTokens(needle).some(({ isOfRun }) => !isOfRun));
      answers.set(key, {
        hits: await find(fields, needles),
        isExact: isExact && isOneItem,
        unknown: hasWords ? cutWords : cut,
      });
    }
    return new IndexedKeys(answers, indexedBelow as EmailId);
  }

  /** Whether the message has what `key` asks for; `undefined`: it has to be looked at. */
  judge(key: SearchKey, emailId: number): boolean | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined || emailId >= this.#indexedBelow) return undefined;
    if (answer.hits.has(emailId as EmailId)) return answer.isExact ? true : undefined;
    return answer.unknown.has(emailId as EmailId) ? undefined : false;
  }
}

/** What a message that has the text must have, as far as the index has all of that. */
function needlesOf({ text, hasWords }: TextQuestion): string[] {
  return hasWords ? [toPartNeedle(text)].filter((needle) => needle !== '') : listRuns(text);
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
