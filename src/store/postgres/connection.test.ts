import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import { createTestDatabase } from '#test/harness/postgres.ts';
import { Pool, PostgresSession, toStoreError } from './connection.ts';

describe('Pool', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let admin: Pool;

  before(async () => {
    database = await createTestDatabase();
    admin = new Pool(database.url, { connections: 1 });
  });
  after(async () => {
    await admin.end(1);
    await database.drop();
  });

  /** A pool, and what waits until it has lost a connection. */
  function openPool(): { pool: Pool; lost: Promise<void> } {
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    return { pool: new Pool(database.url, { connections: 3, onLost: resolve }), lost };
  }

  const processId = async (session: PostgresSession): Promise<number> =>
    (await session.get<[number]>('SELECT pg_backend_pid()', []))?.[0] ?? 0;
  const cutOff = (pid: number): Promise<unknown> =>
    new PostgresSession(admin).all('SELECT pg_terminate_backend(?)', [pid]);

  const isOutage = (error: unknown): boolean => isMailError(toStoreError(error), 'unavailable');

  test('a transaction commits, or leaves nothing', async () => {
    const { pool } = openPool();
    await pool.transaction('', (session) => session.run('CREATE TABLE kept (n int)', []));
    const failed = pool.transaction('isolation level serializable', async (session) => {
      await session.run('INSERT INTO kept VALUES (1)', []);
      throw new Error('归档');
    });
    await assert.rejects(failed, /归档/);
    assert.equal((await new PostgresSession(pool).all('SELECT n FROM kept', [])).length, 0);
    await pool.end(1);
  });

  test('a transaction whose connection ends between two statements fails, and so does what it sends then', async () => {
    const { pool, lost } = openPool();
    let second: unknown;
    const transaction = pool.transaction('', async (session) => {
      await cutOff(await processId(session));
      await lost;
      second = await session.get('SELECT 1', []).catch((error: unknown) => error);
      throw second;
    });
    await assert.rejects(transaction, isOutage);
    // What was sent in vain would be written in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(isOutage(second));
    assert.deepEqual(await new PostgresSession(pool).get('SELECT 2', []), [2]);
    await pool.end(1);
  });

  test('a transaction is given up when its pool loses another connection, even if nothing is left to send', async () => {
    const { pool, lost } = openPool();
    const transaction = pool.transaction('', async (session) => {
      await session.get('SELECT 1', []);
      await pool.transaction('', async (other) => cutOff(await processId(other))).catch(() => {});
      await lost;
      return 'done';
    });
    await assert.rejects(transaction, isOutage);
    await pool.end(1);
  });

  test('however many statements are on their way, each transaction has a connection to itself', async () => {
    const { pool } = openPool();
    const session = new PostgresSession(pool);
    const read = (n: number): Promise<unknown> => session.get<[number]>('SELECT ?::int', [n]);
    await Promise.all(Array.from({ length: 10 }, (_, n) => read(n)));
    const mode = 'isolation level serializable';
    // One more each time: the client sends at most a hundred ahead on a connection.
    for (let ahead = 290; ahead < 310; ahead++) {
      const reads = Array.from({ length: ahead }, (_, n) => read(n));
      // Until they were sent.
      await new Promise((resolve) => process.nextTick(resolve));
      const [first, second] = await Promise.all(
        [1, 2].map((n) => pool.transaction(mode, (tx) => tx.get<[number]>('SELECT ?::int', [n]))),
      );
      assert.deepEqual([first, second], [[1], [2]]);
      assert.equal((await Promise.all(reads)).length, ahead);
    }
    await pool.end(1);
  });

  test('a connection of its own ends with what it is for', async () => {
    const { pool } = openPool();
    const ids = await pool.withConnection(async (session) => [await processId(session), await processId(session)]);
    assert.equal(ids[0], ids[1]);
    let second: unknown;
    await pool.withConnection(async (session) => {
      await cutOff(await processId(session));
      do second = await session.get('SELECT 1', []).catch((error: unknown) => error);
      while (!(second instanceof Error));
    });
    assert.ok(isOutage(second));
    await pool.end(1);
  });
});
