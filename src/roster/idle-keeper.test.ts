import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { noMetrics } from '#base/metrics.ts';
import { PASSWORD } from '#directory/testing/campus.ts';
import { IdleKeeper } from './idle-keeper.ts';
import { parseIdleRule, type IdleRule } from './idle-plan.ts';
import { openRegistry, type Registry } from './testing/registry.ts';

const STAFF = 'staff warned=150 frozen=365 dormant=395';

interface Watch extends Registry {
  readonly keeper: IdleKeeper;
  /** When somebody got in last, as the record of sign-ins has it. */
  readonly signIns: Map<AccountId, number>;
  /** Accounts that nobody need sign in to. */
  readonly exempt: Set<AccountId>;
  /** `day account what`. */
  readonly told: string[];
  stageOf(accountId: AccountId): Promise<string | undefined>;
  /** Goes on day by day. */
  live(days: number): Promise<void>;
}

async function openWatch(line = STAFF): Promise<Watch> {
  const campus = await openRegistry();
  const { store, directory, clock, log } = campus;
  const signIns = new Map<AccountId, number>();
  const told: string[] = [];
  const exempt = new Set<AccountId>();
  const began = clock.now();
  const note = (accountId: AccountId, what: string): void =>
    void told.push(`${(clock.now() - began) / DAY_MS} ${accountId} ${what}`);
  const keeper = new IdleKeeper({
    store,
    rules: [parseIdleRule(line) as IdleRule],
    maxPercent: 2,
    lastSignIns: async (accountIds) => new Map([...signIns].filter(([accountId]) => accountIds.includes(accountId))),
    classOf: async (accountId) => (await directory.senderStanding(accountId))?.serviceClass,
    isExempt: async (accountId) => exempt.has(accountId),
    tell: async (accountId, { text }) => note(accountId, /before (.*?),/.exec(text)?.[1] ?? text),
    tellBySms: async (accountId) => note(accountId, 'SMS'),
    onStage: note,
    clock,
    log,
    metrics: noMetrics,
  });
  return {
    ...campus,
    keeper,
    signIns,
    exempt,
    told,
    stageOf: async (accountId) => (await directory.account(accountId))?.stage,
    async live(days) {
      for (let day = 0; day < days; day++) {
        clock.advance(DAY_MS);
        await keeper.run(() => false);
      }
    },
  };
}

describe('an account that nobody uses', () => {
  test('is warned three times, frozen, and takes mail for a month more', async () => {
    const { live, told, zhang, stageOf, directory } = await openWatch();
    await live(149);
    assert.deepEqual(told, []);
    await live(215);
    assert.equal(await stageOf(zhang), 'active');
    await live(1);
    assert.equal(await stageOf(zhang), 'frozen');
    assert.equal((await directory.resolveAddress('zhang@kust.edu.cn')).kind, 'account');
    await live(29);
    assert.equal(await stageOf(zhang), 'frozen');
    await live(1);
    assert.equal(await stageOf(zhang), 'dormant');
    assert.notEqual((await directory.resolveAddress('zhang@kust.edu.cn')).kind, 'account');
    await live(2000);
    const notice = (day: number) => [`${day} ${zhang} 15 September 2020`, `${day} ${zhang} SMS`];
    const events = [...notice(150), ...notice(335), ...notice(358), `365 ${zhang} frozen`, `395 ${zhang} dormant`];
    assert.deepEqual(told, events, 'and nothing after that');
  });

  test('that is used again is left alone, and counted anew', async () => {
    const { live, told, zhang, signIns, clock, stageOf } = await openWatch();
    await live(364);
    signIns.set(zhang, clock.now());
    told.length = 0;
    await live(149);
    assert.deepEqual([await stageOf(zhang), told], ['active', []]);
    await live(1);
    assert.equal(told.length, 2);
  });

  test('is told of it by nobody but who knows the password, and opens when its owner was proven', async () => {
    const { live, zhang, signIn, directory, stageOf, told } = await openWatch();
    await live(365);
    assert.deepEqual(await signIn({ login: 'zhang@kust.edu.cn' }), { ok: false, reason: 'frozen' });
    assert.deepEqual(await signIn({ login: 'zhang@kust.edu.cn', password: 'wrong' }), {
      ok: false,
      reason: 'invalidCredentials',
    });
    assert.equal(await directory.thaw(zhang), true);
    assert.equal(await directory.thaw(zhang), false);
    assert.equal((await signIn({ login: 'zhang@kust.edu.cn', password: PASSWORD })).ok, true);
    told.length = 0;
    await live(149);
    assert.deepEqual([await stageOf(zhang), told], ['active', []]);
  });

  test('that an administrator opens is counted anew, too', async () => {
    const { live, zhang, directory, stageOf } = await openWatch();
    await live(400);
    await directory.setStage(zhang, 'active');
    await live(364);
    assert.equal(await stageOf(zhang), 'active');
    await live(1);
    assert.equal(await stageOf(zhang), 'frozen');
  });

  test('is warned 30 days before, however long it was idle when the rule came', async () => {
    const { live, zhang, clock, stageOf, told } = await openWatch();
    clock.advance(3000 * DAY_MS);
    await live(30);
    assert.equal(await stageOf(zhang), 'active');
    await live(1);
    assert.equal(await stageOf(zhang), 'frozen');
    assert.deepEqual(
      told.filter((line) => !line.endsWith('SMS')).map((line) => line.split(' ')[0]),
      ['3001', '3024', '3031'],
    );
  });

  test('is warned once, by whichever of several servers comes first', async () => {
    const { keeper, clock, told } = await openWatch();
    clock.advance(150 * DAY_MS);
    await Promise.all([keeper.run(() => false), keeper.run(() => false)]);
    assert.equal(told.length, 2);
  });

  test('is of a class that a rule is for: no department, nobody held, pending, leaving or shut', async () => {
    const { directory, clock, keeper, bring, zhang, exempt } = await openWatch();
    const make = (name: string) => directory.createAccount(`${name}@kust.edu.cn`, PASSWORD);
    await bring('工号,姓名,状态\n20050012,王五,在职');
    await bring('工号,姓名,状态\n20050012,王五,离职', { isPartial: true });
    await directory.setHold(await make('held'), '审计');
    await directory.setServiceClass(await make('student'), 'student');
    await directory.setStage(await make('pending'), 'pending');
    await directory.setStage(await make('suspended'), 'suspended');
    await directory.disableAccount(await make('disabled'));
    exempt.add(await make('archived'));
    const box = { address: 'xueyuan@kust.edu.cn', displayName: '', responsibleId: zhang, endsAt: null, purpose: '' };
    await directory.setServiceClass(await directory.createBox(box), 'staff');
    clock.advance(1000 * DAY_MS);
    const { notices } = await keeper.look();
    assert.deepEqual(
      notices.map(({ account }) => account.accountId),
      [zhang],
    );
  });

  test('is not frozen with too many others: a record that was lost closes nobody', async () => {
    const { live, directory, zhang, stageOf, keeper, log } = await openWatch();
    const li = await directory.createAccount('li@kust.edu.cn', PASSWORD);
    await live(370);
    assert.deepEqual([await stageOf(zhang), await stageOf(li)], ['active', 'active']);
    assert.ok(log.lines.some(({ level, message }) => level === 'error' && /too many/.test(message)));
    const { active, atMost, shut } = await keeper.look();
    assert.deepEqual([active, atMost, shut.length], [2, 1, 2]);
    assert.equal(await keeper.run(() => false), 0);
    assert.equal(await keeper.run(() => false, { isForced: true }), 2);
    assert.deepEqual([await stageOf(zhang), await stageOf(li)], ['frozen', 'frozen']);
  });
});

describe('a rule', () => {
  test('says what it can not be', () => {
    const troubles = [
      'department warned=150 frozen=365',
      'staff frozen=365',
      'staff warned=150',
      'staff warned=340 frozen=365',
      'staff warned=150 frozen=365 dormant=365',
      'staff warned=150 frozen=365 purged=400',
      'staff warned=1 warned=2 frozen=99',
    ];
    for (const line of troubles) assert.equal(typeof parseIdleRule(line), 'string', line);
    assert.deepEqual(parseIdleRule('alumni warned=180 dormant=365'), {
      serviceClass: 'alumni',
      warned: 180,
      shut: { stage: 'dormant', days: 365 },
      takesMailDays: null,
    });
  });
});
