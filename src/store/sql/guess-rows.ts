/** GuessReader and GuessTransaction over SQL: rows of what is counted, no rules. */
import type {
  CountRow,
  Forgotten,
  GuessReader,
  GuessTransaction,
  KnownRow,
  TallyRow,
} from '#guesses/ports/guess-store.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

const COUNT = `SELECT failures, claims, claimed_until, window_ends_at, locked_until, guesses FROM guess_count
  WHERE subject = ? AND known_range = ?`;
const TALLY = 'SELECT tally, ends_at, members FROM guess_tally WHERE tally_key = ?';

export class SqlGuessReader implements GuessReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  async known(subject: string, range: string): Promise<{ seenAt: number; isCounted: boolean } | undefined> {
    const row = await this.db.get<[number, number | null]>(
      `SELECT seen_at, failures FROM guess_known LEFT JOIN guess_count USING (subject, known_range)
       WHERE subject = ? AND known_range = ?`,
      [subject, range],
    );
    return row === undefined ? undefined : { seenAt: row[0], isCounted: row[1] !== null };
  }

  async tally(key: string): Promise<TallyRow | undefined> {
    return toTally(key, await this.db.get(TALLY, [key]));
  }
}

export class SqlGuessTransaction extends SqlGuessReader implements GuessTransaction, SqlSectionTransaction {
  readonly nowMs: number;

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async count(subject: string, range: string): Promise<CountRow | undefined> {
    return toCount(subject, range, await this.db.get(COUNT, [subject, range]));
  }

  async lockCount(subject: string, range: string): Promise<CountRow> {
    // Again when another transaction has deleted the row between the two.
    for (;;) {
      await this.db.run(
        `INSERT INTO guess_count
           (subject, known_range, failures, claims, claimed_until, window_ends_at, locked_until, guesses, ends_at)
         VALUES (?, ?, 0, 0, 0, 0, 0, '[]', 0) ON CONFLICT (subject, known_range) DO NOTHING`,
        [subject, range],
      );
      const row = await this.db.get<CountColumns>(`${COUNT} ${this.db.dialect.forUpdate}`, [subject, range]);
      const count = toCount(subject, range, row);
      if (count !== undefined) return count;
    }
  }

  async putCount(row: CountRow): Promise<void> {
    const { subject, range, failures, claims, claimedUntil, windowEndsAt, lockedUntil, guesses } = row;
    await this.db.run(
      `UPDATE guess_count SET failures = ?, claims = ?, claimed_until = ?, window_ends_at = ?, locked_until = ?,
         guesses = ?, ends_at = ? WHERE subject = ? AND known_range = ?`,
      [
        failures,
        claims,
        claimedUntil,
        windowEndsAt,
        lockedUntil,
        JSON.stringify(guesses),
        Math.max(claimedUntil, windowEndsAt, lockedUntil),
        subject,
        range,
      ],
    );
  }

  async deleteCount(subject: string, range: string): Promise<void> {
    await this.db.run('DELETE FROM guess_count WHERE subject = ? AND known_range = ?', [subject, range]);
  }

  async deleteCounts(subject: string): Promise<void> {
    await this.db.run('DELETE FROM guess_count WHERE subject = ?', [subject]);
  }

  async lockTally(key: string): Promise<TallyRow> {
    for (;;) {
      await this.db.run(
        `INSERT INTO guess_tally (tally_key, tally, ends_at, members) VALUES (?, 0, 0, '[]')
         ON CONFLICT (tally_key) DO NOTHING`,
        [key],
      );
      const tally = toTally(key, await this.db.get(`${TALLY} ${this.db.dialect.forUpdate}`, [key]));
      if (tally !== undefined) return tally;
    }
  }

  async putTally({ key, tally, endsAt, members }: TallyRow): Promise<void> {
    const sql = 'UPDATE guess_tally SET tally = ?, ends_at = ?, members = ? WHERE tally_key = ?';
    await this.db.run(sql, [tally, endsAt, JSON.stringify(members), key]);
  }

  async deleteTally(key: string): Promise<void> {
    await this.db.run('DELETE FROM guess_tally WHERE tally_key = ?', [key]);
  }

  async knownRanges(subject: string): Promise<readonly KnownRow[]> {
    const sql = 'SELECT known_range, seen_at FROM guess_known WHERE subject = ? ORDER BY seen_at DESC, known_range';
    return (await this.db.all<[string, number]>(sql, [subject])).map(([range, seenAt]) => ({ range, seenAt }));
  }

  async putKnown(subject: string, { range, seenAt }: KnownRow): Promise<void> {
    await this.db.run(
      `INSERT INTO guess_known (subject, known_range, seen_at) VALUES (?, ?, ?)
       ON CONFLICT (subject, known_range) DO UPDATE SET seen_at = excluded.seen_at`,
      [subject, range, seenAt],
    );
  }

  async deleteKnown(subject: string, range: string): Promise<void> {
    await this.db.run('DELETE FROM guess_known WHERE subject = ? AND known_range = ?', [subject, range]);
  }

  async forget({ now, seenBefore, limit }: Forgotten): Promise<number> {
    const counts = await this.db.run(
      `DELETE FROM guess_count WHERE ends_at <= ? AND (subject, known_range) IN
         (SELECT subject, known_range FROM guess_count WHERE ends_at <= ? LIMIT ?)`,
      [now, now, limit],
    );
    const tallies = await this.db.run(
      `DELETE FROM guess_tally WHERE ends_at <= ? AND tally_key IN
         (SELECT tally_key FROM guess_tally WHERE ends_at <= ? LIMIT ?)`,
      [now, now, limit],
    );
    const known = await this.db.run(
      `DELETE FROM guess_known WHERE seen_at < ? AND (subject, known_range) IN
         (SELECT subject, known_range FROM guess_known WHERE seen_at < ? LIMIT ?)`,
      [seenBefore, seenBefore, limit],
    );
    return Math.max(counts, tallies, known);
  }
}

type CountColumns = [number, number, number, number, number, string];

function toCount(subject: string, range: string, row: CountColumns | undefined): CountRow | undefined {
  if (row === undefined) return undefined;
  const [failures, claims, claimedUntil, windowEndsAt, lockedUntil, guesses] = row;
  return {
    subject,
    range,
    failures,
    claims,
    claimedUntil,
    windowEndsAt,
    lockedUntil,
    guesses: JSON.parse(guesses) as string[],
  };
}

function toTally(key: string, row: [number, number, string] | undefined): TallyRow | undefined {
  if (row === undefined) return undefined;
  const [tally, endsAt, members] = row;
  return { key, tally, endsAt, members: JSON.parse(members) as string[] };
}
