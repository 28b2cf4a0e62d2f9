/**
 * Whether a new password is a good one (domain.md §8), with every reason why not. Knows what it is told of its owner, and
 * nothing of how passwords are kept; what an account had before is for the directory to compare.
 */
import { COMMON_WORDS } from './common-passwords.ts';
import { MAX_NEW_PASSWORD_LENGTH, MIN_PASSWORD_GUESSES, MIN_PASSWORD_LENGTH, PASSPHRASE_LENGTH } from './limits.ts';

export type PasswordFault =
  | 'tooShort'
  | 'tooLong'
  /** Fewer than three of: small letters, capitals, digits, others; unless it is long. */
  | 'tooSimple'
  /** Holds a number, an alias or an address of the account. */
  | 'holdsAccount'
  | 'holdsName'
  | 'holdsPhone'
  /** Holds the end of an identity document's number. */
  | 'holdsDocument'
  | 'holdsBirthday'
  /** Made of what is tried first: words, rows of keys, repetitions. */
  | 'common'
  /** One of the account's last. Found by `Directory.judgePassword` alone. */
  | 'used';

/** What a password must have nothing of. */
export interface PasswordOwner {
  /** Roster numbers and the local parts of addresses. */
  readonly accountNames: readonly string[];
  /** Names of people, in Chinese or Latin. */
  readonly names: readonly string[];
  /** Digits alone. */
  readonly phones: readonly string[];
  /** Whether the end of an identity document's number stands in it: nobody knows the number itself. */
  readonly holdsDocument: (text: string) => boolean;
  /** Words of this place, small: parts of its domains. */
  readonly siteWords: readonly string[];
}

/** Shorter ones turn up in anything. */
const MIN_NAME_LENGTH = 4;
const PHONE_DIGITS = 8;

/** In the order of `PasswordFault`; none: it is good. The first call loads the readings of Chinese characters. */
export async function judgePassword(password: string, owner: PasswordOwner): Promise<readonly PasswordFault[]> {
  const length = Array.from(password).length;
  if (length > MAX_NEW_PASSWORD_LENGTH) return ['tooLong'];
  const folded = password.normalize('NFKC').toLowerCase();
  // `zeng.guofan` and `2023-001` are what they are without signs, too.
  const plain = folded.replaceAll(/[^\p{L}\p{N}]/gu, '');
  const digits = folded.replaceAll(/\D/g, '');
  const holds = (text: string): boolean => {
    const wanted = text
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]/gu, '');
    return wanted.length >= MIN_NAME_LENGTH && plain.includes(wanted);
  };

  const faults: PasswordFault[] = [];
  if (length < MIN_PASSWORD_LENGTH) faults.push('tooShort');
  if (length < PASSPHRASE_LENGTH && countClasses(password) < 3) faults.push('tooSimple');
  if (owner.accountNames.some(holds)) faults.push('holdsAccount');
  if (await holdsName(owner.names, plain, holds)) faults.push('holdsName');
  if (owner.phones.some((phone) => phone.length >= PHONE_DIGITS && digits.includes(phone.slice(-PHONE_DIGITS))))
    faults.push('holdsPhone');
  if (owner.holdsDocument(plain)) faults.push('holdsDocument');
  if (holdsBirthday(digits)) faults.push('holdsBirthday');
  if (countGuesses(folded, owner.siteWords) < MIN_PASSWORD_GUESSES) faults.push('common');
  return faults;
}

/** Of small letters, capitals, digits, and whatever else. */
function countClasses(password: string): number {
  return [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u].filter((one) => one.test(password)).length;
}

async function holdsName(names: readonly string[], plain: string, holds: (text: string) => boolean): Promise<boolean> {
  if (names.some((name) => name.length > 1 && plain.includes(name.normalize('NFKC').toLowerCase()))) return true;
  const isHan = (name: string): boolean => /\p{Script=Han}/u.test(name);
  if (names.filter((name) => !isHan(name)).some((name) => name.split(/\s+/).some(holds) || holds(name))) return true;
  for (const name of names.filter(isHan)) if ((await readingsOf(name)).some(holds)) return true;
  return false;
}

/** Family name first, as 曾国藩 and 国藩曾 are written in Latin letters; the given name alone, too. */
async function readingsOf(name: string): Promise<readonly string[]> {
  // Loaded when asked for: a third of a second.
  const { pinyin } = await import('pinyin-pro');
  const read = (surname: 'head' | 'off'): string[] =>
    pinyin(name, { toneType: 'none', type: 'array', v: true, nonZh: 'removed', surname });
  return [read('head'), read('off')].flatMap((syllables) => {
    const given = syllables.slice(1).join('');
    // Of one syllable it is part of too much else.
    const alone = syllables.length > 2 ? [given] : [];
    return [syllables.join(''), `${given}${syllables[0]}`, ...alone];
  });
}

/** We keep nobody's birthday, so any day that somebody here may be born on is one: 19850412. */
function holdsBirthday(digits: string): boolean {
  return /(?:19[3-9]\d|20[0-2]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/.test(digits);
}

/** Rows of keys and of characters, in either direction: each next one is no surprise. */
const ROWS = [
  '`1234567890-=',
  '~!@#$%^&*()_+',
  'qwertyuiop[]',
  'asdfghjkl;',
  'zxcvbnm,./',
  'abcdefghijklmnopqrstuvwxyz',
  '0123456789',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.',
];
const NEIGHBOURS: ReadonlySet<string> = new Set(
  ROWS.flatMap((row) =>
    Array.from(row)
      .slice(1)
      .flatMap((character, at) => [`${row[at]}${character}`, `${character}${row[at]}`]),
  ),
);
const WORD_LENGTHS = { from: 3, to: 14 };
/** What a word is worth: there are some thousands. */
const GUESSES_OF_A_WORD = 2;
const LOOKALIKES: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '0': 'o',
  '1': 'i',
  '!': 'i',
  $: 's',
  '5': 's',
  '7': 't',
};

/** How much of it has to be guessed, in characters: what follows from what stands before it, and words, count for less. */
function countGuesses(folded: string, siteWords: readonly string[]): number {
  const text = Array.from(folded);
  const spelt = text.map((character) => LOOKALIKES[character] ?? character);
  const isWord = (word: string): boolean => COMMON_WORDS.has(word) || siteWords.includes(word);
  let guesses = 0;
  for (let at = 0; at < text.length;) {
    let length = Math.min(WORD_LENGTHS.to, text.length - at);
    const ends = (letters: readonly string[]): boolean => isWord(letters.slice(at, at + length).join(''));
    while (length >= WORD_LENGTHS.from && !ends(text) && !ends(spelt)) length--;
    if (length >= WORD_LENGTHS.from) {
      guesses += GUESSES_OF_A_WORD;
      at += length;
      continue;
    }
    const pair = `${text[at - 1] ?? ''}${text[at]}`;
    if (text[at] !== text[at - 1] && !NEIGHBOURS.has(pair)) guesses++;
    at++;
  }
  return guesses;
}
