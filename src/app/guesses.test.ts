import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { systemRandom } from '#base/random.ts';
import type { SignInAttempt, SignInLimits } from '#directory/sign-in-limits.ts';
import { ImpatientClock, RecordingLog } from '#directory/testing/campus.ts';
import { createTestDatabase } from '#test/harness/postgres.ts';
import { openPostgresStore } from '#store/open-postgres.ts';
import { readConfig } from './config.ts';
import { askForGuesses, GuessWindow, keepGuesses, shareGuesses, type GuessCall, type Guesses } from './guesses.ts';

/** Counts kept in one place, and threads that ask there by messages. */
function openThreads(count: number) {
  const config = readConfig('', 'campusmail.toml', {});
  const clock = new ImpatientClock();
  const kept = keepGuesses(config, { clock, random: systemRandom, log: new RecordingLog() });
  const threads = Array.from({ length: count }, () => {
    const window = new GuessWindow(kept);
    const ask = async (call: GuessCall): Promise<unknown> =>
      structuredClone(await window.answer(structuredClone(call)));
    return { window, guesses: askForGuesses(kept.key, ask) };
  });
  return { clock, threads };
}

const ATTEMPT: SignInAttempt = { subject: 'account 7', remoteAddress: '192.0.2.1', guess: null };

async function fail(limits: SignInLimits, attempt: Partial<SignInAttempt> = {}): Promise<string> {
  const admission = await limits.admit({ ...ATTEMPT, ...attempt });
  if (admission.verdict === 'check') await limits.settle(admission.ticket, 'failure');
  return admission.verdict;
}

describe('guesses are counted once for all threads', () => {
  for (const kind of ['passwords', 'codes'] as const) {
    test(`at ${kind}: ten, whichever thread is asked`, async () => {
      const { clock, threads } = openThreads(2);
      const verdicts: string[] = [];
      for (let i = 0; i < 12; i++) {
        const { guesses } = threads[i % 2] as (typeof threads)[number];
        verdicts.push(await fail(guesses[kind]));
      }
      assert.deepEqual(verdicts, [...Array<string>(10).fill('check'), 'limited', 'limited']);
      clock.advance(15 * 60_000);
      assert.equal(await fail(threads[0]!.guesses[kind]), 'check');
    });
  }

  test('the same wrong password is no further guess in another thread', async () => {
    const { threads } = openThreads(2);
    const [one, other] = threads.map(({ guesses }) => guesses.passwords) as [SignInLimits, SignInLimits];
    assert.equal(await fail(one, { guess: 'g' }), 'check');
    assert.equal(await fail(other, { guess: 'g' }), 'repeat');
    await other.forget(ATTEMPT.subject);
    assert.equal(await fail(one, { guess: 'g' }), 'check');
  });

  test('what a thread had begun when it died is not held against anybody', async () => {
    const { threads } = openThreads(2);
    const [{ guesses: one, window }, { guesses: other }] = threads as [(typeof threads)[0], (typeof threads)[0]];
    for (let i = 0; i < 10; i++) assert.equal((await one.codes.admit(ATTEMPT)).verdict, 'check');
    assert.equal((await other.codes.admit(ATTEMPT)).verdict, 'limited');
    const admission = await one.passwords.admit(ATTEMPT);
    assert.ok(admission.verdict === 'check');
    await one.passwords.settle(admission.ticket, 'failure');
    await window.close();
    for (let i = 0; i < 10; i++) assert.equal((await other.codes.admit(ATTEMPT)).verdict, 'check');
    // What had ended stays counted.
    for (let i = 0; i < 9; i++) assert.equal((await other.passwords.admit(ATTEMPT)).verdict, 'check');
    assert.equal((await other.passwords.admit(ATTEMPT)).verdict, 'limited');
  });

  test('failures towards a captcha, and captchas that were solved', async () => {
    const { threads } = openThreads(2);
    const [one, other] = threads.map(({ guesses }) => guesses) as [
      (typeof threads)[0]['guesses'],
      (typeof threads)[0]['guesses'],
    ];
    const pair = ['zhang', '192.0.2.1'] as const;
    assert.equal(await one.failures.needsCaptcha(...pair), false);
    for (const { failures } of [one, other]) assert.equal(await failures.add(...pair), false);
    assert.equal(await one.failures.add(...pair), true);
    assert.equal(await other.failures.needsCaptcha(...pair), true);
    await other.failures.forget(...pair);
    assert.equal(await one.failures.needsCaptcha(...pair), false);
    assert.equal(await one.solutions.spend('signature'), true);
    assert.equal(await other.solutions.spend('signature'), false);
  });
});

/** Two servers on one PostgreSQL, each with connections of its own. */
async function openServers(t: TestContext): Promise<{ clock: ImpatientClock; one: Guesses; other: Guesses }> {
  const database = await createTestDatabase();
  t.after(database.drop);
  const dataDir = mkdtempSync(join(tmpdir(), 'campusmail-guesses-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = readConfig('', 'campusmail.toml', {});
  const clock = new ImpatientClock();
  const key = systemRandom.bytes(32);
  const open = async (): Promise<Guesses> => {
    const storeClock = { now: clock.now, monotonic: clock.monotonic, after: () => () => {} };
    const store = await openPostgresStore({ url: database.url, dataDir, clock: storeClock });
    t.after(() => store.close());
    return shareGuesses(config, { store: store.guesses, key, clock, random: systemRandom, log: new RecordingLog() });
  };
  return { clock, one: await open(), other: await open() };
}

test('guesses are counted once for all servers of one PostgreSQL', async (t) => {
  const { clock, one, other } = await openServers(t);
  const both = [one, other] as const;
  const owner = { remoteAddress: '203.0.113.9' };
  const succeed = async (limits: SignInLimits, attempt: Partial<SignInAttempt>): Promise<string> => {
    const admission = await limits.admit({ ...ATTEMPT, ...attempt });
    if (admission.verdict === 'check') await limits.settle(admission.ticket, 'success');
    return admission.verdict;
  };

  await t.test('nine at one and one at the other lock the account at both, save for its owner', async () => {
    assert.equal(await succeed(one.passwords, owner), 'check');
    for (let i = 0; i < 9; i++) assert.equal(await fail(one.passwords, { guess: `g${i}` }), 'check');
    assert.equal(await fail(other.passwords, { guess: 'g0' }), 'repeat');
    assert.equal(await fail(other.passwords, { guess: 'g9' }), 'check');
    for (const { passwords } of both) assert.equal(await succeed(passwords, {}), 'limited');
    assert.equal(await succeed(other.passwords, owner), 'check');
    assert.equal(await fail(one.codes), 'check');
    await other.passwords.forget(ATTEMPT.subject);
    assert.equal(await succeed(one.passwords, {}), 'check');
  });

  await t.test('guesses that come to both in one instant are not more', async () => {
    const admit = (_: unknown, i: number) =>
      both[i % 2]!.passwords.admit({ ...ATTEMPT, subject: 'account 8', guess: `g${i}` });
    const admissions = await Promise.all(Array.from({ length: 24 }, admit));
    assert.equal(admissions.filter(({ verdict }) => verdict === 'check').length, 10);
  });

  await t.test('a right sign-in forgets what was mistyped where the account is known', async () => {
    for (let i = 0; i < 9; i++) assert.equal(await fail(both[i % 2]!.passwords, owner), 'check');
    assert.equal(await succeed(other.passwords, owner), 'check');
    for (let i = 0; i < 9; i++) assert.equal(await fail(one.passwords, owner), 'check');
  });

  await t.test('a range that sprays at both is closed at both', async () => {
    const attempt = (i: number) => ({ subject: `name ${i}`, remoteAddress: `198.51.100.${i}` });
    for (let i = 0; i < 50; i++) assert.equal(await fail(both[i % 2]!.passwords, attempt(i)), 'check');
    for (const { passwords } of both) assert.equal(await fail(passwords, attempt(99)), 'limited');
    clock.advance(15 * 60_000);
    for (const { passwords } of both) assert.equal(await fail(passwords, attempt(99)), 'check');
  });

  await t.test('failures towards a captcha, and a captcha that was solved', async () => {
    const pair = ['zhang', '192.0.2.1'] as const;
    assert.equal(await one.failures.needsCaptcha(...pair), false);
    for (const { failures } of both) assert.equal(await failures.add(...pair), false);
    assert.equal(await one.failures.add(...pair), true);
    assert.equal(await other.failures.needsCaptcha('ZHANG', '192.0.2.1'), true);
    assert.equal(await other.failures.needsCaptcha('li', '192.0.2.1'), false);
    await other.failures.forget(...pair);
    assert.equal(await one.failures.needsCaptcha(...pair), false);
    // The network's count stays: fifteen at whatever names.
    for (let i = 3; i < 15; i++) await both[i % 2]!.failures.add(`name ${i}`, '192.0.2.1');
    for (const { failures } of both) assert.equal(await failures.needsCaptcha('wang', '192.0.2.1'), true);
    clock.advance(15 * 60_000);
    assert.equal(await other.failures.needsCaptcha('wang', '192.0.2.1'), false);

    const spent = await Promise.all([one.solutions.spend('signature'), other.solutions.spend('signature')]);
    assert.deepEqual(spent.toSorted(), [false, true]);
    assert.equal(await one.solutions.spend('signature'), false);
    assert.equal(await other.solutions.spend('another'), true);
  });
});
