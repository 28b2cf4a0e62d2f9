/** Contacts as a vCard 4.0 file (RFC 6350), as RFC 9555 maps them: what other programs read. What has no place there is left out. */
import { nameOfCard, type Card } from '#contract/jmap/contacts.ts';

/** Octets of a line, without its end (RFC 6350 §3.2). */
const LINE_OCTETS = 75;

export function formatVcard(card: Card): string {
  const component = (kind: string): string =>
    (card.name?.components ?? [])
      .filter((one) => one.kind === kind)
      .map(({ value }) => escapeText(value))
      .join(',');
  const all = <Item>(name: string, items: Readonly<Record<string, Item>> | undefined, write: (item: Item) => string) =>
    Object.values(items ?? {}).map((item) => `${name}:${write(item)}`);
  const kinds = ['surname', 'given', 'given2', 'title', 'credential'].map(component);
  const lines = [
    'BEGIN:VCARD',
    'VERSION:4.0',
    `UID${card.uid.includes(':') ? '' : ';VALUE=text'}:${escapeText(card.uid)}`,
    ...(['individual', 'group', 'org', 'location'].includes(card.kind) ? [`KIND:${card.kind}`] : []),
    `FN:${escapeText(nameOfCard(card))}`,
    ...(kinds.some((kind) => kind !== '') ? [`N:${kinds.join(';')}`] : []),
    ...all('NICKNAME', card.nicknames, ({ name }) => escapeText(name)),
    ...all('EMAIL', card.emails, ({ address }) => escapeText(address)),
    ...all('TEL', card.phones, ({ number }) => escapeText(number)),
    ...all('ORG', card.organizations, ({ name = '', units = [] }) =>
      [name, ...units.map((unit) => unit.name)].map(escapeText).join(';'),
    ),
    ...all('TITLE', card.titles, ({ name }) => escapeText(name)),
    ...all('NOTE', card.notes, ({ note }) => escapeText(note)),
    ...(card.kind === 'group' ? Object.keys(card.members ?? {}).map((uid) => `MEMBER:${oneLine(uid)}`) : []),
    'END:VCARD',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

/** RFC 6350 §3.4. */
function escapeText(text: string): string {
  return oneLine(text.replaceAll(/[\\,;]/g, '\\$&').replaceAll(/\r\n|\r|\n/g, '\\n'));
}

/** Nothing that is written into a value ends its line. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** Between characters, never inside one. */
function fold(line: string): string {
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const length = Buffer.byteLength(character);
    if (octets + length > LINE_OCTETS) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += character;
    octets += length;
  }
  return folded;
}
