/** Reads `[[domain_sunset]]` and `[[maintenance]]`: domains that are given up for others, and times in which they rest. */
import { DAY_MS } from '#base/clock.ts';
import { canonicalizeDomain } from '#directory/address.ts';
import type { DomainPlans, DomainSunset, MaintenanceWindow } from '#directory/domain-lives.ts';
import type { Setting } from './config.ts';

export const SUNSET_FIELDS = {
  domain: { kind: 'text', default: '', about: 'The domain that is given up.' },
  successor: { kind: 'text', default: '', about: 'The domain that its people go on with.' },
  refused: {
    kind: 'instant',
    default: '',
    about:
      'When mail to it is refused, naming the new address: an instant with its zone, 2020-09-17T00:00:00+08:00, or a day, which it still works through, in the zone of this computer.',
  },
  announced: {
    kind: 'instant',
    default: '',
    about: 'From when on its people are reminded, and replies go to the new address; empty: 180 days before.',
  },
  send_blocked: {
    kind: 'instant',
    default: '',
    about: 'From when on nothing can be sent from it; empty: 30 days before.',
  },
  gone: {
    kind: 'instant',
    default: '',
    about: 'From when on it is no domain of ours any more; empty: a year after it was refused.',
  },
  reply_to: {
    kind: 'boolean',
    default: true,
    about: 'Whether mail from it asks for replies to the new address (Reply-To), unless it asks for another.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export const MAINTENANCE_FIELDS = {
  domain: { kind: 'text', default: '', about: 'The domain that rests; empty: all.' },
  from: { kind: 'instant', default: '', about: 'When it begins to.' },
  until: { kind: 'instant', default: '', about: 'When it takes mail again.' },
} as const satisfies Readonly<Record<string, Setting>>;

export type PlanTables = readonly Readonly<Record<string, unknown>>[];

/** The plans, or in words what is wrong with them. */
export function readDomainPlans(sunsetTables: PlanTables, maintenanceTables: PlanTables): DomainPlans | string {
  const sunsets: DomainSunset[] = [];
  for (const table of sunsetTables) {
    const sunset = readSunset(table);
    if (typeof sunset === 'string') return `domain_sunset: ${sunset}`;
    if (sunsets.some(({ domain }) => domain === sunset.domain)) return `domain_sunset: ${sunset.domain} is given twice`;
    sunsets.push(sunset);
  }
  const chained = sunsets.find(({ successor }) => sunsets.some(({ domain }) => domain === successor));
  if (chained !== undefined) return `domain_sunset: ${chained.successor} is given up itself`;
  const maintenance: MaintenanceWindow[] = [];
  for (const table of maintenanceTables) {
    const window = readWindow(table);
    if (typeof window === 'string') return `maintenance: ${window}`;
    maintenance.push(window);
  }
  return { sunsets, maintenance };
}

function readSunset(table: Readonly<Record<string, unknown>>): DomainSunset | string {
  const domain = canonicalizeDomain(String(table['domain']));
  const successor = canonicalizeDomain(String(table['successor']));
  if (domain === undefined || successor === undefined) return 'domain and successor must be domains';
  if (domain === successor) return `${domain} cannot succeed itself`;
  const refusedAt = readInstant(table['refused'], 'end');
  if (refusedAt === undefined) return `${domain}: refused must be an instant or a day`;
  const or = (field: string, day: 'begin' | 'end', byDefault: number): number | undefined =>
    table[field] === '' ? byDefault : readInstant(table[field], day);
  const announcedAt = or('announced', 'begin', refusedAt - 180 * DAY_MS);
  const sendBlockedAt = or('send_blocked', 'end', refusedAt - 30 * DAY_MS);
  const goneAt = or('gone', 'end', refusedAt + 365 * DAY_MS);
  if (announcedAt === undefined || sendBlockedAt === undefined || goneAt === undefined)
    return `${domain}: announced, send_blocked and gone must be instants or days`;
  if (announcedAt > sendBlockedAt || sendBlockedAt > refusedAt || refusedAt > goneAt)
    return `${domain}: announced, send_blocked, refused and gone must follow one another`;
  return {
    domain,
    successor,
    announcedAt,
    sendBlockedAt,
    refusedAt,
    goneAt,
    setsReplyTo: table['reply_to'] === true,
  };
}

function readWindow(table: Readonly<Record<string, unknown>>): MaintenanceWindow | string {
  const named = String(table['domain']);
  const domain = named === '' ? null : canonicalizeDomain(named);
  if (domain === undefined) return `"${named}" is not a domain`;
  const from = readInstant(table['from'], 'begin');
  const until = readInstant(table['until'], 'end');
  if (from === undefined || until === undefined) return 'from and until must be instants or days';
  return from < until ? { domain, from, until } : 'from must lie before until';
}

/** Milliseconds since the epoch; of a day alone its beginning or its end. */
export function readInstant(value: unknown, day: 'begin' | 'end'): number | undefined {
  const text = String(value).trim();
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) {
      const begin = Temporal.PlainDate.from(text).add({ days: day === 'end' ? 1 : 0 });
      return begin.toZonedDateTime(new Intl.DateTimeFormat().resolvedOptions().timeZone).epochMilliseconds;
    }
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}
