import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { RosterRunId } from '#directory/types.ts';
import { CHANGES_KEPT_DAYS } from './limits.ts';
import { identityNumber } from './testing/lists.ts';
import { openRegistry } from './testing/registry.ts';
import type { Registry } from './testing/registry.ts';

const HEADER = '学工号,姓名,人员类别,学院,入学年月,状态,证件号,原学号';
const row = (number: number | string, name: string, more = ',,'): string =>
  `${number},${name},本科生,信息学院,2024-09,${more}`;
const list = (...rows: string[]): string => [HEADER, ...rows].join('\n');
/** A class of 120, so that two may leave. */
const classOf = (from = 0, to = 120): string[] =>
  Array.from({ length: to - from }, (_, i) => row(2024000 + from + i, '张三', `在读,${identityNumber(from + i)},`));

async function accountOf({ directory }: Registry, number: string): Promise<AccountId> {
  const person = await directory.findPerson(number);
  assert.ok(typeof person?.accountId === 'number', `${number} has an account`);
  return person.accountId;
}

async function stageOf(registry: Registry, number: string): Promise<string | undefined> {
  return (await registry.directory.account(await accountOf(registry, number)))?.stage;
}

describe('a list of people', () => {
  test('gives everybody an account; the same list again changes nothing', async () => {
    const registry = await openRegistry();
    const { directory, roster } = registry;
    const csv = list(...classOf(0, 3), `0012,李四,教师,教务处,2010,在职,${identityNumber(501)},`);
    const { counts } = await registry.bring(csv);
    assert.deepEqual(counts, { added: 4, changed: 0, closed: 0, returned: 0 });
    const addresses = await directory.addressesOf(await accountOf(registry, '2024000'));
    assert.deepEqual(
      addresses.map(({ localPart, domain }) => `${localPart}@${domain}`),
      ['2024000@stu.kust.edu.cn'],
    );
    assert.equal(await stageOf(registry, '2024000'), 'pending', 'students activate');
    assert.equal(await stageOf(registry, '0012'), 'active', 'staff need not');
    const again = await roster.plan(await roster.readFile(Buffer.from(csv)), false);
    assert.deepEqual([again.changes, again.unchanged], [[], 4]);
  });

  test('tells what changed, and the account is renamed with its owner', async () => {
    const registry = await openRegistry();
    await registry.bring(list(row(1, '张三', '在读,,'), row(2, '李四')));
    const plan = await registry.roster.plan(
      await registry.roster.readFile(Buffer.from(list(row(1, '张珊', '休学,,'), row(2, '李四')))),
      false,
    );
    assert.deepEqual(plan.shown, [
      { kind: 'changed', number: '1', name: '张珊', facts: ['name: 张三 > 张珊', 'status: enrolled > on-leave'] },
    ]);
    await registry.roster.apply(plan, { source: '', sourceHash: '', actor: '' });
    assert.equal((await registry.directory.account(await accountOf(registry, '1')))?.displayName, '张珊');
  });

  test('what it has no column for stays', async () => {
    const registry = await openRegistry();
    await registry.bring(list(row(1, '张三', '休学,,')));
    await registry.bring('学号,姓名\n1,张三');
    const person = await registry.directory.findPerson('1');
    assert.deepEqual([person?.unit, person?.enrolled, person?.status], ['信息学院', 202409, 'on-leave']);
  });

  test('a corrected identity number makes a new initial password, until somebody has set one', async () => {
    const registry = await openRegistry();
    const { directory } = registry;
    const verifier = async (): Promise<string | undefined> =>
      (await registry.store.reader.credentialsOf(await accountOf(registry, '1')))[0]?.verifier;
    await registry.bring(list(row(1, '张三', `在读,${identityNumber(1)},`)));
    const first = await verifier();
    await registry.bring(list(row(1, '张三', `在读,${identityNumber(2)},`)));
    const second = await verifier();
    assert.notEqual(second, first);
    assert.equal(registry.hasher.matchInitial(second ?? '', `Kust${identityNumber(2).slice(-8)}`), 0);
    await directory.setPassword(await accountOf(registry, '1'), 'Mine-alone-2026');
    const own = await verifier();
    await registry.bring(list(row(1, '张三', `在读,${identityNumber(3)},`)));
    assert.equal(await verifier(), own);
  });

  test('an account of before the roster is theirs by its address; an alias is not', async () => {
    const registry = await openRegistry();
    const { directory, roster } = registry;
    const legacy = await directory.createAccount('0012@kust.edu.cn', 'Some-password-1');
    await directory.addAlias(registry.zhang, '0013@kust.edu.cn');
    const plan = await roster.plan(await roster.readFile(Buffer.from('工号,姓名\n0012,李四\n0013,王五')), false);
    assert.deepEqual(plan.troubles, [{ row: 3, number: '0013', kind: 'addressTaken' }]);
    await roster.apply(plan, { source: '', sourceHash: '', actor: '' });
    assert.equal(await accountOf(registry, '0012'), legacy);
  });

  test('who studies on keeps the mailbox under both numbers; who becomes staff gets another (A20)', async () => {
    const registry = await openRegistry();
    await registry.bring(list(row(2020001, '张三')));
    await registry.bring(list(row(2020001, '张三', '毕业,,'), row(2024001, '张三', '在读,,2020001')), {
      isForced: true,
    });
    const account = await accountOf(registry, '2020001');
    assert.equal(await accountOf(registry, '2024001'), account);
    assert.equal((await registry.directory.findAddress('2024001@stu.kust.edu.cn'))?.accountId, account);
    assert.equal((await registry.store.reader.life(account))?.leftAt ?? null, null, 'they are still here');
    await registry.bring('工号,姓名,原学号\n0099,张三,2024001', { isPartial: true });
    assert.notEqual(await accountOf(registry, '0099'), account);
  });

  test('who is known only after they left gets no mailbox', async () => {
    const registry = await openRegistry();
    await registry.bring(list(row(1, '张三', '毕业,,')));
    assert.equal((await registry.directory.findPerson('1'))?.accountId, null);
  });

  test('A3: a password of the number alone means activation, for staff too', async () => {
    const registry = await openRegistry();
    await registry.bring('工号,姓名,证件类型,证件号\n20200119,A. Smith,护照,E1234567');
    assert.equal(await stageOf(registry, '20200119'), 'pending');
  });
});

describe('the guard', () => {
  test('refuses to close more than two in a hundred: a list that was cut', async () => {
    const registry = await openRegistry();
    await registry.bring(list(...classOf()));
    await assert.rejects(registry.bring(list(...classOf(0, 60))), (error) => isMailError(error, 'forbidden'));
    assert.equal((await registry.directory.findPerson('2024119'))?.status, 'enrolled');
    const { counts } = await registry.bring(list(...classOf(2)));
    assert.equal(counts.closed, 2);
    assert.equal((await registry.directory.findPerson('2024000'))?.status, 'gone');
    assert.equal((await registry.bring(list(...classOf(0, 60)), { isForced: true })).counts.closed, 60);
  });

  test('of a list of some judges by all people, not by those on it', async () => {
    const registry = await openRegistry();
    await registry.bring(list(...classOf()));
    const graduates = (count: number): string =>
      list(...Array.from({ length: count }, (_, i) => row(2024000 + i, '张三', '毕业,,')));
    const { roster } = registry;
    const plan = async (count: number) => roster.plan(await roster.readFile(Buffer.from(graduates(count))), true);
    assert.equal(roster.guard(await plan(2)), undefined);
    assert.deepEqual(roster.guard(await plan(3)), { closes: 3, atMost: 2 });
  });

  test('nobody has left who is on the list with an error, is of another kind, or by a list of some', async () => {
    const registry = await openRegistry();
    await registry.bring(list(...classOf(0, 5), `0012,李四,教师,教务处,2010,在职,,`));
    const { roster } = registry;
    const broken = list(row(2024000, '刘?'), ...classOf(1, 4));
    const plan = await roster.plan(await roster.readFile(Buffer.from(broken)), false);
    assert.deepEqual(
      plan.shown.map(({ number, kind }) => [number, kind]),
      [['2024004', 'closed']],
    );
    const some = await roster.plan(await roster.readFile(Buffer.from(list(...classOf(0, 1)))), true);
    assert.deepEqual(some.changes, []);
  });
});

describe('leaving and coming back', () => {
  test('days are counted from the end of studies, and forgotten when somebody returns', async () => {
    const registry = await openRegistry();
    const { store, clock } = registry;
    await registry.bring('学号,姓名,状态,预计毕业\n1,张三,在读,2019-12-31');
    const account = await accountOf(registry, '1');
    await registry.directory.setStage(account, 'active');
    await registry.bring('学号,姓名,状态,预计毕业\n1,张三,毕业,2019-12-31');
    const life = await store.reader.life(account);
    assert.deepEqual(life, {
      accountId: account,
      leftAt: Date.parse('2020-01-01T00:00+08:00'),
      stageBefore: 'active',
      doneUpTo: clock.now(),
      nextAt: clock.now(),
      hold: '',
    });
    await registry.directory.setStage(account, 'receive-only');
    const { counts } = await registry.bring('学号,姓名,状态\n1,张三,在读');
    assert.equal(counts.returned, 1);
    assert.equal(await stageOf(registry, '1'), 'active');
    assert.equal((await store.reader.life(account))?.nextAt, null);
  });
});

describe('a run', () => {
  test('is recorded, and undone: accounts go, people are what they were', async () => {
    const registry = await openRegistry();
    const { roster, directory } = registry;
    await registry.bring(list(row(1, '张三'), row(2, '李四')));
    const before = await directory.findPerson('1');
    const opened = await registry.bring(list(row(1, '张珊'), row(3, '王五')), { isForced: true });
    assert.deepEqual(opened.counts, { added: 1, changed: 1, closed: 1, returned: 0 });
    const added = await accountOf(registry, '3');
    assert.equal(registry.mailboxes.has(added), true);
    const [last] = await roster.runs(10);
    assert.equal(last?.runId, opened.runId);
    assert.ok(last?.endedAt !== null);
    assert.equal((await roster.changesOf(opened.runId, 10)).length, 3);

    const undone = await roster.undo(opened.runId);
    assert.deepEqual(undone, { undone: 3, kept: [], closed: 1 });
    assert.equal(registry.mailboxes.has(added), false);
    assert.deepEqual(await directory.findPerson('1'), before);
    assert.equal((await directory.findPerson('2'))?.status, 'enrolled');
    assert.equal(await directory.findPerson('3'), undefined);
    assert.equal(await directory.findAddress('3@stu.kust.edu.cn'), undefined);
    assert.equal((await store(registry, '2'))?.leftAt, null);
    await assert.rejects(roster.undo(opened.runId), (error) => isMailError(error, 'forbidden'));
  });

  const store = async (registry: Registry, number: string) =>
    registry.store.reader.life(await accountOf(registry, number));

  test('leaves alone who was changed since, or has begun to use the account', async () => {
    const registry = await openRegistry();
    const { runId } = await registry.bring(list(row(1, '张三'), row(2, '李四'), row(3, '王五')));
    await registry.directory.setPassword(await accountOf(registry, '1'), 'Mine-alone-2026');
    await registry.bring(list(row(2, '李思')), { isPartial: true });
    const { undone, kept } = await registry.roster.undo(runId);
    assert.deepEqual([undone, kept.toSorted()], [1, ['1', '2']]);
  });

  test('cannot be undone for ever, and its details are forgotten', async () => {
    const registry = await openRegistry();
    const { runId } = await registry.bring(list(row(1, '张三')));
    registry.clock.advance((CHANGES_KEPT_DAYS + 1) * DAY_MS);
    await assert.rejects(registry.roster.undo(runId), (error) => isMailError(error, 'forbidden'));
    await assert.rejects(registry.roster.undo(99 as RosterRunId), (error) => isMailError(error, 'notFound'));
    await registry.roster.tidy();
    assert.deepEqual(await registry.roster.changesOf(runId, 10), []);
    assert.equal((await registry.roster.run(runId))?.counts.added, 1);
  });

  test('two that were worked out on the same state: the later one passes over what the first changed', async () => {
    const registry = await openRegistry();
    const { roster } = registry;
    await registry.bring(list(row(1, '张三')));
    const plan = async (name: string) => roster.plan(await roster.readFile(Buffer.from(list(row(1, name)))), false);
    const [a, b] = [await plan('甲'), await plan('乙')];
    const source = { source: '', sourceHash: '', actor: '' };
    await roster.apply(a, source);
    assert.deepEqual((await roster.apply(b, source)).passedOver, ['1']);
    assert.equal((await registry.directory.findPerson('1'))?.name, '甲');
  });
});
