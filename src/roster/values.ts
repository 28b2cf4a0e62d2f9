/** What the cells of a roster mean: rosters write the same thing in many ways. */
import { PERSON_STATUSES, POPULATIONS } from '#directory/types.ts';
import type { PersonStatus, Population } from '#directory/types.ts';
import type { Cell } from './table.ts';
import { serialToDay } from './xlsx-days.ts';

/** Full-width signs as the others, blanks of any kind as one, none outside. */
export function foldText(cell: Cell): string {
  return String(cell)
    .normalize('NFC')
    .replaceAll(/[\s\u3000\u200b\ufeff]+/gu, ' ')
    .trim();
}

/** For comparing: in compatible form, without blanks, upper case. */
export function foldCode(cell: Cell): string {
  return String(cell)
    .normalize('NFKC')
    .replaceAll(/[\s\u200b\ufeff]/gu, '')
    .toUpperCase();
}

const BETWEEN_HAN = /(?<=[\p{Script=Han}·]) (?=[\p{Script=Han}·])/gu;

/** Names of people: one sign for the dots between their parts; no blanks between Chinese characters. */
export function foldName(cell: Cell): string {
  return foldText(cell)
    .replaceAll(/ ?[·•‧・∙･⋅] ?/gu, '·')
    .replaceAll(BETWEEN_HAN, '');
}

const POPULATION_WORDS: readonly (readonly [RegExp, Population])[] = [
  [/学生|本科|专科|研究生|硕士|博士生|留学生|预科|学员|STUDENT/, 'student'],
  [/教工|教职工|教师|职工|教辅|工人|行政|博士后|STAFF|TEACHER|FACULTY|EMPLOYEE/, 'staff'],
];

export function readPopulation(cell: Cell): Population | undefined {
  const code = foldCode(cell);
  return (
    POPULATIONS.find((one) => one.toUpperCase() === code) ??
    // 博士后 is no 博士; 研究生导师 no student.
    (/博士后|导师/.test(code) ? 'staff' : POPULATION_WORDS.find(([words]) => words.test(code))?.[1])
  );
}

const STATUS_WORDS: Readonly<Record<PersonStatus, readonly string[]>> = {
  enrolled: ['在读', '在校', '在籍', '注册', '注册学籍', '正常', '复学', '交换'],
  'on-leave': ['休学', '停学'],
  'status-kept': ['保留学籍', '保留入学资格'],
  graduated: ['毕业', '已毕业', '离校', '已离校'],
  completed: ['结业', '已结业'],
  incomplete: ['肄业', '已肄业'],
  withdrawn: ['退学', '已退学', '开除', '取消学籍', '死亡'],
  transferred: ['转学', '转出', '已转学'],
  employed: ['在职', '在岗', '在编', '聘用'],
  retired: ['退休', '离休', '离退休', '离退'],
  left: ['离职', '辞职', '调出', '解聘', '去世'],
  seconded: ['借调', '外派', '挂职'],
  rehired: ['返聘', '延聘'],
  'postdoc-ended': ['博士后出站', '出站', '退站'],
  gone: [],
};

const STATUSES: ReadonlyMap<string, PersonStatus> = new Map(
  PERSON_STATUSES.flatMap((status) => [status.toUpperCase(), ...STATUS_WORDS[status]].map((word) => [word, status])),
);

/** Codes are not guessed at: every university has its own. */
export function readStatus(cell: Cell): PersonStatus | undefined {
  return STATUSES.get(foldCode(cell));
}

/** What a list without a column of it means. */
export const USUAL_STATUS: Readonly<Record<Population, PersonStatus>> = { student: 'enrolled', staff: 'employed' };

/** YYYYMM of `2023`, `2023级`, `202309`, `2023-09`, `2023年9月1日`, `20230901`, a day of a spreadsheet; month 00 unknown. */
export function readMonth(cell: Cell): number | undefined {
  const [year, month = 0] = readDateParts(cell) ?? [];
  return year === undefined ? undefined : year * 100 + month;
}

/** YYYY-MM-DD; of a month its last day, of a year the end of June, when studies end. */
export function readEndDay(cell: Cell): string | undefined {
  const [year, month = 6, day] = readDateParts(cell) ?? [];
  if (year === undefined) return undefined;
  return new Date(Date.UTC(year, day === undefined ? month : month - 1, day ?? 0)).toISOString().slice(0, 10);
}

/** YYYYMMDD. */
export function readBirthday(cell: Cell): string | undefined {
  const [year, month, day] = readDateParts(cell) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return `${year * 10_000 + month * 100 + day}`;
}

type DateParts = readonly [year: number, month?: number, day?: number];

function readDateParts(cell: Cell): DateParts | undefined {
  const text = foldCode(cell).replace(/T00:00:00(?:\.0+)?Z?$|(?<=\d)00:00(?::00(?:\.0+)?)?$/, '');
  // Before a year and a month of six digits: 45170 is a day of a spreadsheet.
  const day = /^\d{5}(?:\.0+)?$/.test(text) ? serialToDay(Number(text)) : undefined;
  const match =
    /^(\d{4})(?:级|届|年)?$/.exec(text) ??
    /^(\d{4})[-/.年](\d{1,2})月?$/.exec(text) ??
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(day ?? text) ??
    /^(\d{4})(\d\d)(\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month, dayOfMonth] = match.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  if (year < 1900 || year > 2200) return undefined;
  if (month === undefined || month === 0) return [year];
  const at = new Date(Date.UTC(year, month - 1, dayOfMonth ?? 1));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== (dayOfMonth ?? 1)) return undefined;
  return dayOfMonth === undefined ? [year, month] : [year, month, dayOfMonth];
}
