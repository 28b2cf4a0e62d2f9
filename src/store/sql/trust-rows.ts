/** TrustReader and TrustTransaction over SQL: rows, no rules. */
import { createHash } from 'node:crypto';
import { MailError } from '#base/errors.ts';
import type { DkimKey } from '#trust/dkim-keys.ts';
import type { DmarcObservation, ReceivedDmarcReport } from '#trust/dmarc-report.ts';
import type { StsPolicy } from '#trust/mta-sts.ts';
import type { Counted, DmarcDay, ForgetLimits, TrustReader, TrustTransaction } from '#trust/ports/trust-store.ts';
import type { ReportKind } from '#trust/report-address.ts';
import type { TlsObservation } from '#trust/tls-report.ts';
import type { DmarcRecord } from '#trust/types.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

const KEY = 'domain, selector, algorithm, state, private_key, public_key, created_at, changed_at';
type KeyColumns = [string, string, string, string, string, string, number, number];

export class SqlTrustReader implements TrustReader {
  protected readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  async dkimKeys(domain?: string): Promise<readonly DkimKey[]> {
    const rows =
      domain === undefined
        ? await this.session.all<KeyColumns>(`SELECT ${KEY} FROM dkim_key`, [])
        : await this.session.all<KeyColumns>(`SELECT ${KEY} FROM dkim_key WHERE domain = ?`, [domain]);
    // Sorted here: the databases' collations differ.
    return rows.map(toKey).toSorted(compareKeys);
  }

  async stsPolicy(domain: string): Promise<StsPolicy | undefined> {
    const sql = 'SELECT policy FROM sts_policy WHERE domain = ?';
    const row = await this.session.get<[string]>(sql, [domain]);
    return row === undefined ? undefined : (JSON.parse(row[0]) as StsPolicy);
  }

  dmarcDomains(day: number): Promise<readonly string[]> {
    return this.#domains('dmarc', day);
  }

  tlsDomains(day: number): Promise<readonly string[]> {
    return this.#domains('tls', day);
  }

  async #domains(kind: ReportKind, day: number): Promise<readonly string[]> {
    const sql = 'SELECT DISTINCT domain FROM observation WHERE day = ? AND kind = ?';
    return (await this.session.all<[string]>(sql, [day, kind])).map(([domain]) => domain).toSorted();
  }

  async dmarcDay(day: number, policyDomain: string): Promise<DmarcDay | undefined> {
    const sql = 'SELECT policy FROM observed_policy WHERE day = ? AND domain = ?';
    const row = await this.session.get<[string]>(sql, [day, policyDomain]);
    if (row === undefined) return undefined;
    const rows = await this.#observations<DmarcObservation>('dmarc', day, policyDomain);
    return { policy: JSON.parse(row[0]) as DmarcRecord, rows };
  }

  tlsDay(day: number, policyDomain: string): Promise<readonly Counted<TlsObservation>[]> {
    return this.#observations('tls', day, policyDomain);
  }

  async #observations<T>(kind: ReportKind, day: number, domain: string): Promise<readonly Counted<T>[]> {
    const sql = 'SELECT observed, times FROM observation WHERE day = ? AND kind = ? AND domain = ?';
    const rows = await this.session.all<[string, number]>(sql, [day, kind, domain]);
    return rows.toSorted(compareObservations).map(([text, count]) => ({ ...(JSON.parse(text) as T), count }));
  }

  async dmarcReports(domain: string, fromS: number, limit: number): Promise<readonly ReceivedDmarcReport[]> {
    const sql = `SELECT report FROM dmarc_report WHERE domain = ? AND end_s >= ?
      ORDER BY end_s DESC, report_key LIMIT ?`;
    const rows = await this.session.all<[string]>(sql, [domain, fromS, limit]);
    return rows.map(([report]) => JSON.parse(report) as ReceivedDmarcReport);
  }
}

export class SqlTrustTransaction extends SqlTrustReader implements TrustTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  /** The domains whose keys changed. */
  readonly touched = new Set<string>();

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async lockDkimKeys(domain: string): Promise<readonly DkimKey[]> {
    const sql = `SELECT ${KEY} FROM dkim_key WHERE domain = ? ORDER BY selector${this.session.dialect.forUpdate}`;
    return (await this.session.all<KeyColumns>(sql, [domain])).map(toKey).toSorted(compareKeys);
  }

  async insertDkimKey(key: DkimKey): Promise<void> {
    this.touched.add(key.domain);
    const inserted = await this.session.run(
      `INSERT INTO dkim_key (${KEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [key.domain, key.selector, key.algorithm, key.state, key.privateKey, key.publicKey, key.createdAt, key.changedAt],
    );
    if (inserted > 0) return;
    const { domain, selector } = key;
    throw new MailError('alreadyExists', `${domain} has a key ${selector}`, { data: { domain, selector } });
  }

  async updateDkimKey({ domain, selector, state, changedAt }: DkimKey): Promise<void> {
    this.touched.add(domain);
    const sql = 'UPDATE dkim_key SET state = ?, changed_at = ? WHERE domain = ? AND selector = ?';
    await this.session.run(sql, [state, changedAt, domain, selector]);
  }

  async deleteDkimKey(domain: string, selector: string): Promise<void> {
    this.touched.add(domain);
    await this.session.run('DELETE FROM dkim_key WHERE domain = ? AND selector = ?', [domain, selector]);
  }

  async putStsPolicy(domain: string, policy: StsPolicy): Promise<void> {
    await this.session.run(
      `INSERT INTO sts_policy (domain, policy, expires_at) VALUES (?, ?, ?)
       ON CONFLICT (domain) DO UPDATE SET policy = excluded.policy, expires_at = excluded.expires_at`,
      [domain, JSON.stringify(policy), policy.expiresAt],
    );
  }

  async putDmarcPolicy(day: number, policy: DmarcRecord): Promise<void> {
    await this.session.run(
      `INSERT INTO observed_policy (day, domain, policy) VALUES (?, ?, ?)
       ON CONFLICT (day, domain) DO UPDATE SET policy = excluded.policy`,
      [day, policy.domain, toText(JSON.stringify(policy))],
    );
  }

  addDmarc(day: number, rows: readonly Counted<DmarcObservation>[]): Promise<void> {
    return this.#add('dmarc', day, rows);
  }

  addTls(day: number, rows: readonly Counted<TlsObservation>[]): Promise<void> {
    return this.#add('tls', day, rows);
  }

  async #add(
    kind: ReportKind,
    day: number,
    rows: readonly Counted<{ readonly policyDomain: string }>[],
  ): Promise<void> {
    const keyed = rows.map(({ count, ...observed }) => {
      const text = toText(JSON.stringify(observed));
      const key = createHash('sha256').update(text).digest('base64url');
      return { key, text, count, domain: observed.policyDomain };
    });
    // In one order everywhere, so that two front-ends never wait for each other.
    for (const { key, text, count, domain } of keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      await this.session.run(
        `INSERT INTO observation (day, kind, domain, observation_key, observed, times) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (day, kind, domain, observation_key) DO UPDATE SET times = observation.times + excluded.times`,
        [day, kind, domain, key, text, count],
      );
    }
  }

  async countObservations(day: number): Promise<number> {
    const row = await this.session.get<[number]>('SELECT count(*) FROM observation WHERE day = ?', [day]);
    return row?.[0] ?? 0;
  }

  async lockClaimed(day: number, kind: ReportKind): Promise<string> {
    // A row to lock, for the first who comes.
    const insert = `INSERT INTO reported (day, kind, domain) VALUES (?, ?, '') ON CONFLICT DO NOTHING`;
    await this.session.run(insert, [day, kind]);
    const sql = `SELECT domain FROM reported WHERE day = ? AND kind = ?${this.session.dialect.forUpdate}`;
    return (await this.session.get<[string]>(sql, [day, kind]))?.[0] ?? '';
  }

  async putClaimed(day: number, kind: ReportKind, domain: string): Promise<void> {
    await this.session.run('UPDATE reported SET domain = ? WHERE day = ? AND kind = ?', [domain, day, kind]);
  }

  async nextObserved(day: number, kind: ReportKind, after: string): Promise<string | undefined> {
    const sql = 'SELECT domain FROM observation WHERE day = ? AND kind = ? AND domain > ? ORDER BY domain LIMIT 1';
    return (await this.session.get<[string]>(sql, [day, kind, after]))?.[0];
  }

  async countDmarcReports(domain: string, fromS: number, toS: number): Promise<number> {
    const sql = 'SELECT count(*) FROM dmarc_report WHERE domain = ? AND end_s >= ? AND end_s < ?';
    return (await this.session.get<[number]>(sql, [domain, fromS, toS]))?.[0] ?? 0;
  }

  async insertDmarcReport(report: ReceivedDmarcReport): Promise<boolean> {
    const key = reportKey(report);
    const inserted = await this.session.run(
      'INSERT INTO dmarc_report (domain, report_key, end_s, report) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      [report.domain, key, report.endS, toText(JSON.stringify(report))],
    );
    return inserted > 0;
  }

  async forget({ expiredBefore, observedBeforeDay, reportsBeforeS }: ForgetLimits): Promise<void> {
    await this.session.run('DELETE FROM sts_policy WHERE expires_at < ?', [expiredBefore]);
    await this.session.run('DELETE FROM observation WHERE day < ?', [observedBeforeDay]);
    await this.session.run('DELETE FROM observed_policy WHERE day < ?', [observedBeforeDay]);
    await this.session.run('DELETE FROM reported WHERE day < ?', [observedBeforeDay]);
    await this.session.run('DELETE FROM dmarc_report WHERE end_s < ?', [reportsBeforeS]);
  }
}

/** Tells reports about one domain apart: who, and their id. */
export function reportKey({ orgName, reportId }: ReceivedDmarcReport): string {
  return createHash('sha256')
    .update(JSON.stringify([orgName, reportId]))
    .digest('base64url');
}

/** By domain, then by age, then by selector. */
export function compareKeys(a: DkimKey, b: DkimKey): number {
  if (a.domain !== b.domain) return a.domain < b.domain ? -1 : 1;
  return a.createdAt - b.createdAt || (a.selector < b.selector ? -1 : 1);
}

function compareObservations([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

function toKey(row: KeyColumns): DkimKey {
  return {
    domain: row[0],
    selector: row[1],
    algorithm: row[2] as DkimKey['algorithm'],
    state: row[3] as DkimKey['state'],
    privateKey: row[4],
    publicKey: row[5],
    createdAt: row[6],
    changedAt: row[7],
  };
}
