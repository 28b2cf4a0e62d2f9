/** What every GrantStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { OAUTH_LIMITS } from '#oauth/limits.ts';
import type { ExchangeOutcome } from '#oauth/operations.ts';
import type { GrantRow, GrantStore } from '#oauth/ports/grant-store.ts';
import type { TestStore } from '#test/harness/stores.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;

export function grantStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (
    title: string,
    body: (given: {
      readonly store: GrantStore;
      readonly clock: FakeClock;
      readonly row: (grantId: string, patch?: Partial<GrantRow>) => GrantRow;
    }) => Promise<void>,
  ): void => {
    test(title, async () => {
      const opened = await open();
      const clock = opened.clock as FakeClock;
      const row = (grantId: string, patch: Partial<GrantRow> = {}): GrantRow => ({
        accountId: LI,
        grantId,
        clientId: 'mail-program',
        scopes: 'imap smtp offline_access',
        login: '李@kust.example',
        redirectUri: 'http://127.0.0.1:50505/back?a=读',
        challenge: 'a challenge',
        secretHash: 'code',
        previousHash: '',
        accessHash: '',
        previousAccessHash: '',
        createdAt: clock.now(),
        rotatedAt: null,
        usedAt: null,
        usedFrom: '',
        ...patch,
      });
      try {
        await body({ store: opened.oauth, clock, row });
      } finally {
        await opened.close();
      }
    });
  };
  const code = {
    accountId: LI,
    grantId: 'a',
    clientId: 'mail-program',
    redirectUri: 'http://127.0.0.1:50505/back?a=读',
    challenge: 'a challenge',
    fromHash: 'code',
    toHash: 'refresh 1',
    accessHash: 'access 1',
  };
  const next = (from: number): object => ({
    ...code,
    fromHash: `refresh ${from}`,
    toHash: `refresh ${from + 1}`,
    accessHash: `access ${from + 1}`,
  });
  const kindOf = async (outcome: Promise<unknown>): Promise<string | undefined> =>
    ((await outcome) as ExchangeOutcome)?.kind;

  describe(`GrantStore contract: ${name}`, () => {
    withStore('a grant is read as it was given, by its account alone', async ({ store, clock, row }) => {
      const first = row('a');
      await store.run('give', first);
      clock.advance(1000);
      const second = row('b', { usedAt: 7, usedFrom: '2001:db8::1 imap', rotatedAt: 5 });
      await store.run('give', second);
      await store.run('give', row('a', { accountId: WANG }));
      assert.deepEqual(await store.reader.grant(LI, 'a'), first);
      assert.deepEqual(await store.reader.grants(LI), [second, first]);
      assert.equal(await store.reader.grant(WANG, 'b'), undefined);
      assert.equal(await store.reader.grant(LI, 'A'), undefined);
    });

    withStore('a code leads to tokens once, and a second time to the end', async ({ store, clock, row }) => {
      await store.run('give', row('a'));
      clock.advance(1000);
      assert.deepEqual(await store.run('redeem', code), {
        kind: 'given',
        row: row('a', {
          createdAt: clock.now() - 1000,
          secretHash: 'refresh 1',
          accessHash: 'access 1',
          rotatedAt: clock.now(),
        }),
      });
      assert.equal(await kindOf(store.run('redeem', code)), 'ended');
      assert.equal(await store.reader.grant(LI, 'a'), undefined);
      assert.equal(await store.run('redeem', code), null);
    });

    withStore('a code with anything else than it was given for ends its grant', async ({ store, clock, row }) => {
      for (const wrong of [
        { clientId: 'another' },
        { redirectUri: 'http://127.0.0.1:50506/back?a=读' },
        { challenge: 'another' },
        { fromHash: 'another' },
      ]) {
        await store.run('give', row('a'));
        assert.equal(await kindOf(store.run('redeem', { ...code, ...wrong })), 'ended', JSON.stringify(wrong));
        assert.equal(await store.reader.grant(LI, 'a'), undefined);
      }
      await store.run('give', row('a'));
      clock.advance(OAUTH_LIMITS.codeMs);
      assert.equal(await kindOf(store.run('redeem', code)), 'ended');
      await store.run('give', row('a'));
      assert.equal(await kindOf(store.run('refresh', { ...code, accessHash: 'x' })), 'ended', 'a code is no token');
    });

    withStore('refresh tokens follow one another, and an old one ends all', async ({ store, clock, row }) => {
      await store.run('give', row('a'));
      await store.run('redeem', code);
      clock.advance(OAUTH_LIMITS.accessMs - 1);
      assert.equal(await kindOf(store.run('refresh', next(1))), 'given');
      const after = await store.reader.grant(LI, 'a');
      assert.deepEqual(
        [after?.secretHash, after?.previousHash, after?.accessHash, after?.previousAccessHash, after?.rotatedAt],
        ['refresh 2', 'refresh 1', 'access 2', 'access 1', clock.now()],
      );
      // Repeated at once: the same.
      assert.deepEqual(await store.run('refresh', next(1)), { kind: 'given', row: after });
      clock.advance(OAUTH_LIMITS.accessMs);
      await store.run('refresh', next(2));
      assert.equal((await store.reader.grant(LI, 'a'))?.previousAccessHash, '', 'what was over does not come back');
      assert.equal(await kindOf(store.run('refresh', next(1))), 'ended', 'two have it');
      assert.equal(await store.run('refresh', next(3)), null);

      await store.run('give', row('a'));
      await store.run('redeem', code);
      await store.run('refresh', next(1));
      clock.advance(OAUTH_LIMITS.repeatMs);
      assert.equal(await kindOf(store.run('refresh', next(1))), 'ended', 'repeated too late');

      await store.run('give', row('a'));
      await store.run('redeem', code);
      assert.equal(await kindOf(store.run('refresh', { ...next(1), clientId: 'another' })), 'ended');
    });

    withStore('of two who refresh at once both get the same, and of two codes one', async ({ store, row }) => {
      await store.run('give', row('a'));
      const redeemed = await Promise.all([kindOf(store.run('redeem', code)), kindOf(store.run('redeem', code))]);
      assert.deepEqual(redeemed.toSorted(), ['ended', 'given']);
      assert.equal(await store.reader.grant(LI, 'a'), undefined);
      await store.run('give', row('a'));
      await store.run('redeem', code);
      const refreshed = await Promise.all([store.run('refresh', next(1)), store.run('refresh', next(1))]);
      assert.deepEqual(refreshed[0], refreshed[1]);
      assert.equal((await store.reader.grant(LI, 'a'))?.secretHash, 'refresh 2');
    });

    withStore('grants end one by one, all together, and by age', async ({ store, clock, row }) => {
      const watched: AccountId[] = [];
      const stop = store.watch((accountId) => watched.push(accountId));
      await store.run('give', row('a'));
      assert.equal(((await store.run('end', { accountId: LI, grantId: 'a' })) as GrantRow).grantId, 'a');
      assert.equal(await store.run('end', { accountId: LI, grantId: 'a' }), null);
      await store.run('give', row('b'));
      await store.run('give', row('c', { accountId: WANG }));
      await store.run('endAll', { accountId: LI });
      assert.deepEqual(await store.reader.grants(LI), []);
      assert.equal((await store.reader.grants(WANG)).length, 1);
      stop();
      assert.ok(watched.includes(LI));

      const now = clock.now();
      await store.run('give', row('d', { createdAt: now - 9000, rotatedAt: now }));
      await store.run('give', row('e', { createdAt: now - 9000, rotatedAt: now - 9000 }));
      await store.run('give', row('f', { createdAt: now - 9000 }));
      const before = { unclaimedBefore: now - 5000, rotatedBefore: now - 5000 };
      assert.equal(await store.run('forget', { ...before, limit: 1 }), 1);
      assert.equal(await store.run('forget', { ...before, limit: 10 }), 1);
      assert.deepEqual(
        (await store.reader.grants(LI)).map(({ grantId }) => grantId),
        ['d'],
      );
    });

    withStore('its use is written down, and of very many the longest unused ends', async ({ store, clock, row }) => {
      await store.run('give', row('a'));
      clock.advance(1000);
      for (let number = 1; number < OAUTH_LIMITS.grantsPerAccount; number++) await store.run('give', row(`g${number}`));
      clock.advance(1000);
      await store.run('use', { accountId: LI, grantId: 'a', usedFrom: '192.0.2.1 imap' });
      await store.run('give', row('z'));
      const rows = await store.reader.grants(LI);
      assert.equal(rows.length, OAUTH_LIMITS.grantsPerAccount);
      const used = rows.find(({ grantId }) => grantId === 'a');
      assert.deepEqual([used?.usedAt, used?.usedFrom], [clock.now(), '192.0.2.1 imap']);
    });
  });
}
