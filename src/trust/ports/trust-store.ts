/** What trust needs kept: rows, not rules. Days are whole days since the Unix epoch, UTC. */
import type { DkimKey } from '#trust/dkim-keys.ts';
import type { DmarcObservation, ReceivedDmarcReport } from '#trust/dmarc-report.ts';
import type { StsPolicy } from '#trust/mta-sts.ts';
import type { ReportKind } from '#trust/report-address.ts';
import type { TlsObservation } from '#trust/tls-report.ts';
import type { DmarcRecord } from '#trust/types.ts';

/** An observation, and how often it was made. */
export type Counted<Observation> = Observation & { readonly count: number };

export interface DmarcDay {
  /** As it was last seen that day. */
  readonly policy: DmarcRecord;
  readonly rows: readonly Counted<DmarcObservation>[];
}

/** Committed state (or, inside a transaction, its own view). Unknown keys answer `undefined` or nothing. */
export interface TrustReader {
  /** Those of a domain, or all; by domain, then by age, then by selector. */
  dkimKeys(domain?: string): Promise<readonly DkimKey[]>;
  /** Also when it has expired. */
  stsPolicy(domain: string): Promise<StsPolicy | undefined>;
  /** The domains of a day whose owners a report is for, sorted. */
  dmarcDomains(day: number): Promise<readonly string[]>;
  dmarcDay(day: number, policyDomain: string): Promise<DmarcDay | undefined>;
  tlsDomains(day: number): Promise<readonly string[]>;
  tlsDay(day: number, policyDomain: string): Promise<readonly Counted<TlsObservation>[]>;
  /** Reports of others about a domain of ours that end at or after `fromS` (seconds), the newest first. */
  dmarcReports(domain: string, fromS: number, limit: number): Promise<readonly ReceivedDmarcReport[]>;
}

export interface TrustTransaction extends TrustReader {
  readonly nowMs: number;
  /** As `dkimKeys`; no other transaction changes them until this one ends. */
  lockDkimKeys(domain: string): Promise<readonly DkimKey[]>;
  /** `alreadyExists` (MailError) when the domain has a key of that selector, also when two transactions race for it. */
  insertDkimKey(key: DkimKey): Promise<void>;
  /** Writes its state and when that changed. */
  updateDkimKey(key: DkimKey): Promise<void>;
  deleteDkimKey(domain: string, selector: string): Promise<void>;
  putStsPolicy(domain: string, policy: StsPolicy): Promise<void>;
  putDmarcPolicy(day: number, policy: DmarcRecord): Promise<void>;
  /** Adds to what was counted of the same observation that day. */
  addDmarc(day: number, rows: readonly Counted<DmarcObservation>[]): Promise<void>;
  addTls(day: number, rows: readonly Counted<TlsObservation>[]): Promise<void>;
  /** How many different observations of both kinds a day has. */
  countObservations(day: number): Promise<number>;
  /** The last domain of a day whose report was claimed, '' none yet; no other transaction claims until this one ends. */
  lockClaimed(day: number, kind: ReportKind): Promise<string>;
  putClaimed(day: number, kind: ReportKind, domain: string): Promise<void>;
  /** The first domain observed that day that sorts after this one. */
  nextObserved(day: number, kind: ReportKind, after: string): Promise<string | undefined>;
  /** Of reports about a domain, how many end from `fromS` to before `toS`, seconds. */
  countDmarcReports(domain: string, fromS: number, toS: number): Promise<number>;
  /** Whether it was new: of one reporter, each report id counts once a domain. */
  insertDmarcReport(report: ReceivedDmarcReport): Promise<boolean>;
  /** Drops policies that expired before `expiredBefore` (ms), observations and claims of earlier days, and reports that ended before. */
  forget(limits: ForgetLimits): Promise<void>;
}

export interface ForgetLimits {
  readonly expiredBefore: number;
  readonly observedBeforeDay: number;
  /** Seconds since the Unix epoch. */
  readonly reportsBeforeS: number;
}

export interface TrustStore {
  readonly reader: TrustReader;
  /** Runs a trust operation (names and arguments: #trust/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
  /** Calls back after each commit that touched the keys of a domain, in whichever thread or process. */
  watch(listener: (domain: string) => void): () => void;
}

export interface TrustOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: TrustTransaction, args: never): Promise<unknown>;
}
