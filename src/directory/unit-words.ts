/**
 * What the units of the school are called for short, which nobody may choose as an alias: 教务处 is `jwc` and `jiaowuchu`. Read from the
 * roster by pages, at the first question and again once in a while.
 */
import type { Clock } from '#base/clock.ts';
import { ALIAS_LENGTH, PERSONS_READ_AT_ONCE, UNIT_WORDS_KEPT_MS, UNITS_READ } from './limits.ts';
import { foldLetters, readName, type StepOf } from './name-match.ts';
import { loadReadings } from './pinyin-readings.ts';
import type { DirectoryReader } from './ports/directory-store.ts';

/** Words of one unit: characters with several readings multiply. */
const MAX_WORDS = 64;

/** As people shorten a name before they take its initials. */
const SHORTENED: readonly (readonly [RegExp, string])[] = [
  [/办公室$/u, '办'],
  [/委员会$/u, '委'],
  [/研究生院$/u, '研院'],
];

/** Of one unit: initials, those of its beginning and end (信息化建设管理中心: `xxzx`), and the whole in letters. Pure. */
export function wordsOfUnit(name: string, stepOf: StepOf): readonly string[] {
  const names = [
    name,
    ...SHORTENED.flatMap(([ending, short]) => (ending.test(name) ? [name.replace(ending, short)] : [])),
  ];
  const words = names.flatMap((one) => {
    const choices = readName(one, stepOf).steps.map(([written, ...readings]) =>
      // Words in letters stand for themselves.
      readings.length > 0 ? readings : [foldLetters(written)],
    );
    const initials = choices.map((readings) => [...new Set(readings.map((reading) => reading.slice(0, 1)))]);
    const ends =
      initials.length > 4
        ? [
            [...initials.slice(0, 2), ...initials.slice(-2)],
            [...initials.slice(0, 2), ...initials.slice(-1)],
          ]
        : [];
    return [initials, ...ends, choices].flatMap(combine);
  });
  return [...new Set(words)].filter(({ length }) => length >= ALIAS_LENGTH.least && length <= ALIAS_LENGTH.most);
}

/** Every word that takes one of each. */
function combine(choices: readonly (readonly string[])[]): readonly string[] {
  return choices.reduce<readonly string[]>(
    (words, choice) => words.flatMap((word) => choice.map((one) => word + one)).slice(0, MAX_WORDS),
    [''],
  );
}

export class UnitWords {
  readonly #reader: Pick<DirectoryReader, 'persons'>;
  readonly #clock: Clock;
  #known: { readonly words: readonly string[]; readonly at: number } | undefined;
  #reading: Promise<readonly string[]> | undefined;

  constructor(reader: Pick<DirectoryReader, 'persons'>, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** The same array until the roster was read again. What is old is given while it is read anew. */
  async list(): Promise<readonly string[]> {
    if (this.#known !== undefined && this.#clock.monotonic() - this.#known.at < UNIT_WORDS_KEPT_MS)
      return this.#known.words;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    if (this.#known === undefined) return this.#reading;
    // Whoever asks next sees whether it could be read.
    this.#reading.catch(() => undefined);
    return this.#known.words;
  }

  async #read(): Promise<readonly string[]> {
    const units = new Set<string>();
    for (let after = 0; ;) {
      const persons = await this.#reader.persons(after, PERSONS_READ_AT_ONCE);
      for (const { unit } of persons) if (unit !== '' && units.size < UNITS_READ) units.add(unit);
      const last = persons.at(-1);
      if (last === undefined || persons.length < PERSONS_READ_AT_ONCE) break;
      after = last.personId;
    }
    const stepOf = await loadReadings();
    const words = [...new Set([...units].flatMap((unit) => wordsOfUnit(unit, stepOf)))];
    this.#known = { words, at: this.#clock.monotonic() };
    return words;
  }
}
