/**
 * What the rest of the system asks of the DNS. An answer says which of three things is so: there are records, there are
 * none, or nobody could say. The last is always temporary: a broken DNS must never read as "no such domain".
 *
 * Names are given in any case, with or without the final dot, as A-labels or U-labels; names in answers are lower-case
 * A-labels without a final dot. No method ever rejects.
 */

export interface MxRecord {
  /** A host name; '' is the null MX of RFC 7505: the domain takes no mail. */
  readonly exchange: string;
  /** The lower, the sooner. Records come in no particular order. */
  readonly preference: number;
}

/** RFC 6698 §2.1. What the numbers mean, and whether `data` is of a fitting length, is the caller's to judge. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

/** RFC 2782: where a service of a domain is. */
export interface SrvRecord {
  /** The lower, the sooner; of equal ones by weight. */
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** A host name; '' says that the service is not offered. */
  readonly target: string;
}

export type DnsFailure = 'timeout' | 'servfail' | 'refused' | 'malformed' | 'badName';

export interface DnsFailed {
  readonly kind: 'failed';
  /** `badName`: what was asked for cannot be a name, and no packet was sent. The others are temporary. */
  readonly why: DnsFailure;
  /** For the log: it may name our own server. */
  readonly message: string;
}

/** `ttlS` is how many seconds the answer stays true: what is left of it when it comes from the cache. */
export type DnsAnswer<T> =
  | {
      readonly kind: 'found';
      /** At least one. */
      readonly records: readonly T[];
      /** Validated by DNSSEC, as a resolver trusted to validate says (AD). */
      readonly isAuthentic: boolean;
      readonly ttlS: number;
    }
  | {
      readonly kind: 'absent';
      /** `nodata`: the name exists, but has no record of the type asked for. */
      readonly why: 'nxdomain' | 'nodata';
      readonly isAuthentic: boolean;
      readonly ttlS: number;
    }
  | DnsFailed;

/** Aliases (CNAME) are followed by every method but `cname`; `isAuthentic` then holds for the whole chain. */
export interface Resolver {
  mx(domain: string): Promise<DnsAnswer<MxRecord>>;
  /** Numeric IPv4 addresses. */
  a(name: string): Promise<DnsAnswer<string>>;
  /** Numeric IPv6 addresses. */
  aaaa(name: string): Promise<DnsAnswer<string>>;
  /** One text for each record, its strings joined without anything between them, read as UTF-8. */
  txt(name: string): Promise<DnsAnswer<string>>;
  /** Host names of a numeric IPv4 or IPv6 address. */
  ptr(address: string): Promise<DnsAnswer<string>>;
  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>>;
  /** `_imaps._tcp.example.edu` */
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  /** The name that this one is an alias of. */
  cname(name: string): Promise<DnsAnswer<string>>;
}

/** The record each type of question asks for. */
export interface RecordOf {
  MX: MxRecord;
  A: string;
  AAAA: string;
  TXT: string;
  PTR: string;
  TLSA: TlsaRecord;
  SRV: SrvRecord;
  CNAME: string;
}

export type QuestionType = keyof RecordOf;
