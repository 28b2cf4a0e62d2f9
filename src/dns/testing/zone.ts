/** A piece of the DNS as a plain object, for tests, and a Resolver that knows it without asking anybody. */
import { isIP } from 'node:net';
import { canonicalizeName, reverseName } from '#dns/name.ts';
import { Questions } from '#dns/questions.ts';
import type {
  DnsAnswer,
  DnsFailed,
  DnsFailure,
  MxRecord,
  QuestionType,
  RecordOf,
  SrvRecord,
  TlsaRecord,
} from '#dns/resolver.ts';

/** What a name has. Without anything it exists and has no records. */
export interface ZoneName {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly mx?: readonly MxRecord[];
  /** Any length; a server cuts them into strings of 255 octets. */
  readonly txt?: readonly string[];
  readonly ptr?: readonly string[];
  readonly tlsa?: readonly TlsaRecord[];
  readonly srv?: readonly SrvRecord[];
  readonly cname?: string;
  /** Every question about the name ends so. */
  readonly fails?: Exclude<DnsFailure, 'badName'>;
  /** Of a signed zone; false where not said. */
  readonly isAuthentic?: boolean;
  /** Seconds; 300 where not said. */
  readonly ttlS?: number;
}

/** By name, in any spelling; a numeric address stands for its name below in-addr.arpa or ip6.arpa. */
export type Zone = Readonly<Record<string, ZoneName>>;

/** One record of a zone, with the canonical name of its owner. */
export type ZoneRecord = {
  [Type in QuestionType]: {
    readonly type: Type;
    readonly name: string;
    readonly ttlS: number;
    readonly data: RecordOf[Type];
  };
}[QuestionType];

export interface ZoneFindings {
  /** The aliases passed, in order, then the records of the type asked for. */
  readonly records: readonly ZoneRecord[];
  /** Why there are none of that type; `failed` when a name on the way says so. */
  readonly lack: 'nxdomain' | 'nodata' | Exclude<DnsFailure, 'badName'> | undefined;
  readonly isAuthentic: boolean;
}

export const ZONE_TTL_S = 300;
/** Seconds that a lack stays true: a zone's SOA minimum. */
export const ZONE_NEGATIVE_TTL_S = 60;

/** What the zone has to say; `name` in any spelling. An alias in a circle is `servfail`. */
export function findInZone(zone: Zone, name: string, type: QuestionType): ZoneFindings {
  const names = new Map(Object.entries(zone).map(([key, value]) => [canonicalKey(key), value]));
  const records: ZoneRecord[] = [];
  let isAuthentic = true;
  let current = canonicalKey(name);
  for (let aliases = 0; aliases <= 20; aliases++) {
    const entry = names.get(current);
    isAuthentic &&= entry?.isAuthentic ?? false;
    if (entry?.fails !== undefined) return { records, lack: entry.fails, isAuthentic };
    const found = entry === undefined ? [] : recordsOf(current, entry);
    const wanted = found.filter((record) => record.type === type);
    records.push(...wanted);
    if (wanted.length > 0) return { records, lack: undefined, isAuthentic };
    const alias = found.find((record) => record.type === 'CNAME');
    if (alias === undefined) {
      const exists = entry !== undefined || [...names.keys()].some((other) => other.endsWith(`.${current}`));
      return { records, lack: exists ? 'nodata' : 'nxdomain', isAuthentic };
    }
    records.push(alias);
    current = canonicalKey(alias.data);
  }
  return { records, lack: 'servfail', isAuthentic };
}

function canonicalKey(key: string): string {
  const name = isIP(key) === 0 ? canonicalizeName(key) : reverseName(key);
  if (name === undefined) throw new Error(`no name can be ${JSON.stringify(key)}`);
  return name;
}

function recordsOf(name: string, entry: ZoneName): ZoneRecord[] {
  const ttlS = entry.ttlS ?? ZONE_TTL_S;
  const one = <T extends QuestionType>(type: T, list: readonly RecordOf[T][] = []): ZoneRecord[] =>
    list.map((data) => ({ type, name, ttlS, data }) as ZoneRecord);
  return [
    ...one('A', entry.a),
    ...one('AAAA', entry.aaaa),
    ...one('MX', entry.mx),
    ...one('TXT', entry.txt),
    ...one('PTR', entry.ptr),
    ...one('TLSA', entry.tlsa),
    ...one('SRV', entry.srv),
    ...one('CNAME', entry.cname === undefined ? [] : [entry.cname]),
  ];
}

/** Answers from a zone at once. `asked` keeps every question, `MX example.org`, for tests to look at. */
export class FakeResolver extends Questions {
  readonly asked: string[] = [];
  /** May be exchanged: the DNS changes. */
  zone: Zone;

  constructor(zone: Zone) {
    super();
    this.zone = zone;
  }

  // Asynchronous, so that nobody comes to rely on answers that are there at once.
  protected async lookUp<T extends QuestionType>(text: string, type: T): Promise<DnsAnswer<RecordOf[T]>> {
    const name = canonicalizeName(text);
    if (name === undefined) return failed('badName', 'that cannot be a name of the DNS');
    this.asked.push(`${type} ${name}`);
    const { records, lack, isAuthentic } = findInZone(this.zone, name, type);
    if (lack === 'nxdomain' || lack === 'nodata') {
      return { kind: 'absent', why: lack, isAuthentic, ttlS: ZONE_NEGATIVE_TTL_S };
    }
    if (lack !== undefined) return failed(lack, `${name} ${type}: the test says so`);
    const found = records.filter((record) => record.type === type).map(({ data }) => data as RecordOf[T]);
    return { kind: 'found', records: found, isAuthentic, ttlS: Math.min(...records.map(({ ttlS }) => ttlS)) };
  }
}

function failed(why: DnsFailure, message: string): DnsFailed {
  return { kind: 'failed', why, message };
}
