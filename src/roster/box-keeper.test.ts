import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { PASSWORD } from '#directory/testing/campus.ts';
import { BoxKeeper } from './box-keeper.ts';
import { openRegistry } from './testing/registry.ts';

interface Rules {
  readonly vacantDays?: number | null;
  readonly asksInDecember?: boolean;
}

async function openOffice({ vacantDays = 30, asksInDecember = false }: Rules = {}) {
  const registry = await openRegistry();
  const { store, directory, clock, log, bring } = registry;
  const told: { readonly accountId: AccountId; readonly text: string }[] = [];
  const noted: (number | null)[] = [];
  const keeper = new BoxKeeper({
    store,
    vacantDays,
    asksInDecember,
    tell: async (accountId, { text }) => void told.push({ accountId, text }),
    onVacant: (_, vacantUntil) => void noted.push(vacantUntil),
    clock,
    log,
  });
  const list = (status: string) => bring(`工号,姓名,状态\n20050012,王五,${status}`, { isPartial: true });
  await list('在职');
  const wang = (await directory.findPerson('20050012'))?.accountId as AccountId;
  const li = await directory.createAccount('li@kust.edu.cn', PASSWORD);
  const facts = { displayName: '教务处', endsAt: null, purpose: '' };
  const box = await directory.createBox({ address: 'jwc@kust.edu.cn', responsibleId: wang, ...facts });
  await directory.setDelegation(box, li, ['read'], 'test');
  const run = (): Promise<void> => keeper.run(() => false);
  const isOpenToLi = async (): Promise<boolean> => (await directory.share(box, li)) !== undefined;
  return { ...registry, told, noted, run, wang, li, box, isOpenToLi, list };
}

describe('a box whose person has left', () => {
  test('is told to its others, and opened by nobody after so many days', async () => {
    const { told, noted, run, li, box, isOpenToLi, list, clock, directory } = await openOffice();
    await run();
    assert.deepEqual([told, noted], [[], []]);
    await list('离职');
    await Promise.all([run(), run()]);
    assert.deepEqual(
      told.map(({ accountId }) => accountId),
      [li],
    );
    assert.match(told[0]?.text ?? '', /before 16 October 2019 /);
    assert.deepEqual(noted, [clock.now() + 30 * DAY_MS]);
    clock.advance(30 * DAY_MS - 1);
    await run();
    assert.equal(await isOpenToLi(), true);
    clock.advance(1);
    assert.equal(await isOpenToLi(), false);
    assert.equal((await directory.resolveAddress('jwc@kust.edu.cn')).kind, 'account', 'its mail is taken');
    await directory.updateBox({ accountId: box, responsibleId: li });
    assert.equal(await isOpenToLi(), true);
    await run();
    assert.equal(told.length, 1);
  });

  test('is as it was when they come back, or their account is opened again', async () => {
    const { noted, run, wang, isOpenToLi, list, clock, directory } = await openOffice();
    await list('离职');
    await run();
    await list('在职');
    await run();
    await directory.disableAccount(wang);
    await run();
    await directory.enableAccount(wang);
    await run();
    assert.deepEqual(
      noted.map((until) => until !== null),
      [true, false, true, false],
    );
    clock.advance(100 * DAY_MS);
    assert.equal(await isOpenToLi(), true);
  });

  test('may be one whose account is gone; and nothing comes of it where no days are set', async () => {
    const office = await openOffice();
    await office.directory.deleteAccount(office.wang);
    await office.run();
    assert.equal(office.noted.length, 1);
    const lax = await openOffice({ vacantDays: null, asksInDecember: true });
    await lax.directory.deleteAccount(lax.wang);
    await lax.run();
    assert.deepEqual([lax.noted, lax.told], [[], []]);
  });
});

test('once each December it is asked whether a box is needed, unless that was said in it', async () => {
  const { told, run, wang, box, clock, directory } = await openOffice({ asksInDecember: true });
  const goTo = (iso: string): void => clock.advance(Date.parse(iso) - clock.now());
  goTo('2019-12-01T00:00:00+08:00');
  clock.advance(-1);
  await run();
  assert.equal(told.length, 0);
  clock.advance(1);
  await Promise.all([run(), run()]);
  assert.deepEqual(
    told.map(({ accountId }) => accountId),
    [wang],
  );
  assert.match(told[0]?.text ?? '', /20050012@kust\.edu\.cn\n {2}li@kust\.edu\.cn|li@kust\.edu\.cn\n {2}20050012@/);
  goTo('2020-02-01T00:00:00+08:00');
  await run();
  goTo('2020-12-02T00:00:00+08:00');
  await directory.updateBox({ accountId: box, isReviewed: true });
  await run();
  assert.equal(told.length, 1);
  goTo('2021-12-31T23:00:00+08:00');
  await run();
  assert.equal(told.length, 2);
});
