/**
 * Who may import whom, and what only a few may touch: the one table, and the functions that judge by it.
 * The lint plugin (lint/plugin.ts) reads the source and asks here; this file reads no source and no disk.
 *
 * A *house* is a folder of src/ (`mail`), `main` (src/main.ts), `contract`, `web/<app>`, `test` or `tools`.
 * A *door* is a file lying directly in a house. A *room* is a folder inside one (`mail/ports`), closed to other
 * houses unless a line below opens it. A room called `testing` holds what the house's tests share: it counts as one.
 */
import { isBuiltin } from 'node:module';

export interface House {
  readonly floor: number;
  /** Houses whose doors it may use; `house/room` where a room is meant; `*` for every house of the server. */
  readonly mayImport: readonly string[];
}

/** The rooms of `store` are its backends: whoever may import `store` may import those. */
const EVERYTHING = ['*', 'contract', 'store/*', '*/ports'];

export const HOUSES: Readonly<Record<string, House>> = {
  base: { floor: 0, mayImport: [] },
  contract: { floor: 0, mayImport: [] },

  mime: { floor: 1, mayImport: ['base'] },
  dns: { floor: 1, mayImport: ['base'] },
  sasl: { floor: 1, mayImport: ['base'] },
  sms: { floor: 1, mayImport: ['base'] },
  http: { floor: 1, mayImport: ['base'] },
  net: { floor: 1, mayImport: ['base'] },

  mail: { floor: 2, mayImport: ['base', 'mime'] },
  directory: { floor: 2, mayImport: ['base', 'sasl'] },
  trust: { floor: 2, mayImport: ['base', 'mime', 'dns'] },

  contacts: { floor: 2, mayImport: ['base', 'contract', 'mime'] },
  notices: { floor: 2, mayImport: ['base', 'contract', 'mime', 'http'] },
  trace: { floor: 2, mayImport: ['base'] },
  audit: { floor: 2, mayImport: ['base'] },
  search: { floor: 2, mayImport: ['base', 'mime'] },

  roster: { floor: 3, mayImport: ['base', 'http', 'mime', 'directory', 'directory/ports'] },
  filters: { floor: 3, mayImport: ['base', 'mime', 'mail', 'directory'] },
  spam: { floor: 3, mayImport: ['base', 'mime', 'dns', 'trust'] },
  smtp: { floor: 3, mayImport: ['base', 'net', 'mime', 'sasl'] },
  imap: { floor: 3, mayImport: ['base', 'net', 'mime', 'sasl', 'mail', 'search'] },
  pop3: { floor: 3, mayImport: ['base', 'net', 'mime', 'sasl', 'mail'] },

  queue: {
    floor: 4,
    mayImport: ['base', 'sasl', 'mime', 'dns', 'mail', 'trust', 'trace', 'smtp', 'smtp/client'],
  },
  migration: { floor: 4, mayImport: ['base', 'mime', 'mail', 'directory', 'imap/client'] },

  forwarding: { floor: 5, mayImport: ['base', 'mime', 'mail', 'directory', 'trust', 'trace', 'queue', 'filters'] },

  groups: { floor: 6, mayImport: ['base', 'mime', 'mail', 'directory', 'trust', 'trace', 'queue', 'forwarding'] },

  submission: {
    floor: 7,
    mayImport: ['base', 'mime', 'mail', 'directory', 'trust', 'trace', 'queue', 'forwarding', 'groups', 'smtp'],
  },
  delivery: {
    floor: 7,
    mayImport: [
      'base',
      'mime',
      'dns',
      'mail',
      'directory',
      'trust',
      'trace',
      'spam',
      'queue',
      'forwarding',
      'groups',
      'smtp',
    ],
  },

  signin: { floor: 7, mayImport: ['base', 'contract', 'sasl', 'audit', 'http', 'directory'] },
  sso: { floor: 8, mayImport: ['base', 'audit', 'contract', 'http', 'directory', 'signin'] },
  oauth: { floor: 8, mayImport: ['base', 'sasl', 'audit', 'http', 'directory', 'signin', 'signin/ports'] },
  // Above signin: who has proven to be somebody in three steps is signed in by the last.
  activation: { floor: 8, mayImport: ['base', 'audit', 'contract', 'http', 'directory', 'sms', 'signin'] },

  guesses: { floor: 8, mayImport: ['base', 'directory', 'signin'] },

  jmap: {
    floor: 8,
    mayImport:
      'base contract http mime contacts mail directory audit trace trace/ports queue filters smtp submission migration search'.split(
        ' ',
      ),
  },
  console: {
    floor: 9,
    mayImport: 'base contract jmap mail directory audit queue delivery spam activation sms migration'.split(' '),
  },
  // The ports, and the doors whose types the ports name.
  store: {
    floor: 10,
    mayImport: [
      'base',
      '*/ports',
      'mime',
      'audit',
      'mail',
      'directory',
      'trust',
      'trace',
      'queue',
      'search',
      'submission',
      'signin',
      'sso',
      'oauth',
      'sms',
      'guesses',
      'jmap',
      'migration',
      'notices',
    ],
  },
  app: { floor: 11, mayImport: EVERYTHING },
  main: { floor: 12, mayImport: ['app'] },

  'web/ui': { floor: 0, mayImport: [] },
  'web/locales': { floor: 0, mayImport: [] },
  'web/jmap': { floor: 1, mayImport: ['contract'] },
  'web/webmail': { floor: 2, mayImport: ['contract', 'web/ui', 'web/locales', 'web/jmap'] },
  'web/console': { floor: 2, mayImport: ['contract', 'web/ui', 'web/locales', 'web/jmap'] },
  'web/activation': { floor: 2, mayImport: ['contract', 'web/ui', 'web/locales', 'web/jmap'] },

  test: { floor: 13, mayImport: [...EVERYTHING, '*/*'] },
  tools: { floor: 14, mayImport: [...EVERYTHING, '*/*', 'test', 'test/*'] },
};

/**
 * What an `x.test.ts` or a file of `testing/` may import besides its own house: every door, the harness, the ports, and
 * the fakes that other houses keep for their own tests.
 */
const BESIDE_TESTS = ['*', 'contract', '*/ports', '*/testing', 'test', 'test/*'];

/** What `contract/` may import from npm: small, pure, the same in browser and server. */
const CONTRACT_MODULES: readonly string[] = ['valibot'];

/** Something only some houses may touch. */
export interface Confinement {
  readonly what: string;
  readonly modules?: readonly string[];
  /** Exports of those modules that anyone may import by name. */
  readonly harmless?: readonly string[];
  /** `name` of a global, `object.member`, `new Date()` for the form without arguments, `module:member` for an import. */
  readonly names?: readonly string[];
  /** Houses, or single files. */
  readonly to: readonly string[];
  /** Whether `x.test.ts` beside the code, and `testing/`, are free of it. */
  readonly testsExempt: boolean;
  readonly why: string;
}

export const CONFINEMENTS: readonly Confinement[] = [
  {
    what: 'databases',
    modules: ['node:sqlite', 'postgres'],
    to: ['store', 'test', 'tools'],
    testsExempt: false,
    why: 'rows are reached through a port; only store/ knows which database holds them',
  },
  {
    what: 'sockets',
    modules: ['node:net', 'node:tls', 'node:dgram'],
    harmless: ['isIP', 'isIPv4', 'isIPv6', 'BlockList'],
    to: ['net', 'http', 'dns', 'app', 'test', 'tools'],
    testsExempt: true,
    why: 'the engines speak to the network by way of net/; besides it only http/, dns/ and app/ do',
  },
  {
    what: 'HTTP and the system resolver',
    modules: ['node:http', 'node:https', 'node:http2', 'node:dns', 'node:dns/promises'],
    to: ['http', 'dns', 'app', 'test', 'tools'],
    testsExempt: true,
    why: 'only the engines and app/ speak to the network',
  },
  {
    what: 'files',
    modules: ['node:fs', 'node:fs/promises'],
    to: ['store', 'app', 'test', 'tools'],
    testsExempt: true,
    why: 'what is kept goes through a port; only store/ and app/ know of a disk',
  },
  {
    what: 'the wall clock',
    names: ['Date.now', 'new Date()', 'Date()', 'Temporal.Now'],
    to: ['base', 'test', 'tools'],
    testsExempt: false,
    why: 'time is passed in (#base/clock.ts), so that tests own it',
  },
  {
    what: 'the stopwatch',
    names: ['performance.now', 'process.hrtime', 'node:perf_hooks:performance'],
    to: ['base', 'test', 'tools'],
    testsExempt: true,
    why: 'time is passed in (#base/clock.ts, `monotonic`), so that tests own it',
  },
  {
    what: 'randomness',
    names: [
      'Math.random',
      ...['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues'].flatMap(
        (name) => [`crypto.${name}`, `webcrypto.${name}`, `node:crypto:${name}`],
      ),
    ],
    to: ['base', 'test', 'tools'],
    testsExempt: false,
    why: 'randomness is passed in (#base/random.ts), so that a test can repeat itself',
  },
  {
    what: 'the environment',
    names: ['process.env', 'node:process:env'],
    to: ['src/app/config.ts', 'test', 'tools'],
    testsExempt: true,
    why: 'every setting has one place, one default and one sentence: src/app/config.ts',
  },
];

export type Rule = 'floors' | 'doors' | 'spelling' | 'packages' | 'confined';

export interface Violation {
  readonly rule: Rule;
  /** One line: what is wrong, why, and what to do where that is not plain. */
  readonly message: string;
  /** The specifier that says the same and is right. */
  readonly instead?: string;
}

interface Place {
  readonly house: string;
  /** The folder inside the house, '' for a door. */
  readonly room: string;
  readonly isTest: boolean;
}

/** Where a file stands. `path` is relative to the repository's root, with `/`. `undefined`: no house's business. */
export function placeOf(path: string): Place | undefined {
  const parts = path.split('/');
  const isTest = /(^|\/)testing\/|\.test\.tsx?$/.test(path);
  const depth = parts[0] === 'web' || parts[0] === 'src' ? 2 : 1;
  if (parts[0] === 'src' && parts.length === 2) return { house: 'main', room: '', isTest };
  if (!['src', 'web', 'contract', 'test', 'tools'].includes(parts[0] ?? '') || parts.length <= depth) return undefined;
  const house = parts[0] === 'src' ? (parts[1] ?? '') : parts.slice(0, depth).join('/');
  return { house, room: parts.slice(depth, -1).join('/'), isTest };
}

/** Whether `path` is server code that ships: in src/ and not a test. */
function ships(path: string): boolean {
  return path.startsWith('src/') && placeOf(path)?.isTest === false;
}

/** What the nearest package.json declares. */
export interface Packages {
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

/**
 * Judges one import, export-from, dynamic import or worker URL; `path` as for `placeOf`. `names` are the exports
 * it takes; absent when it takes the module as a whole.
 */
export function judgeImport(
  path: string,
  specifier: string,
  packages: Packages,
  names?: readonly string[],
): readonly Violation[] {
  if (/^(\.|#)/.test(specifier)) return [...judgeSpelling(path, specifier), ...judgeReach(path, specifier)];
  if (specifier.startsWith('node:')) return judgeConfined(path, 'module', specifier, names);
  if (/^(\/|[a-z]+:)/.test(specifier)) {
    return [{ rule: 'spelling', message: `'${specifier}': import files as './x.ts' or '#folder/x.ts'` }];
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return [...judgePackage(path, name, packages), ...judgeConfined(path, 'module', name, names)];
}

/** Judges a use of a global or of a module's member, named as in `Confinement.names`. */
export function judgeName(path: string, name: string): readonly Violation[] {
  return judgeConfined(path, 'name', name);
}

/** The file a relative or `#` specifier names, from the root. */
function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('#')) {
    const rest = specifier.slice(1);
    return /^(contract|test|tools|web)\//.test(rest) ? rest : `src/${rest}`;
  }
  const parts = path.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function judgeSpelling(path: string, specifier: string): readonly Violation[] {
  const target = targetOf(path, specifier);
  const ownFolder = path.slice(0, path.lastIndexOf('/') + 1);
  const isInside = ownFolder !== '' && target.startsWith(ownFolder);
  if (specifier.split('/').includes('..')) {
    const instead = isInside ? `./${target.slice(ownFolder.length)}` : `#${target.replace(/^src\//, '')}`;
    return [{ rule: 'spelling', message: `'${specifier}' climbs: write '${instead}'`, instead }];
  }
  if (specifier.startsWith('#') && isInside) {
    const instead = `./${target.slice(ownFolder.length)}`;
    return [{ rule: 'spelling', message: `'${specifier}' is in this folder: write '${instead}'`, instead }];
  }
  return [];
}

function judgeReach(path: string, specifier: string): readonly Violation[] {
  const from = placeOf(path);
  const to = placeOf(targetOf(path, specifier));
  if (from === undefined || to === undefined) return [];
  if (ships(path) && to.isTest) {
    return [{ rule: 'doors', message: `'${specifier}' is for tests: the server runs without those` }];
  }
  if (from.house === to.house) return [];
  const own = HOUSES[from.house];
  if (own === undefined)
    return [{ rule: 'floors', message: `'${from.house}' has no line in tools/layers.ts: give it one` }];
  const allowed = from.isTest ? [...own.mayImport, ...BESIDE_TESTS] : own.mayImport;
  if (to.room === '' || to.house === 'contract') {
    if (allowed.some((entry) => opensDoor(entry, to.house))) return [];
  } else if (allowed.some((entry) => opensRoom(entry, to.house, to.room))) return [];
  else if (allowed.some((entry) => opensDoor(entry, to.house))) {
    const message = `${to.house}/${to.room}/ is a room of ${to.house}: from outside, import a file lying directly in ${to.house}/`;
    return [{ rule: 'doors', message }];
  }
  const list = own.mayImport.length === 0 ? 'nothing' : own.mayImport.join(', ');
  return [
    { rule: 'floors', message: `${from.house} may not import ${to.house}: its line in tools/layers.ts allows ${list}` },
  ];
}

function opensDoor(entry: string, house: string): boolean {
  if (entry === '*') return !['test', 'tools', 'main', 'contract'].includes(house) && !house.startsWith('web/');
  return entry === house;
}

function opensRoom(entry: string, house: string, room: string): boolean {
  if (entry === '*/*') return opensDoor('*', house);
  const everywhere = /^\*\/(\w+)$/.exec(entry)?.[1];
  if (everywhere !== undefined) return `${room}/`.startsWith(`${everywhere}/`);
  if (entry === `${house}/*`) return true;
  return entry.startsWith(`${house}/`) && `${house}/${room}/`.startsWith(`${entry}/`);
}

function judgePackage(path: string, name: string, packages: Packages): readonly Violation[] {
  if (packages.dependencies.has(name)) return [];
  if (!packages.devDependencies.has(name)) {
    const message = isBuiltin(name)
      ? `a built-in module is written 'node:${name}'`
      : `package '${name}' is not declared in package.json`;
    return [{ rule: 'packages', message }];
  }
  if (!ships(path)) return [];
  return [{ rule: 'packages', message: `package '${name}' is a devDependency: the server runs without those` }];
}

function judgeConfined(
  path: string,
  kind: 'module' | 'name',
  name: string,
  taken?: readonly string[],
): readonly Violation[] {
  const from = placeOf(path);
  if (from === undefined) return [];
  if (kind === 'module' && from.house === 'contract' && !from.isTest && !CONTRACT_MODULES.includes(name)) {
    return [
      {
        rule: 'confined',
        message: `contract imports ${CONTRACT_MODULES.join(', ')} alone, so not '${name}': browser and server share it`,
      },
    ];
  }
  if (from.house.startsWith('web/')) {
    if (!name.startsWith('node:') || from.isTest) return [];
    return [{ rule: 'confined', message: `'${name}' does not exist in a browser` }];
  }
  const found: Violation[] = [];
  for (const rule of CONFINEMENTS) {
    if (!(kind === 'module' ? rule.modules : rule.names)?.includes(name)) continue;
    if ((from.isTest && rule.testsExempt) || rule.to.includes(from.house) || rule.to.includes(path)) continue;
    if (taken !== undefined && taken.length > 0 && taken.every((one) => rule.harmless?.includes(one))) continue;
    found.push({ rule: 'confined', message: `${name} (${rule.what}) is for ${rule.to.join(', ')} only: ${rule.why}` });
  }
  return found;
}
