/** Reads `[[realm]]`: the sets of people who sign in at places of their own. */
import { canonicalizeDomain } from '#directory/address.ts';
import type { Archive, Realm } from '#directory/realms.ts';
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
  archive: {
    kind: 'choice',
    default: 'no',
    choices: ['no', 'open', 'retired'],
    about:
      'Whether it is an old mail system, kept for a time: its people read, search and take along what is there, on the web alone, and change nothing; mail to it is refused, naming the new address. "retired": nobody is let in any more.',
  },
  retires: {
    kind: 'text',
    default: '',
    about:
      'Of an archive, the last day on which it can be read, 2020-09-16, as its people are told. Nothing ends by itself.',
  },
  successor: {
    kind: 'text',
    default: '',
    about: 'Of an archive, the realm that its people go on in; empty: the first that is none.',
  },
  phone: {
    kind: 'choice',
    default: 'advise',
    choices: ['advise', 'force'],
    about:
      'Whether its people are advised to bind a telephone, or have to before they see their mail ("force", which needs sms.vendors): the web leads them to it, and programs are let in by a client password or a token alone until then.',
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
  return nameSuccessors(realms);
}

function nameSuccessors(realms: readonly Realm[]): readonly Realm[] | string {
  const open = realms.filter(({ archive }) => archive === null);
  const named: Realm[] = [];
  for (const realm of realms) {
    const { name, archive } = realm;
    const successor = archive?.successor || open[0]?.name;
    if (archive === null) named.push(realm);
    else if (successor === undefined || !open.some((one) => one.name === successor))
      return `${name}: there is no realm "${archive.successor}" that its people could go on in`;
    else named.push({ ...realm, archive: { ...archive, successor } });
  }
  return named;
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
  const isStrict = table['strict'] === true;
  if (isStrict && hosts.length === 0) return `${name}: strict needs hosts of its own`;
  const archive = readArchive(table);
  if (typeof archive === 'string') return `${name}: ${archive}`;
  if (archive !== null && servers.web === '') return `${name}: an archive needs a host of its own (web)`;
  if (archive !== null && table['activation'] === true) return `${name}: nobody is activated in an archive`;
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
    // The same name and password may be somebody's in the new system too.
    isStrict: isStrict || archive !== null,
    needsActivation: table['activation'] === true,
    // In an archive nothing can be set up.
    secondStep: archive === null ? (table['second_step'] as Realm['secondStep']) : 'off',
    phone: archive === null ? (table['phone'] as Realm['phone']) : 'advise',
    archive,
  };
}

function readArchive(table: RealmTable): Archive | null | string {
  const [retires, successor] = [table['retires'] as string, table['successor'] as string];
  if (table['archive'] === 'no')
    return retires + successor === '' ? null : 'retires and successor are those of an archive';
  if (!/^\d{4}-\d\d-\d\d$/.test(retires) || readInstant(retires, 'end') === undefined)
    return `retires must be a day such as 2020-09-16, not "${retires}"`;
  return { retiresOn: retires, successor, hasEnded: table['archive'] === 'retired' };
}
