/** How long the administrator waits for an answer of the trace that holds 10 million rows (`--only trace`). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';
import type { TraceQuery } from '#trace/ports/trace-store.ts';

const DAY_MS = 86_400_000;

export interface TraceTiming {
  readonly question: string;
  readonly milliseconds: number;
}

/** Rows are written past the store, in its own form: a message, its event, its two addresses. */
async function fill(dataDir: string, messages: number): Promise<{ readonly messageId: string; readonly at: number }> {
  const settings = { clock: systemClock, log: silentLog, dataDir };
  await (await openSqliteStore(settings)).close();
  const database = new DatabaseSync(join(dataDir, 'mail.db'));
  database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL');
  const insertMessage = database.prepare('INSERT INTO trace_message VALUES (?, ?, ?, ?)');
  const insertAddress = database.prepare('INSERT INTO trace_address VALUES (?, ?, ?)');
  const insertEvent = database.prepare('INSERT INTO trace_event (queue_id, event) VALUES (?, ?)');
  const now = systemClock.now();
  let found = { messageId: '', at: 0 };
  for (let first = 0; first < messages; first += 20_000) {
    database.exec('BEGIN');
    for (let i = first; i < Math.min(first + 20_000, messages); i++) {
      const at = Math.round(now - 180 * DAY_MS * (1 - i / messages));
      const queueId = newQueueId(at, systemRandom);
      const messageId = `${i}.bench@kust.example`;
      const [sender, recipient] = [`s${i % 30_000}@kust.example`, `r${(i * 7) % 60_000}@kust.example`];
      const facts = {
        at,
        direction: 'in',
        accountId: null,
        sender,
        recipients: [recipient],
        messageId,
        subject: `会议 ${i}`,
      };
      const message = JSON.stringify({ queueId, ...facts, sizeBytes: 10_000, remoteAddress: '192.0.2.1', helo: 'mx' });
      insertMessage.run(
        queueId,
        messageId,
        message,
        JSON.stringify([{ at, kind: 'judged', text: 'spf=pass dkim=pass dmarc=pass' }]),
      );
      insertAddress.run(sender, 's', queueId);
      insertAddress.run(recipient, 'r', queueId);
      insertEvent.run(queueId, JSON.stringify({ at, kind: 'delivered', recipients: [recipient] }));
      if (i === Math.floor(messages / 2)) found = { messageId, at };
    }
    database.exec('COMMIT');
  }
  database.close();
  return found;
}

/** `rows`: in all tables together. Each question is put once, to a store that was just opened. */
export async function measureTrace(rows: number): Promise<readonly TraceTiming[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'campusmail-trace-'));
  try {
    const { messageId, at } = await fill(dataDir, Math.floor(rows / 4));
    const questions: Readonly<Record<string, TraceQuery>> = {
      'by Message-ID': { messageId },
      'by sender': { sender: 's77@kust.example' },
      'by recipient, of one hour': { recipient: 'r77@kust.example', from: at, to: at + 3_600_000 },
      'by sender and recipient': { sender: 's77@kust.example', recipient: 'r539@kust.example' },
      'of somebody who never wrote': { sender: 'nobody@kust.example' },
    };
    const timings: TraceTiming[] = [];
    for (const [question, query] of Object.entries(questions)) {
      const store = await openSqliteStore({ clock: systemClock, log: silentLog, dataDir });
      const begun = performance.now();
      const messages = await store.trace.reader.find(query, 50);
      for (const message of messages) await store.trace.reader.trace(message.queueId);
      timings.push({ question: `${question}: ${messages.length} found`, milliseconds: performance.now() - begun });
      await store.close();
    }
    return timings;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
