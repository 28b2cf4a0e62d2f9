/** What every SessionStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { SIGNIN_LIMITS } from '#signin/limits.ts';
import type { SessionRow, SessionStore, WalkRow } from '#signin/ports/session-store.ts';
import type { TestStore } from '#test/harness/stores.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;

export function sessionStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (
    title: string,
    body: (given: {
      readonly store: SessionStore;
      readonly clock: FakeClock;
      readonly row: (sessionId: string, patch?: Partial<SessionRow>) => SessionRow;
    }) => Promise<void>,
  ): void => {
    test(title, async () => {
      const store = await open();
      const clock = store.clock as FakeClock;
      const row = (sessionId: string, patch: Partial<SessionRow> = {}): SessionRow => ({
        accountId: LI,
        sessionId,
        login: '李@kust.example',
        tokenHash: `hash of ${sessionId}`,
        previousHash: '',
        rotatedAt: clock.now(),
        createdAt: clock.now(),
        usedAt: clock.now(),
        address: '2001:db8::1',
        agent: 'Firefox 浏览器',
        ...patch,
      });
      try {
        await body({ store: store.signin, clock, row });
      } finally {
        await store.close();
      }
    });
  };

  describe(`SessionStore contract: ${name}`, () => {
    withStore('a session is kept as it was given, for its account alone', async ({ store, row }) => {
      await store.run('begin', row('a'));
      assert.deepEqual(await store.reader.session(LI, 'a'), row('a'));
      assert.equal(await store.reader.session(WANG, 'a'), undefined);
      assert.equal(await store.reader.session(LI, 'A'), undefined);
    });

    withStore(
      'the last used come first, and beyond the limit the one longest unused ends',
      async ({ store, clock, row }) => {
        for (let made = 0; made <= SIGNIN_LIMITS.sessionsPerAccount; made++) {
          await store.run('begin', row(`s${made}`));
          clock.advance(1000);
        }
        const rows = await store.reader.sessions(LI);
        assert.equal(rows.length, SIGNIN_LIMITS.sessionsPerAccount);
        assert.equal(rows[0]?.sessionId, `s${SIGNIN_LIMITS.sessionsPerAccount}`);
        assert.equal(await store.reader.session(LI, 's0'), undefined);
      },
    );

    withStore('of two requests that renew a secret at once, one does', async ({ store, clock, row }) => {
      await store.run('begin', row('a'));
      clock.advance(5000);
      const rotate = (toHash: string) =>
        store.run('rotate', { accountId: LI, sessionId: 'a', fromHash: 'hash of a', toHash });
      const answers = await Promise.all([rotate('x'), rotate('y')]);
      assert.deepEqual(answers.toSorted(), [false, true]);
      const kept = await store.reader.session(LI, 'a');
      assert.equal(kept?.tokenHash, answers[0] === true ? 'x' : 'y');
      assert.deepEqual([kept?.previousHash, kept?.rotatedAt], ['hash of a', clock.now()]);
    });

    withStore('use is written down; of a session that is gone, nothing', async ({ store, clock, row }) => {
      await store.run('begin', row('a'));
      clock.advance(5000);
      await store.run('use', { accountId: LI, sessionId: 'a', address: '192.0.2.1' });
      const kept = await store.reader.session(LI, 'a');
      assert.deepEqual([kept?.usedAt, kept?.address], [clock.now(), '192.0.2.1']);
      await store.run('use', { accountId: LI, sessionId: 'gone', address: '192.0.2.1' });
      assert.equal((await store.reader.sessions(LI)).length, 1);
    });

    withStore('sessions end one by one or all at once, and watchers hear of it', async ({ store, row }) => {
      const heard = new Promise<AccountId>((resolve) => void store.watch(resolve));
      await store.run('begin', row('a'));
      await store.run('begin', row('b'));
      await store.run('begin', row('w', { accountId: WANG }));
      assert.equal(await store.run('end', { accountId: LI, sessionId: 'a' }), true);
      assert.equal(await heard, LI);
      assert.equal(await store.run('end', { accountId: LI, sessionId: 'a' }), false);
      assert.equal(await store.run('end', { accountId: WANG, sessionId: 'b' }), false);
      await store.run('endAll', { accountId: LI });
      assert.deepEqual(await store.reader.sessions(LI), []);
      assert.equal((await store.reader.sessions(WANG)).length, 1);
    });

    withStore('sign-ins are recorded, the latest first, and forgotten when they are old', async ({ store, clock }) => {
      const record = (recordId: string, at: number, accountId = LI) => ({
        accountId,
        at,
        recordId,
        protocol: 'imap',
        address: '2001:db8::1',
        place: '云南|昆明',
        agent: 'Firefox 浏览器',
        outcome: 'ok',
      });
      const now = clock.now();
      const rows = [record('c', now), record('a', now - 5), record('b', now - 5), record('d', now - 9)];
      for (const row of [...rows, record('a', now, WANG)]) await store.run('record', row);
      assert.deepEqual(await store.reader.records(LI, 10), rows);
      assert.deepEqual(await store.reader.records(LI, 2), rows.slice(0, 2));
      assert.equal(await store.run('forgetRecords', { before: now, limit: 2 }), 2);
      assert.equal(await store.run('forgetRecords', { before: now, limit: 2 }), 1);
      assert.deepEqual(await store.reader.records(LI, 10), rows.slice(0, 1));
      assert.equal((await store.reader.records(WANG, 10)).length, 1);
      // When somebody got in last stays, however long ago, and is written once an hour.
      const hour = SIGNIN_LIMITS.factEveryMs;
      await store.run('record', { ...record('e', now + 2 * hour, WANG), outcome: 'wrong password' });
      await store.run('record', record('f', now + hour - 1, WANG));
      assert.equal(await store.run('forgetRecords', { before: now + 3 * hour, limit: 10 }), 4);
      assert.deepEqual(await store.reader.records(LI, 10), []);
      assert.deepEqual(await store.reader.lastSignIns([WANG, 99 as AccountId]), new Map([[WANG, now]]));
      await store.run('record', record('g', now + hour, WANG));
      assert.equal((await store.reader.lastSignIns([WANG])).get(WANG), now + hour);
      assert.equal((await store.reader.lastSignIns([LI, WANG])).size, 2);
      await store.run('forgetLastSignIn', { accountId: WANG });
      assert.deepEqual([...(await store.reader.lastSignIns([LI, WANG])).keys()], [LI]);
      assert.deepEqual(await store.reader.lastSignIns([]), new Map());
    });

    withStore('what is old is forgotten, so many at once', async ({ store, clock, row }) => {
      const now = clock.now();
      await store.run('begin', row('fresh'));
      await store.run('begin', row('idle', { usedAt: now - 1000 }));
      await store.run('begin', row('aged', { createdAt: now - 1000 }));
      const forget = (limit: number) => store.run('forget', { usedBefore: now - 500, createdBefore: now - 500, limit });
      assert.equal(await forget(1), 1);
      assert.equal(await forget(10), 1);
      assert.deepEqual(
        (await store.reader.sessions(LI)).map(({ sessionId }) => sessionId),
        ['fresh'],
      );
    });

    withStore('a walk goes on from where it is, and once', async ({ store, clock }) => {
      const walk: WalkRow = {
        walkId: 'abc',
        secretHash: 'hash',
        kind: 'activation',
        step: 0,
        facts: '{"name":"尉迟·雪"}',
        beganAt: clock.now(),
        expiresAt: clock.now() + 1000,
      };
      await store.run('beginWalk', walk);
      assert.deepEqual(await store.reader.walk('abc'), walk);
      assert.equal(await store.reader.walk('ABC'), undefined);
      const advance = (fromStep: number) =>
        store.run('advanceWalk', { walkId: 'abc', fromStep, toStep: fromStep + 1, facts: '{}' });
      const all = await Promise.all(Array.from({ length: 5 }, () => advance(0)));
      assert.equal(all.filter((isDone) => isDone === true).length, 1);
      assert.deepEqual(await store.reader.walk('abc'), { ...walk, step: 1, facts: '{}' });
      await store.run('endWalk', { walkId: 'abc' });
      assert.equal(await advance(1), false);

      for (const walkId of ['a', 'b', 'c']) await store.run('beginWalk', { ...walk, walkId });
      clock.advance(1000);
      const forget = () => store.run('forgetWalks', { expiredBefore: clock.now(), limit: 2 });
      assert.deepEqual([await forget(), await forget(), await forget()], [2, 1, 0]);
    });
  });
}
