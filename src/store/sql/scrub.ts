/** Reads every blob of an SQL store and compares it with its name, telling whom each damage hurts. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorText } from '#base/errors.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { type BlobFiles, SegmentGone } from '#store/files/blob-files.ts';
import { RecordDamage, verifyRecord } from '#store/files/record.ts';
import type { ScrubEvent } from '#store/opened-store.ts';
import type { SqlSession } from './session.ts';

const PAGE = 200;

type Row = [number, Uint8Array, number, number, number];

export async function* scrubBlobs(session: SqlSession, blobs: BlobFiles): AsyncGenerator<ScrubEvent> {
  const total = await session.get<[number]>('SELECT count(*) FROM blob', []);
  const totalBlobs = total?.[0] ?? 0;
  let checkedBlobs = 0;
  let checkedBytes = 0;
  for (let after = 0; ;) {
    const rows = await session.all<Row>(
      `SELECT blob_key, hash, segment, segment_offset, stored_bytes FROM blob WHERE blob_key > ?
       ORDER BY blob_key LIMIT ?`,
      [after, PAGE],
    );
    for (const row of rows) {
      const reason = await findDamage(session, blobs, row);
      checkedBlobs++;
      checkedBytes += row[4];
      if (reason !== undefined) {
        const hurt = await listHurt(session, row[0]);
        yield { kind: 'damage', hash: Buffer.from(row[1]).toString('hex'), segment: row[2], reason, hurt };
      }
      await nextTurn();
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last[0];
    yield { kind: 'progress', checkedBlobs, totalBlobs, checkedBytes };
  }
}

/** What is wrong with a blob; `undefined` when nothing is. */
async function findDamage(session: SqlSession, blobs: BlobFiles, row: Row): Promise<string | undefined> {
  const name = Buffer.from(row[1]).toString('hex');
  let [, , segment, offset, storedBytes] = row;
  for (let attempt = 1; ; attempt++) {
    try {
      const header = verifyRecord(blobs.readRecord({ segment, offset, storedBytes }));
      return header.hash === name ? undefined : `another blob (${header.hash}) lies there`;
    } catch (error) {
      if (!(error instanceof SegmentGone || error instanceof RecordDamage || 'code' in (error as object))) throw error;
      // It may have been moved since it was listed.
      const now = await session.get<[number, number, number]>(
        'SELECT segment, segment_offset, stored_bytes FROM blob WHERE blob_key = ?',
        [row[0]],
      );
      if (now === undefined) return undefined;
      if (attempt > 1 || (now[0] === segment && now[1] === offset)) return errorText(error);
      [segment, offset, storedBytes] = now;
    }
  }
}

/** Also Emails that can be had back. No index serves this: damage is rare, and every Email would pay for one. */
async function listHurt(session: SqlSession, blobKey: number): Promise<{ accountId: AccountId; emailId: EmailId }[]> {
  const rows = await session.all<[number, number]>(
    `SELECT account_id, email_id FROM email WHERE blob_key = ?
     UNION SELECT account_id, email_id FROM deletion WHERE blob_key = ? ORDER BY account_id, email_id`,
    [blobKey, blobKey],
  );
  return rows.map(([accountId, emailId]) => ({ accountId: accountId as AccountId, emailId: emailId as EmailId }));
}
