import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { parseHeader } from '#mime/header.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { LifeKeeper } from './life-keeper.ts';
import { parseLifeRule, planLife } from './life-plan.ts';
import type { LifeRule } from './life-plan.ts';
import { openRegistry } from './testing/registry.ts';
import type { Registry } from './testing/registry.ts';

const STUDENT = 'student receive-only=180 suspended=365 deleting=370 purged=400';

interface Keeping extends Registry {
  readonly account: AccountId;
  /** Days since the person left, and what the account was told on it. */
  readonly told: string[];
  readonly purged: AccountId[];
  readonly keeper: LifeKeeper;
  stage(): Promise<string | undefined>;
  /** Goes on day by day. */
  live(days: number): Promise<void>;
}

async function openKeeping(status = '毕业', line = STUDENT): Promise<Keeping> {
  const registry = await openRegistry();
  const { store, clock, directory, log } = registry;
  const told: string[] = [];
  const purged: AccountId[] = [];
  let leftAt = 0;
  const keeper = new LifeKeeper({
    store,
    rules: [parseLifeRule(line) as LifeRule],
    async post(octets) {
      const subject = decodeHeaderText(parseHeader(octets).all('subject')[0] ?? '');
      told.push(`${(clock.now() - leftAt) / DAY_MS}: ${/\(([^)]*)\)/.exec(subject)?.[1] ?? subject}`);
    },
    purge: async (accountId) => {
      purged.push(accountId);
      await directory.deleteAccount(accountId);
    },
    hostname: 'mail.example.edu',
    clock,
    random: systemRandom,
    log,
    metrics: noMetrics,
  });
  await registry.bring('学号,姓名,状态\n1,张三,在读\n2,李四,在读');
  const account = (await directory.findPerson('1'))?.accountId as AccountId;
  if (status !== '') {
    await directory.setStage(account, 'active');
    await registry.bring(`学号,姓名,状态\n1,张三,${status}`, { isPartial: true });
  }
  leftAt = clock.now();
  const run = (): Promise<void> => keeper.run(() => false);
  await run();
  return {
    ...registry,
    account,
    told,
    purged,
    keeper,
    stage: async () => (await directory.account(account))?.stage,
    async live(days) {
      for (let day = 0; day < days; day++) {
        clock.advance(DAY_MS);
        await run();
      }
    },
  };
}

describe('the end of an account', () => {
  test('comes in stages, each told 60, 30, 7 and 1 days before and when it comes', async () => {
    const { live, told, stage, purged, account } = await openKeeping();
    await live(179);
    assert.equal(await stage(), 'active');
    await live(1);
    assert.equal(await stage(), 'receive-only');
    await live(184);
    assert.equal(await stage(), 'receive-only');
    await live(1);
    assert.equal(await stage(), 'suspended');
    await live(5);
    assert.equal(await stage(), 'deleting');
    await live(29);
    assert.deepEqual(purged, []);
    await live(1);
    assert.deepEqual(purged, [account]);
    assert.equal(await stage(), undefined);
    await live(3);
    assert.deepEqual(purged, [account]);
    const notice = (day: number, left: number) => `${day}: Your mailbox: ${left} ${left === 1 ? 'day' : 'days'} left`;
    assert.deepEqual(told, [
      notice(120, 60),
      notice(150, 30),
      notice(173, 7),
      notice(179, 1),
      '180: Your mailbox has changed',
      notice(305, 60),
      notice(335, 30),
      notice(358, 7),
      notice(364, 1),
    ]);
  });

  test('lets nobody in whose account was frozen since they did not use it, and goes step by step once they come', async () => {
    const { directory, account, bring, live, stage, purged } = await openKeeping('');
    await directory.setStage(account, 'frozen');
    await bring('学号,姓名,状态\n1,张三,毕业', { isPartial: true });
    await live(200);
    assert.equal(await stage(), 'frozen');
    assert.equal(await directory.thaw(account), true);
    assert.equal(await stage(), 'active');
    await live(1);
    assert.equal(await stage(), 'receive-only');
    await live(184);
    assert.deepEqual([await stage(), purged], ['receive-only', []]);
    await live(1);
    assert.equal(await stage(), 'suspended');
  });

  test('is told once, by whichever of several servers comes first', async () => {
    const { keeper, clock, told } = await openKeeping();
    clock.advance(120 * DAY_MS);
    await Promise.all([keeper.run(() => false), keeper.run(() => false)]);
    assert.equal(told.length, 1);
  });

  test('does not come all at once after a server stood still, and nothing is deleted untold', async () => {
    const { clock, keeper, live, stage, told, purged } = await openKeeping();
    clock.advance(1000 * DAY_MS);
    await keeper.run(() => false);
    assert.equal(await stage(), 'receive-only');
    await live(184);
    assert.equal(await stage(), 'receive-only');
    assert.ok(told.length > 4);
    await live(36);
    assert.deepEqual([await stage(), purged.length], [undefined, 1]);
  });

  test('stops before the last step while the account is held', async () => {
    const { live, store, account, purged, stage } = await openKeeping();
    await store.run('setHold', { accountId: account, reason: '纪检 2026-17' });
    await live(500);
    assert.deepEqual([await stage(), purged], ['deleting', []]);
    await store.run('setHold', { accountId: account, reason: '' });
    await live(1);
    assert.deepEqual(purged, [account]);
  });

  test('is over for whoever returns', async () => {
    const { live, bring, stage, store, account } = await openKeeping();
    await live(400 - 20);
    assert.equal(await stage(), 'deleting');
    await bring('学号,姓名,状态\n1,张三,在读', { isPartial: true });
    assert.equal(await stage(), 'active');
    await live(100);
    assert.equal(await stage(), 'active');
    assert.equal((await store.reader.life(account))?.nextAt, null);
  });

  test('of whom it never was claimed: no word, no way in, and closed like the others', async () => {
    const keeping = await openKeeping('');
    const { directory, bring, live, told } = keeping;
    const li = (await directory.findPerson('2'))?.accountId as AccountId;
    await bring('学号,姓名,状态\n2,李四,退学', { isPartial: true });
    await live(364);
    assert.equal((await directory.account(li))?.stage, 'pending');
    await live(1);
    assert.equal((await directory.account(li))?.stage, 'suspended');
    assert.deepEqual(told, []);
  });

  test('what fails is tried again, and holds up nobody', async () => {
    const keeping = await openKeeping();
    const { store, bring, clock, directory, log } = keeping;
    await directory.setStage((await directory.findPerson('2'))?.accountId as AccountId, 'active');
    await bring('学号,姓名,状态\n2,李四,毕业', { isPartial: true });
    let fails = true;
    const purged: number[] = [];
    const keeper = new LifeKeeper({
      store,
      rules: [parseLifeRule('student deleting=1 purged=8') as LifeRule],
      post: async () => {},
      async purge(accountId) {
        if (fails && accountId === keeping.account) throw new Error('injected');
        purged.push(accountId);
        await directory.deleteAccount(accountId);
      },
      hostname: 'mail.example.edu',
      clock,
      random: systemRandom,
      log,
      metrics: noMetrics,
    });
    for (let day = 0; day < 20; day++) {
      clock.advance(DAY_MS);
      await keeper.run(() => false);
    }
    assert.equal(purged.length, 1);
    fails = false;
    clock.advance(DAY_MS);
    await keeper.run(() => false);
    assert.equal(purged.length, 2);
  });
});

describe('rules', () => {
  test('that make no sense are refused with the reason', () => {
    for (const [line, reason] of [
      ['alumni purged=1', /begins with one of/],
      ['student 23 suspended=1', /has years such as/],
      ['student closed=1', /has stages and days/],
      ['student suspended=10 receive-only=20', /another order/],
      ['student receive-only=20 suspended=10', /another order/],
      ['student suspended=10 purged=20', /deletes nothing/],
      ['student deleting=10 purged=12', /deletes nothing/],
    ] as const)
      assert.match(parseLifeRule(line) as string, reason, line);
    assert.deepEqual(parseLifeRule('staff -2019 restricted=0 forward-only=30'), {
      population: 'staff',
      from: 0,
      to: 2019,
      steps: [
        { stage: 'restricted', days: 0 },
        { stage: 'forward-only', days: 30 },
      ],
    });
  });

  test('a step that comes sooner than its notices is told as often as there is time', () => {
    const plan = planLife(parseLifeRule('staff receive-only=10') as LifeRule, 0, false);
    assert.deepEqual(
      plan.map((event) => [event.at / DAY_MS, event.kind === 'notice' ? event.daysBefore : 0]),
      [
        [3, 7],
        [9, 1],
        [10, 0],
      ],
    );
  });
});
