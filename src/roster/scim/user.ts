/** Between a person of the roster and SCIM's User. */
import { isCurrent } from '#directory/person-status.ts';
import type { AddressRow, PersonRow } from '#directory/types.ts';
import { formatAddress } from '#directory/address.ts';
import type { Cell, TableRow } from '#roster/table.ts';
import { readStatus } from '#roster/values.ts';
import { ENTERPRISE, PERSON, USER } from './schemas.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `base`: the address of /scim/v2. */
export function toUser(person: PersonRow, addresses: readonly AddressRow[], base: string): JsonObject {
  const { personId, number, name, population, unit, status, level, enrolled, endsOn, englishName } = person;
  const known = {
    status,
    level,
    enrolled: enrolled === null ? '' : String(enrolled),
    endsOn: endsOn ?? '',
    englishName,
  };
  return {
    schemas: [USER, ENTERPRISE, PERSON],
    id: String(personId),
    externalId: number,
    userName: number,
    displayName: name,
    name: { formatted: name },
    userType: population,
    active: isCurrent(status),
    emails: addresses.map((row, i) => ({ value: formatAddress(row), type: 'work', primary: i === 0 })),
    [ENTERPRISE]: { employeeNumber: number, ...(unit === '' ? {} : { department: unit }) },
    [PERSON]: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== '')),
    meta: {
      resourceType: 'User',
      lastModified: new Date(person.updatedAt).toISOString(),
      location: `${base}/Users/${personId}`,
    },
  };
}

/** The columns by which the attributes come in, so that they are judged as those of any other list. */
const COLUMNS: readonly (readonly [column: string, read: (user: JsonObject) => unknown])[] = [
  ['学工号', ({ userName }) => userName],
  ['姓名', ({ displayName, name }) => displayName ?? (isObject(name) ? name['formatted'] : undefined)],
  ['人员类别', ({ userType }) => userType],
  ['单位', (user) => extension(user, ENTERPRISE)['department']],
  ['状态', readActive],
  ['入学年月', (user) => extension(user, PERSON)['enrolled']],
  ['培养层次', (user) => extension(user, PERSON)['level']],
  ['预计毕业', (user) => extension(user, PERSON)['endsOn']],
  ['英文名', (user) => extension(user, PERSON)['englishName']],
  ['证件类型', (user) => extension(user, PERSON)['documentKind']],
  ['证件号', (user) => extension(user, PERSON)['documentNumber']],
  ['原学号', (user) => extension(user, PERSON)['formerNumber']],
];

/** A list of one. What the user does not have is no column, and stays as it is. */
export function toTable(user: JsonObject): readonly TableRow[] {
  const given = COLUMNS.flatMap(([column, read]): [string, Cell][] => {
    const value = read(user);
    return typeof value === 'string' || typeof value === 'number' ? [[column, value]] : [];
  });
  return [
    { row: 1, cells: given.map(([column]) => column), hasFormula: false },
    { row: 2, cells: given.map(([, cell]) => cell), hasFormula: false },
  ];
}

function extension(user: JsonObject, urn: string): JsonObject {
  const value = user[urn];
  return isObject(value) ? value : {};
}

/** `active` decides whether somebody is a member, the status says of what kind. */
function readActive(user: JsonObject): unknown {
  const { status } = extension(user, PERSON);
  const { active } = user;
  if (typeof active !== 'boolean' || (typeof status !== 'string' && active)) return status;
  const known = typeof status === 'string' ? readStatus(status) : undefined;
  if (known === undefined && typeof status === 'string') return status;
  if (known !== undefined && isCurrent(known) === active) return status;
  return active ? undefined : 'gone';
}
