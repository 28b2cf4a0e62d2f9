/** Reads `[[realm]]`: the sets of people who sign in at places of their own. */
import { canonicalizeDomain } from '#directory/address.ts';
import type { ArchiveTerms, Realm } from '#directory/realms.ts';
import { SERVICE_CLASSES } from '#directory/types.ts';
import type { ServiceClass } from '#directory/types.ts';
import type { Setting } from './config.ts';
import { readInstant } from './read-domain-plans.ts';

export const REALM_FIELDS = {
  name: { kind: 'text', default: '', about: 'A short name: "staff", "student".' },
  title: { kind: 'text', default: '', about: 'What its mail system is called, in Chinese; empty: the name.' },
  english_title: { kind: 'text', default: '', about: 'The same in English; empty: as in Chinese.' },
  domain: {
    kind: 'text',
    default: '',
    about: 'Its domain, which also completes sign-in names given without one at its hosts.',
  },
  more_domains: { kind: 'texts', default: [], about: 'Further domains whose accounts belong to it.' },
  class: {
    kind: 'choice',
    default: 'staff',
    choices: SERVICE_CLASSES,
    about: 'Class of service of its accounts, where campusmail account class says nothing else.',
  },
  web: { kind: 'text', default: '', about: 'Host of its web pages.' },
  imap: { kind: 'text', default: '', about: 'Name of its IMAP server as people are told; empty: hostname.' },
  pop3: { kind: 'text', default: '', about: 'The same for POP3.' },
  smtp: { kind: 'text', default: '', about: 'The same for sending.' },
  more_hosts: { kind: 'texts', default: [], about: 'Further names of its servers.' },
  strict: {
    kind: 'boolean',
    default: false,
    about:
      "Whether its people are let in at its own hosts only. Otherwise also where a program does not say which host it means, or names one that is no realm's.",
  },
  activation: {
    kind: 'boolean',
    default: false,
    about: 'Whether its new accounts have to be activated by their owner.',
  },
  second_step: {
    kind: 'choice',
    default: 'optional',
    choices: ['off', 'optional', 'required'],
    about:
      'Whether its people may, or must, prove themselves by a second factor on the web. "off": none can be set up any more; "required": who has none sets one up at the next sign-in, and programs need client passwords.',
  },
  archive_until: {
    kind: 'text',
    default: '',
    about:
      'Makes it an archive: an old mail system that is kept for reading until the end of this day, 2020-09-16, in the zone of this computer. Its people sign in on its web pages alone and change nothing; no mail comes in or goes out. It is closed by campusmail archive retire, not by the clock. Empty: no archive.',
  },
  successor: {
    kind: 'text',
    default: '',
    about:
      'With archive_until: the name of the realm that its people go on in. Addresses of that realm are taken as names of the archive at its hosts, and mail to the archive is refused with the new address.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The values of one table, checked and complete. */
export type RealmTable = Readonly<Record<keyof typeof REALM_FIELDS, unknown>>;

/** The realms, or in words what is wrong with them. */
export function readRealms(tables: readonly RealmTable[]): readonly Realm[] | string {
  const realms: Realm[] = [];
  for (const table of tables) {
    const realm = readOne(table);
    if (typeof realm === 'string') return realm;
    realms.push(realm);
  }
  for (const [what, pick] of [
    ['name', ({ name }: Realm) => [name]],
    ['domain', ({ domains }: Realm) => domains],
    ['host', ({ hosts }: Realm) => hosts],
  ] as const) {
    const all = realms.flatMap(pick);
    const twice = all.find((one, at) => all.indexOf(one) !== at);
    if (twice !== undefined) return `the ${what} "${twice}" is given twice`;
  }
  for (const { name, archive } of realms) {
    if (archive === null) continue;
    const successor = realms.find((one) => one.name === archive.successor);
    if (successor === undefined || successor.archive !== null)
      return `${name}: successor must name a realm that is no archive, not "${archive.successor}"`;
  }
  return realms;
}

function readOne(table: RealmTable): Realm | string {
  const text = (field: keyof typeof REALM_FIELDS): string => table[field] as string;
  const name = text('name');
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) return `name must be a short word such as "staff", not "${name}"`;
  const read = (field: keyof typeof REALM_FIELDS, given: string): string => {
    const domain = canonicalizeDomain(given);
    if (domain === undefined) wrong ??= `${name}: ${field} "${given}" is no name of a domain or host`;
    return domain ?? '';
  };
  let wrong: string | undefined;
  const domain = read('domain', text('domain'));
  const moreDomains = (table['more_domains'] as readonly string[]).map((one) => read('more_domains', one));
  const server = (field: 'web' | 'imap' | 'pop3' | 'smtp'): string =>
    text(field) === '' ? '' : read(field, text(field));
  const servers = { web: server('web'), imap: server('imap'), pop3: server('pop3'), smtp: server('smtp') };
  const moreHosts = (table['more_hosts'] as readonly string[]).map((one) => read('more_hosts', one));
  if (wrong !== undefined) return wrong;
  const hosts = [...new Set(Object.values(servers)), ...moreHosts].filter((host) => host !== '');
  const archive = readArchive(text('archive_until'), text('successor'));
  if (typeof archive === 'string') return `${name}: ${archive}`;
  if (archive !== null && servers.web === '') return `${name}: an archive needs web pages of its own`;
  if (archive !== null && (table['activation'] === true || table['second_step'] === 'required'))
    return `${name}: nothing can be set up in an archive, neither activation nor second steps be asked for`;
  const isStrict = table['strict'] === true || archive !== null;
  if (isStrict && hosts.length === 0) return `${name}: strict needs hosts of its own`;
  const title = text('title') || name;
  return {
    name,
    title,
    englishTitle: text('english_title') || title,
    domain,
    domains: [domain, ...moreDomains],
    serviceClass: table['class'] as ServiceClass,
    servers,
    webHosts: [servers.web, ...moreHosts].filter((host) => host !== ''),
    hosts,
    isStrict,
    needsActivation: table['activation'] === true,
    secondStep: table['second_step'] as Realm['secondStep'],
    archive,
  };
}

/** Null: it is none. In words what is wrong. */
function readArchive(lastDay: string, successor: string): ArchiveTerms | string | null {
  if (lastDay === '') return successor === '' ? null : 'successor is for archives, which have archive_until';
  const endsAt = /^\d{4}-\d\d-\d\d$/.test(lastDay) ? readInstant(lastDay, 'end') : undefined;
  return endsAt === undefined ? `archive_until must be a day, not "${lastDay}"` : { lastDay, endsAt, successor };
}
