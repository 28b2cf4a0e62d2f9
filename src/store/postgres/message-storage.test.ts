import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { BlobWriter } from '#store/files/blob-writer.ts';
import { encodeRecord } from '#store/files/record.ts';
import { createTestDatabase } from '#test/harness/postgres.ts';
import { Pool, PostgresSession } from './connection.ts';
import { MessageStorage } from './message-storage.ts';

/** Storage in a database of its own, over a segment that only counts. */
async function openStorage(t: TestContext) {
  const database = await createTestDatabase();
  const pool = new Pool(database.url, { connections: 2 });
  t.after(async () => {
    await pool.end(1);
    await database.drop();
  });
  let end = 0;
  const writer: Pick<BlobWriter, 'write'> = {
    async write({ length }) {
      end += length;
      return { segment: 1, offset: end - length, storedBytes: length };
    },
  };
  const session = new PostgresSession(pool);
  return {
    session,
    storage: new MessageStorage(pool, writer as BlobWriter, new FakeClock()),
    /** Texts of what is stored, and how many transactions stored it. */
    async stored() {
      const rows = await session.all<[string, string]>(
        'SELECT preview, message.xmin::text FROM message JOIN message_structure USING (blob_key) JOIN blob USING (blob_key) ORDER BY 1',
        [],
      );
      return { previews: rows.map(([preview]) => preview), commits: new Set(rows.map(([, xmin]) => xmin)).size };
    },
  };
}

function letter(text: string): PreparedMessage {
  return prepareMessage(Buffer.from(`Subject: 通知\r\n\r\n${text}\r\n`), encodeRecord);
}

test('messages that come together are stored by one statement, whatever their texts hold; each once', async (t) => {
  const { storage, session, stored } = await openStorage(t);
  const texts = ['"quoted", \\back\\slash {1,2}', 'NULL', '通知'];
  const letters = texts.map(letter);
  await Promise.all([...letters, ...letters].map((message) => storage.ensure(message)));
  assert.deepEqual(await stored(), { previews: texts, commits: 1 });
  await Promise.all([...letters, letter('一 more')].map((message) => storage.ensure(message)));
  assert.deepEqual(await stored(), { previews: [...texts, '一 more'].toSorted(), commits: 2 });
  const keys = await storage.refer(session, [...letters, ...letters]);
  assert.deepEqual([...keys.keys()].toSorted(), letters.map(({ blob }) => blob.hash).toSorted());
  assert.equal(await storage.referOne(session, letters[1] as PreparedMessage), keys.get(letters[1]?.blob.hash ?? ''));
});

test('what is referred to and is not there any more is stored again', async (t) => {
  const { storage, session, stored } = await openStorage(t);
  const [kept, gone] = [letter('kept'), letter('gone')];
  await storage.ensure(kept);
  const keys = await storage.refer(session, [kept, gone]);
  assert.equal(keys.size, 2);
  assert.deepEqual((await stored()).previews, ['gone', 'kept']);
});

test('a message that the database does not take leaves the others of its statement alone', async (t) => {
  const { storage, stored } = await openStorage(t);
  const bad = letter('bad');
  // More than the column holds.
  const tooLarge = { ...bad, blob: { ...bad.blob, sizeBytes: 2 ** 64 } };
  const outcomes = await Promise.allSettled([letter('one'), tooLarge, letter('two')].map((m) => storage.ensure(m)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await stored(), { previews: ['one', 'two'], commits: 2 });
});
