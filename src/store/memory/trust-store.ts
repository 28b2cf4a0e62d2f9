/** TrustStore in memory: the readable model. */
import { MailError } from '#base/errors.ts';
import { compareKeys, reportKey } from '#store/sql/trust-rows.ts';
import type { DkimKey } from '#trust/dkim-keys.ts';
import type { DmarcObservation, ReceivedDmarcReport } from '#trust/dmarc-report.ts';
import type { StsPolicy } from '#trust/mta-sts.ts';
import type {
  Counted,
  DmarcDay,
  ForgetLimits,
  TrustReader,
  TrustStore,
  TrustTransaction,
} from '#trust/ports/trust-store.ts';
import type { ReportKind } from '#trust/report-address.ts';
import type { TlsObservation } from '#trust/tls-report.ts';
import type { DmarcRecord } from '#trust/types.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface Observed {
  readonly day: number;
  readonly domain: string;
  /** As JSON, without the count. */
  readonly text: string;
  readonly count: number;
}

/** Keys join what tells rows apart by a blank. */
interface TrustData {
  readonly keys: Map<string, DkimKey>;
  readonly policies: Map<string, StsPolicy>;
  readonly observedPolicies: Map<string, { readonly day: number; readonly policy: DmarcRecord }>;
  readonly dmarc: Map<string, Observed>;
  readonly tls: Map<string, Observed>;
  readonly claimed: Map<string, { readonly day: number; readonly domain: string }>;
  readonly reports: Map<string, ReceivedDmarcReport>;
}

export class MemoryTrustStore implements TrustStore {
  readonly reader: TrustReader;
  readonly #section: MemorySection<TrustData>;

  constructor(options: Pick<MemorySectionOptions<TrustData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<TrustData>({
      ...options,
      section: 'trust',
      empty: {
        keys: new Map(),
        policies: new Map(),
        observedPolicies: new Map(),
        dmarc: new Map(),
        tls: new Map(),
        claimed: new Map(),
        reports: new Map(),
      },
      copy: ({ keys, policies, observedPolicies, dmarc, tls, claimed, reports }) => ({
        keys: new Map(keys),
        policies: new Map(policies),
        observedPolicies: new Map(observedPolicies),
        dmarc: new Map(dmarc),
        tls: new Map(tls),
        claimed: new Map(claimed),
        reports: new Map(reports),
      }),
      open: (data, nowMs) => new MemoryTrustTransaction(data, nowMs),
    });
    this.reader = new MemoryTrustReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }

  watch(listener: (domain: string) => void): () => void {
    return this.#section.watch((key) => listener(String(key)));
  }
}

class MemoryTrustReader implements TrustReader {
  protected readonly data: () => TrustData;

  constructor(data: () => TrustData) {
    this.data = data;
  }

  async dkimKeys(domain?: string): Promise<readonly DkimKey[]> {
    const keys = [...this.data().keys.values()];
    return keys.filter((key) => domain === undefined || key.domain === domain).toSorted(compareKeys);
  }

  async stsPolicy(domain: string): Promise<StsPolicy | undefined> {
    return this.data().policies.get(domain);
  }

  async dmarcDomains(day: number): Promise<readonly string[]> {
    return domainsOf(this.data().dmarc, day);
  }

  async tlsDomains(day: number): Promise<readonly string[]> {
    return domainsOf(this.data().tls, day);
  }

  async dmarcDay(day: number, policyDomain: string): Promise<DmarcDay | undefined> {
    const observed = this.data().observedPolicies.get(`${day} ${policyDomain}`);
    if (observed === undefined) return undefined;
    return { policy: observed.policy, rows: rowsOf(this.data().dmarc, day, policyDomain) };
  }

  async tlsDay(day: number, policyDomain: string): Promise<readonly Counted<TlsObservation>[]> {
    return rowsOf(this.data().tls, day, policyDomain);
  }

  async dmarcReports(domain: string, fromS: number, limit: number): Promise<readonly ReceivedDmarcReport[]> {
    const reports = [...this.data().reports.values()].filter(
      (report) => report.domain === domain && report.endS >= fromS,
    );
    return reports.toSorted((a, b) => b.endS - a.endS || (reportKey(a) < reportKey(b) ? -1 : 1)).slice(0, limit);
  }
}

class MemoryTrustTransaction extends MemoryTrustReader implements TrustTransaction {
  readonly nowMs: number;
  readonly touched = new Set<string>();
  readonly #data: TrustData;

  constructor(data: TrustData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  lockDkimKeys(domain: string): Promise<readonly DkimKey[]> {
    return this.dkimKeys(domain);
  }

  async insertDkimKey(key: DkimKey): Promise<void> {
    const { domain, selector } = key;
    if (this.#data.keys.has(`${domain} ${selector}`)) {
      throw new MailError('alreadyExists', `${domain} has a key ${selector}`, { data: { domain, selector } });
    }
    this.touched.add(domain);
    this.#data.keys.set(`${domain} ${selector}`, { ...key });
  }

  async updateDkimKey({ domain, selector, state, changedAt }: DkimKey): Promise<void> {
    this.touched.add(domain);
    const key = this.#data.keys.get(`${domain} ${selector}`);
    if (key !== undefined) this.#data.keys.set(`${domain} ${selector}`, { ...key, state, changedAt });
  }

  async deleteDkimKey(domain: string, selector: string): Promise<void> {
    this.touched.add(domain);
    this.#data.keys.delete(`${domain} ${selector}`);
  }

  async putStsPolicy(domain: string, policy: StsPolicy): Promise<void> {
    this.#data.policies.set(domain, { ...policy });
  }

  async putDmarcPolicy(day: number, policy: DmarcRecord): Promise<void> {
    // By way of JSON, as the others: what is undefined is not there.
    const kept = JSON.parse(JSON.stringify(policy)) as DmarcRecord;
    this.#data.observedPolicies.set(`${day} ${policy.domain}`, { day, policy: kept });
  }

  async addDmarc(day: number, rows: readonly Counted<DmarcObservation>[]): Promise<void> {
    add(this.#data.dmarc, day, rows);
  }

  async addTls(day: number, rows: readonly Counted<TlsObservation>[]): Promise<void> {
    add(this.#data.tls, day, rows);
  }

  async countObservations(day: number): Promise<number> {
    return [...this.#data.dmarc.values(), ...this.#data.tls.values()].filter((one) => one.day === day).length;
  }

  async lockClaimed(day: number, kind: ReportKind): Promise<string> {
    return this.#data.claimed.get(`${day} ${kind}`)?.domain ?? '';
  }

  async putClaimed(day: number, kind: ReportKind, domain: string): Promise<void> {
    this.#data.claimed.set(`${day} ${kind}`, { day, domain });
  }

  async nextObserved(day: number, kind: ReportKind, after: string): Promise<string | undefined> {
    return domainsOf(this.#data[kind], day).find((domain) => domain > after);
  }

  async countDmarcReports(domain: string, fromS: number, toS: number): Promise<number> {
    return (await this.dmarcReports(domain, fromS, Infinity)).filter(({ endS }) => endS < toS).length;
  }

  async insertDmarcReport(report: ReceivedDmarcReport): Promise<boolean> {
    const key = `${report.domain} ${reportKey(report)}`;
    if (this.#data.reports.has(key)) return false;
    this.#data.reports.set(key, structuredClone(report));
    return true;
  }

  async forget({ expiredBefore, observedBeforeDay, reportsBeforeS }: ForgetLimits): Promise<void> {
    const { policies, observedPolicies, dmarc, tls, claimed, reports } = this.#data;
    drop(policies, ({ expiresAt }) => expiresAt < expiredBefore);
    drop(observedPolicies, ({ day }) => day < observedBeforeDay);
    drop(claimed, ({ day }) => day < observedBeforeDay);
    for (const rows of [dmarc, tls]) drop(rows, ({ day }) => day < observedBeforeDay);
    drop(reports, ({ endS }) => endS < reportsBeforeS);
  }
}

function add(
  to: Map<string, Observed>,
  day: number,
  rows: readonly Counted<{ readonly policyDomain: string }>[],
): void {
  for (const { count, ...observed } of rows) {
    const text = JSON.stringify(observed);
    const before = to.get(`${day} ${text}`)?.count ?? 0;
    to.set(`${day} ${text}`, { day, domain: observed.policyDomain, text, count: before + count });
  }
}

function drop<Row>(rows: Map<string, Row>, isOld: (row: Row) => boolean): void {
  for (const [key, row] of rows) if (isOld(row)) rows.delete(key);
}

function domainsOf(rows: ReadonlyMap<string, Observed>, day: number): readonly string[] {
  return [...new Set([...rows.values()].flatMap((one) => (one.day === day ? [one.domain] : [])))].toSorted();
}

function rowsOf<T>(rows: ReadonlyMap<string, Observed>, day: number, domain: string): readonly Counted<T>[] {
  return [...rows.values()]
    .filter((one) => one.day === day && one.domain === domain)
    .toSorted((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ text, count }) => ({ ...(JSON.parse(text) as T), count }));
}
