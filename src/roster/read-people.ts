/**
 * The people that a list names, each row checked: what is wrong is told by row, nothing is guessed. The number of an identity
 * document is looked at in here and leaves as what secrets make of it (PIPL; domain.md §5.4).
 */
import { setImmediate } from 'node:timers/promises';
import { MailError } from '#base/errors.ts';
import { MAX_DISPLAY_NAME_LENGTH, MAX_ROSTER_TEXT_LENGTH } from '#directory/limits.ts';
import { canonicalizeNumber } from '#directory/roster-number.ts';
import type { PersonStatus, Population } from '#directory/types.ts';
import { findHeader, isNumberColumn } from './columns.ts';
import type { Column } from './columns.ts';
import { judgeIdentityNumber } from './identity-number.ts';
import { makeInitialPasswords } from './initial-passwords.ts';
import type { InitialPasswordSettings } from './initial-passwords.ts';
import { ROWS_AT_ONCE } from './limits.ts';
import type { Cell, TableRow } from './table.ts';
import type { Trouble, TroubleKind } from './troubles.ts';
import {
  foldCode,
  foldName,
  foldText,
  readBirthday,
  readEndDay,
  readMonth,
  readPopulation,
  readStatus,
  USUAL_STATUS,
} from './values.ts';

/** Somebody as a list has them. What the list has no column of is undefined: it stays as it is. */
export interface RosterEntry {
  readonly row: number;
  /** In its one spelling. */
  readonly number: string;
  readonly name: string;
  readonly population: Population;
  readonly status: PersonStatus | undefined;
  readonly englishName: string | undefined;
  readonly unit: string | undefined;
  readonly level: string | undefined;
  readonly enrolled: number | null | undefined;
  readonly endsOn: string | null | undefined;
  /** Of the same human; '' none. */
  readonly formerNumber: string;
  readonly tailCheck: string | undefined;
  /** For an account to begin with; undefined: the list does not know enough. */
  readonly initial: { readonly verifier: string; readonly isWeak: boolean } | undefined;
}

/** What becomes of secrets before anything is kept: keyed digests. */
export interface RosterSecrets {
  hashInitial(passwords: readonly string[]): string;
  digestTail(number: string, document: string): string;
}

export interface People {
  readonly entries: readonly RosterEntry[];
  readonly troubles: readonly Trouble[];
  /** Names of columns that mean nothing to us. */
  readonly ignored: readonly string[];
}

export interface ReadOptions {
  readonly initialPasswords: InitialPasswordSettings;
  readonly secrets: RosterSecrets;
  /** Whose list it is where it does not say. */
  readonly population?: Population | undefined;
}

/** `invalid`: the table as a whole cannot be read. */
export async function readPeople(rows: readonly TableRow[], options: ReadOptions): Promise<People> {
  const header = findHeader(rows);
  if (header === undefined) {
    throw new MailError(
      'invalid',
      '找不到表头：需要“工号/学号”和“姓名”两列 / no row names the columns: 工号/学号 (XH, GH) and 姓名 (XM) are needed',
    );
  }
  if (header.doubled.length > 0) {
    const names = header.doubled.join(', ');
    throw new MailError('invalid', `有含义重复的列 / several columns mean the same: ${names}`);
  }
  const entries: RosterEntry[] = [];
  const troubles: Trouble[] = [];
  const known = new Map<string, string>();
  for (const [i, row] of rows.entries()) {
    if (i % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate();
    if (row.row <= header.row) continue;
    const read = readRow(row, header.places, options);
    if ('kind' in read) {
      troubles.push(read);
      continue;
    }
    const facts = describeEntry(read);
    const earlier = known.get(read.number);
    known.set(read.number, earlier ?? facts);
    if (earlier === undefined) entries.push(read);
    else if (earlier !== facts) troubles.push({ row: row.row, number: read.number, kind: 'duplicate' });
  }
  const short = new Set(findLostZeros(entries));
  return {
    entries: entries.filter((entry) => !short.has(entry)),
    troubles: [
      ...troubles,
      ...[...short].map(({ row, number }): Trouble => ({ row, number, kind: 'lostZero' })),
    ].toSorted((a, b) => a.row - b.row),
    ignored: header.ignored,
  };
}

/** All that it says but for the verifier, which is salted. */
function describeEntry({ row: _, initial: _verifier, ...facts }: RosterEntry): string {
  return JSON.stringify(facts);
}

function readRow(
  { row, cells, hasFormula }: TableRow,
  places: ReadonlyMap<Column, number>,
  { initialPasswords, secrets, population: usual }: ReadOptions,
): RosterEntry | Trouble {
  const has = (column: Column): boolean => places.has(column);
  const cell = (column: Column): Cell => cells[places.get(column) ?? -1] ?? '';
  const numberColumn = [...places.keys()].find((column) => isNumberColumn(column) && cell(column) !== '');
  const trouble = (kind: TroubleKind, known?: string): Trouble =>
    known === undefined ? { row, kind } : { row, number: known, kind };

  if (numberColumn === undefined) return trouble('noNumber');
  const number = readNumber(cell(numberColumn));
  if (number === 'ruined') return trouble('ruinedNumber');
  if (number === undefined) return trouble('badNumber');
  if (hasFormula) return trouble('formula', number.text);

  const name = foldName(cell('name'));
  if (name === '') return trouble('noName', number.text);
  if (name.length > MAX_DISPLAY_NAME_LENGTH || /[?？\ufffd\p{Cc}\p{Cs}\p{Co}]/u.test(name))
    return trouble('badName', number.text);

  const population = findPopulation(cell('population'), numberColumn, usual);
  if (population === undefined)
    return trouble(cell('population') === '' ? 'noPopulation' : 'unknownPopulation', number.text);

  const status = cell('status') === '' ? USUAL_STATUS[population] : readStatus(cell('status'));
  if (status === undefined) return trouble('unknownStatus', number.text);
  const enrolled = cell('enrolled') === '' ? null : readMonth(cell('enrolled'));
  if (enrolled === undefined) return trouble('badEnrolled', number.text);
  const endsOn = cell('endsOn') === '' ? null : readEndDay(cell('endsOn'));
  if (endsOn === undefined) return trouble('badEndDay', number.text);
  const unit = foldText(cell('unit'));
  const level = foldText(cell('level'));
  const englishName = foldText(cell('englishName'));
  if (Math.max(unit.length, level.length, englishName.length) > MAX_ROSTER_TEXT_LENGTH)
    return trouble('tooLong', number.text);
  const former = cell('formerNumber') === '' ? { text: '' } : readNumber(cell('formerNumber'));
  if (former === undefined || former === 'ruined') return trouble('badFormerNumber', number.text);

  const document = readDocument(cell('documentKind'), cell('documentNumber'));
  if (document.kind !== 'document') return trouble(document.kind, number.text);
  const made = makeInitialPasswords(initialPasswords, {
    population,
    enrolledYear: enrolled === null ? null : Math.floor(enrolled / 100),
    number: number.text,
    identityNumber: document.identityNumber,
    birthday: readBirthday(cell('birthday')) ?? '',
  });
  // That somebody has no identity card is for the list to say; one without documents does not say so.
  const isKnown = made !== undefined && (!made.isWeak || has('documentNumber'));
  return {
    row,
    number: number.text,
    name,
    population,
    status: has('status') ? status : undefined,
    englishName: has('englishName') ? englishName : undefined,
    unit: has('unit') ? unit : undefined,
    level: has('level') ? level : undefined,
    enrolled: has('enrolled') ? enrolled : undefined,
    endsOn: has('endsOn') ? endsOn : undefined,
    formerNumber: former.text,
    tailCheck: has('documentNumber') ? secrets.digestTail(number.text, document.text) : undefined,
    initial: isKnown ? { verifier: secrets.hashInitial(made.passwords), isWeak: made.isWeak } : undefined,
  };
}

function findPopulation(cell: Cell, numberColumn: Column, usual: Population | undefined): Population | undefined {
  if (cell !== '') return readPopulation(cell);
  if (numberColumn === 'studentNumber') return 'student';
  return numberColumn === 'staffNumber' ? 'staff' : usual;
}

/** Digits that a spreadsheet keeps of a number. */
const EXACT_DIGITS = 15;

function readNumber(cell: Cell): { readonly text: string } | 'ruined' | undefined {
  if (typeof cell === 'number') {
    if (!Number.isInteger(cell) || cell < 0) return undefined;
    return cell >= 10 ** EXACT_DIGITS ? 'ruined' : { text: String(cell) };
  }
  const code = foldCode(cell).replace(/^(\d+)\.0+$/, '$1');
  if (/^\d(?:\.\d+)?E\+?\d+$/.test(code)) return 'ruined';
  if (code.length > EXACT_DIGITS && /^\d+000$/.test(code)) return 'ruined';
  const text = canonicalizeNumber(code);
  return text === undefined ? undefined : { text };
}

type ReadDocument =
  | {
      readonly kind: 'document';
      readonly text: string;
      /** 18 characters, checked; '' of another document. */ readonly identityNumber: string;
    }
  | { readonly kind: 'ruinedDocument' | 'wrongDocument' };

function readDocument(kindCell: Cell, cell: Cell): ReadDocument {
  if (typeof cell === 'number' && cell >= 10 ** EXACT_DIGITS) return { kind: 'ruinedDocument' };
  const text = foldCode(cell);
  const kind = foldCode(kindCell);
  // 居民身份证 is 1 in every edition of the standard's codes.
  const saysIdentityCard = /^(?:居民)?身份证(?:件)?$|^0?1$/.test(kind);
  switch (judgeIdentityNumber(text)) {
    case 'good':
      return { kind: 'document', text, identityNumber: text };
    case 'ruined':
      return { kind: 'ruinedDocument' };
    case 'wrong':
      // Others have 18 characters, too, and no check character.
      return kind === '' || saysIdentityCard
        ? { kind: 'wrongDocument' }
        : { kind: 'document', text, identityNumber: '' };
    case 'none': {
      const isEmptyOrOld = text === '' || /^\d{15}$/.test(text);
      if (saysIdentityCard && !isEmptyOrOld) return { kind: 'wrongDocument' };
      return { kind: 'document', text, identityNumber: '' };
    }
  }
}

/** Of numbers that are all digits nearly all have one length and some begin with 0: those that are one digit shorter have lost theirs. */
function findLostZeros(entries: readonly RosterEntry[]): readonly RosterEntry[] {
  const lost: RosterEntry[] = [];
  for (const population of ['staff', 'student'] as const) {
    const digits = entries.filter((entry) => entry.population === population && /^\d+$/.test(entry.number));
    const lengths = new Map<number, number>();
    for (const { number } of digits) lengths.set(number.length, (lengths.get(number.length) ?? 0) + 1);
    const [usual, count] = [...lengths].toSorted((a, b) => b[1] - a[1])[0] ?? [0, 0];
    const isUsual = count >= digits.length * 0.9;
    if (!isUsual || !digits.some(({ number }) => number.length === usual && number.startsWith('0'))) continue;
    lost.push(...digits.filter(({ number }) => number.length === usual - 1 && !number.startsWith('0')));
  }
  return lost;
}
