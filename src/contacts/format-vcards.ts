/**
 * Cards (RFC 9553) as vCards, by RFC 9555: version 4.0 (RFC 6350) whole, version 3.0 (RFC 2426) for programs that read no other, where
 * groups are as Apple writes them.
 */
import { nameOfCard, type Card } from '#contract/jmap/contacts.ts';

export type VcardVersion = '3.0' | '4.0';

/** In UTF-8, lines of at most 75 octets. */
export function formatVcards(cards: Iterable<Card>, version: VcardVersion): string {
  let text = '';
  for (const card of cards) text += formatVcard(card, version);
  return text;
}

function formatVcard(card: Card, version: VcardVersion): string {
  const isOld = version === '3.0';
  const lines = ['BEGIN:VCARD', `VERSION:${version}`, `UID:${escapeText(card.uid)}`];
  const put = (name: string, value: string, params = ''): void => {
    if (value !== '') lines.push(`${name}${params}:${value}`);
  };
  const isGroup = card.kind === 'group';
  if (!isOld && card.kind !== 'individual') put('KIND', escapeText(card.kind));
  if (isOld && isGroup) put('X-ADDRESSBOOKSERVER-KIND', 'group');
  // Both versions want it, whatever there is.
  lines.push(`FN:${escapeText(nameOfCard(card) || firstAddress(card) || card.uid)}`);
  const name = formatName(card, isOld);
  if (name !== undefined) lines.push(`N:${name}`);
  put(
    'NICKNAME',
    valuesOf(card.nicknames)
      .map((one) => escapeText(one.name))
      .join(','),
  );
  for (const { name: organization = '', units = [] } of valuesOf(card.organizations))
    put('ORG', [organization, ...units.map((unit) => unit.name)].map(escapeText).join(';'));
  for (const title of valuesOf(card.titles)) put(title['kind'] === 'role' ? 'ROLE' : 'TITLE', escapeText(title.name));
  for (const email of valuesOf(card.emails)) put('EMAIL', escapeText(email.address), formatUses(email, isOld));
  for (const phone of valuesOf(card.phones))
    put('TEL', escapeText(phone.number), formatUses(phone, isOld, typesOf(phone.features)));
  for (const address of valuesOf(card.addresses)) {
    const parts = ADDRESS_KINDS.map((kinds) =>
      (address.components ?? [])
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ value }) => escapeText(value))
        .join(' '),
    );
    const isWritten = parts.every((part) => part === '');
    const value = isWritten ? `;;${escapeText(address.full ?? '')};;;;` : parts.join(';');
    if (value !== ';;;;;;') put('ADR', value, formatUses(address, isOld));
  }
  for (const { service = '', uri = '', user = '' } of valuesOf(card.onlineServices)) {
    if (uri !== '') put('IMPP', uri.replaceAll(/[\r\n]/g, ''));
    else if (service === 'QQ') put('X-QQ', escapeText(user));
    else if (service === 'WeChat') put('X-WECHAT', escapeText(user));
  }
  for (const { uri } of looseValues(card['links'])) put('URL', lineOf(uri));
  for (const media of looseValues(card['media'])) {
    if (media['kind'] !== 'photo') continue;
    const uri = lineOf(media['uri']);
    const data = /^data:image\/(\w+);base64,(.*)$/.exec(uri);
    if (isOld && data !== null) put('PHOTO', data[2] ?? '', `;ENCODING=b;TYPE=${(data[1] ?? '').toUpperCase()}`);
    else put('PHOTO', uri, isOld ? ';VALUE=uri' : '');
  }
  for (const anniversary of looseValues(card['anniversaries'])) {
    const day = anniversary['kind'] === 'birth' ? formatDay(anniversary['date'], isOld) : undefined;
    if (day !== undefined) put('BDAY', day);
  }
  for (const { note } of valuesOf(card.notes)) put('NOTE', escapeText(note));
  put('CATEGORIES', Object.keys(asObject(card['keywords'])).map(escapeText).join(','));
  for (const uid of Object.keys(card.members ?? {}))
    put(isOld ? 'X-ADDRESSBOOKSERVER-MEMBER' : 'MEMBER', escapeText(uid));
  for (const kept of Array.isArray(card['vCardProps']) ? card['vCardProps'] : []) {
    const [property, , , value] = Array.isArray(kept) ? (kept as unknown[]) : [];
    if (typeof property === 'string' && typeof value === 'string' && /^[a-z0-9-]{1,60}$/i.test(property))
      put(property.toUpperCase(), lineOf(value));
  }
  if (card.updated !== undefined) put('REV', card.updated.replaceAll(/[-:]|\.\d+/g, ''));
  lines.push('END:VCARD');
  return lines.map(fold).join('');
}

/** Version 3.0 wants a name in parts. */
function formatName(card: Card, isOld: boolean): string | undefined {
  const components = card.name?.components ?? [];
  const parts = [['surname', 'surname2'], ['given'], ['given2'], ['title'], ['credential']].map((kinds) =>
    components
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ value }) => escapeText(value))
      .join(','),
  );
  if (parts.some((part) => part !== '')) return parts.join(';');
  return isOld ? `${escapeText(nameOfCard(card))};;;;` : undefined;
}

/** RFC 9555 §2.5.1: the parts of ADR, in their order, and the kinds that go into each. */
const ADDRESS_KINDS: readonly (readonly string[])[] = [
  ['postOfficeBox'],
  ['room', 'apartment', 'floor', 'building'],
  ['name', 'number', 'block', 'subdistrict', 'district', 'landmark', 'direction'],
  ['locality'],
  ['region'],
  ['postcode'],
  ['country'],
];

const TYPES: Readonly<Record<string, string>> = {
  mobile: 'cell',
  private: 'home',
  work: 'work',
  fax: 'fax',
  pager: 'pager',
  text: 'text',
  video: 'video',
  voice: 'voice',
};

interface Uses {
  readonly contexts?: Readonly<Record<string, true>> | undefined;
  readonly pref?: number | undefined;
  readonly [name: string]: unknown;
}

function formatUses({ contexts, pref }: Uses, isOld: boolean, types: readonly string[] = []): string {
  const all = [...typesOf(contexts), ...types];
  if (isOld) {
    const old = pref === 1 ? [...all, 'pref'] : all;
    return old.length === 0 ? '' : `;TYPE=${old.join(',').toUpperCase()}`;
  }
  const typed = all.length === 0 ? '' : `;TYPE=${all.length === 1 ? all[0] : `"${all.join(',')}"`}`;
  return `${typed}${pref !== undefined && pref >= 1 && pref <= 100 ? `;PREF=${pref}` : ''}`;
}

function typesOf(names: Readonly<Record<string, true>> | undefined): readonly string[] {
  return Object.keys(names ?? {}).flatMap((name) => (Object.hasOwn(TYPES, name) ? (TYPES[name] ?? []) : []));
}

function formatDay(date: unknown, isOld: boolean): string | undefined {
  const { year, month, day } = asObject(date);
  if (typeof month !== 'number' || typeof day !== 'number') return undefined;
  const two = (number: number): string => String(number).padStart(2, '0');
  if (typeof year !== 'number') return isOld ? undefined : `--${two(month)}${two(day)}`;
  const four = String(year).padStart(4, '0');
  return isOld ? `${four}-${two(month)}-${two(day)}` : `${four}${two(month)}${two(day)}`;
}

function firstAddress({ emails }: Card): string {
  return valuesOf(emails)[0]?.address ?? '';
}

function valuesOf<Item>(items: Readonly<Record<string, Item>> | undefined): readonly Item[] {
  return Object.values(items ?? {});
}

function looseValues(items: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(asObject(items)).map(asObject);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** A value that is written as it stands: never more than one line. */
function lineOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll(/[\r\n]/g, '') : '';
}

/** RFC 6350 §3.4. */
function escapeText(text: string): string {
  return text
    .replaceAll(/[\\,;]/g, (letter) => `\\${letter}`)
    .replaceAll(/\r\n|\r|\n/g, '\\n')
    .toWellFormed();
}

/** RFC 6350 §3.2: at most 75 octets on a line, and no character cut. */
function fold(line: string): string {
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return `${folded}\r\n`;
}
