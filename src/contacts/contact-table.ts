/** Contacts as a table in CSV: what Outlook, Foxmail, Gmail and the mail of others export, in Chinese or English, and what we write ourselves. */
import { isMailError } from '#base/errors.ts';
import { nameOfCard, type Card } from '#contract/jmap/contacts.ts';
import { decodeChineseCsv, decodeCsv, formatCsvLine, parseCsv, type CsvRow } from '#mime/csv.ts';
import { CONTACT_FILE_LIMITS as LIMITS } from './limits.ts';
import type { ParsedCards } from './parse-vcards.ts';

type Column =
  | 'name'
  | 'surname'
  | 'given'
  | 'nickname'
  | 'email'
  | 'phone'
  | 'organization'
  | 'unit'
  | 'title'
  | 'note';

/** Names of columns without blanks, digits and punctuation, in lower case. */
const COLUMNS: Readonly<Record<string, Column>> = Object.fromEntries(
  (
    [
      ['name', '姓名 名称 显示名 显示名称 联系人 联系人姓名 全名 name displayname fullname'],
      ['surname', '姓 姓氏 lastname familyname surname'],
      ['given', '名 名字 firstname givenname'],
      ['nickname', '昵称 别名 nickname'],
      [
        'email',
        '电子邮件地址 电子邮件 电子邮箱 邮箱 邮箱地址 邮件地址 邮件 email emailaddress emailvalue mail primaryemail secondaryemail 常用邮箱 备用邮箱',
      ],
      [
        'phone',
        '移动电话 手机 手机号 手机号码 电话 电话号码 商务电话 单位电话 办公电话 住宅电话 家庭电话 联系电话 mobilephone mobile businessphone homephone phone phonevalue telephone workphone primaryphone',
      ],
      ['organization', '单位 公司 工作单位 公司名称 company organization organizationname organisation'],
      ['unit', '部门 学院 department organizationdepartment'],
      ['title', '职务 职位 职称 jobtitle organizationtitle position'],
      ['note', '备注 附注 说明 notes note comments'],
    ] as const
  ).flatMap(([column, names]) => names.split(' ').map((name) => [name, column] as const)),
);

/** Undefined for what has no columns of names or addresses; `newUid` for each. */
export function parseContactTable(octets: Buffer, newUid: () => string): ParsedCards | undefined {
  for (const decode of [decodeCsv, decodeChineseCsv]) {
    const rows = readRows(decode(octets).replace(/^\uFEFF/, ''));
    const columns = rows[0]?.fields.map(columnOf);
    if (columns?.some((column) => column === 'name' || column === 'email' || column === 'given') === true)
      return readCards(rows.slice(1), columns, newUid);
  }
  return undefined;
}

function readRows(text: string): readonly CsvRow[] {
  try {
    return parseCsv(text, LIMITS.table);
  } catch (error) {
    if (isMailError(error, 'limit') || isMailError(error, 'invalid')) return [];
    throw error;
  }
}

function columnOf(header: string): Column | undefined {
  const folded = header.toLowerCase().replaceAll(/[\s\d\p{P}\p{S}]/gu, '');
  return Object.hasOwn(COLUMNS, folded) ? COLUMNS[folded] : undefined;
}

function readCards(
  rows: readonly CsvRow[],
  columns: readonly (Column | undefined)[],
  newUid: () => string,
): ParsedCards {
  const cards: Card[] = [];
  let skipped = 0;
  for (const { fields } of rows) {
    const card = cards.length < LIMITS.cards ? readCard(fields, columns, newUid) : undefined;
    if (card === undefined) skipped++;
    else cards.push(card);
  }
  return { cards, skipped };
}

function readCard(
  fields: readonly string[],
  columns: readonly (Column | undefined)[],
  newUid: () => string,
): Card | undefined {
  const valuesOf = (column: Column): readonly string[] => {
    const values = fields.flatMap((field, at) =>
      // Gmail's way of several values; and an apostrophe that keeps a spreadsheet from reckoning.
      columns[at] === column ? field.split(' ::: ').map((value) => value.replace(/^'(?=[=+\-@])/, '').trim()) : [],
    );
    return [...new Set(values)].filter((value) => value !== '');
  };
  const [name] = valuesOf('name');
  const components = [
    ...valuesOf('surname').map((value) => ({ kind: 'surname', value })),
    ...valuesOf('given').map((value) => ({ kind: 'given', value })),
  ];
  const emails = valuesOf('email').filter((value) => value.includes('@'));
  if (name === undefined && components.length === 0 && emails.length === 0) return undefined;
  const [organization] = valuesOf('organization');
  const units = valuesOf('unit').map((unit) => ({ name: unit }));
  const isOrganized = organization !== undefined || units.length > 0;
  const notes = valuesOf('note').map((note) => ({ note }));
  const listOf = (property: string, items: readonly object[]) =>
    items.length === 0 ? {} : { [property]: Object.fromEntries(items.map((item, at) => [String(at + 1), item])) };
  return {
    '@type': 'Card',
    version: '1.0',
    uid: newUid(),
    kind: 'individual',
    ...(name === undefined && components.length === 0
      ? {}
      : {
          name: { ...(name === undefined ? {} : { full: name }), ...(components.length === 0 ? {} : { components }) },
        }),
    ...listOf(
      'nicknames',
      valuesOf('nickname').map((nickname) => ({ name: nickname })),
    ),
    ...listOf(
      'organizations',
      isOrganized
        ? [{ ...(organization === undefined ? {} : { name: organization }), ...(units.length === 0 ? {} : { units }) }]
        : [],
    ),
    ...listOf(
      'titles',
      valuesOf('title').map((title) => ({ name: title })),
    ),
    ...listOf(
      'emails',
      emails.map((address) => ({ address })),
    ),
    ...listOf(
      'phones',
      valuesOf('phone').map((number) => ({ number })),
    ),
    ...listOf('notes', notes),
  };
}

const HEADER = [
  '姓名',
  '电子邮件地址',
  '电子邮件 2 地址',
  '电子邮件 3 地址',
  '移动电话',
  '商务电话',
  '单位',
  '部门',
  '职务',
  '备注',
];

/** As Excel opens it: UTF-8 with its mark. Groups have no place in a table. */
export function formatContactTable(cards: Iterable<Card>): { readonly text: string; readonly count: number } {
  let text = `\uFEFF${formatCsvLine(HEADER)}`;
  let count = 0;
  for (const card of cards) {
    if (card.kind === 'group') continue;
    const emails = Object.values(card.emails ?? {}).map(({ address }) => address);
    const phones = Object.values(card.phones ?? {}).map(({ number }) => number);
    const [organization] = Object.values(card.organizations ?? {});
    text += formatCsvLine([
      nameOfCard(card),
      ...Array.from({ length: 3 }, (_, at) => emails[at] ?? ''),
      ...Array.from({ length: 2 }, (_, at) => phones[at] ?? ''),
      organization?.name ?? '',
      (organization?.units ?? []).map((unit) => unit.name).join(' '),
      Object.values(card.titles ?? {})[0]?.name ?? '',
      Object.values(card.notes ?? {})[0]?.note ?? '',
    ]);
    count++;
  }
  return { text, count };
}
