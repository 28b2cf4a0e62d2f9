/** What every SignInLimits promises, as tests; called for those in memory and those in a store. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultSignInLimits, type SignInLimits, type SignInLimitSettings } from '#directory/sign-in-limits.ts';
import { ImpatientClock, RecordingLog } from '#directory/testing/campus.ts';

const HOME = '192.0.2.1';
const CAFE = '198.51.100.1';
const MINUTE_MS = 60_000;

export interface LimitsParts {
  readonly clock: ImpatientClock;
  readonly log: RecordingLog;
  readonly settings: SignInLimitSettings;
}

/** Of ranges, for those to which every attempt is several statements. */
const SMALL = { maxFailuresPerRange: 20, maxSubjectsPerRange: 10 };

/** `open`: with nothing counted. `servers`: how many take turns in what it opens; of several the budgets are small. */
export function signInLimitsContract(
  name: string,
  open: (parts: LimitsParts) => Promise<SignInLimits>,
  servers = 1,
): void {
  describe(`SignInLimits contract: ${name}`, () => {
    const budgets = { ...defaultSignInLimits, ...(servers === 1 ? {} : SMALL) };
    const { maxFailuresPerRange, maxSubjectsPerRange } = budgets;
    async function openLimits(settings: Partial<SignInLimitSettings> = {}) {
      const clock = new ImpatientClock();
      const log = new RecordingLog();
      const limits = await open({ clock, log, settings: { ...budgets, ...settings } });
      let lastGuess = 0;
      /** One attempt from admission to its end: the verdict, or the delay after a failure. */
      const attempt = async (
        subject: string,
        remoteAddress: string,
        outcome: 'success' | 'failure' | 'unchecked',
        guess: string | null = `guess ${++lastGuess}`,
      ): Promise<string> => {
        const admission = await limits.admit({ subject, remoteAddress, guess });
        if (admission.verdict === 'limited') return `limited ${admission.retryAfterMs / 1000}s`;
        if (admission.verdict === 'repeat') return `repeat ${admission.delayMs}`;
        return String((await limits.settle(admission.ticket, outcome)).delayMs);
      };
      const fail = (subject: string, remoteAddress: string) => attempt(subject, remoteAddress, 'failure');
      const succeed = (subject: string, remoteAddress: string) => attempt(subject, remoteAddress, 'success');
      const failTimes = async (times: number, subject: string, remoteAddress: string) => {
        const answers: string[] = [];
        for (let i = 0; i < times; i++) answers.push(await fail(subject, remoteAddress));
        return answers;
      };
      return { clock, log, limits, attempt, fail, succeed, failTimes };
    }

    test('failures get slower, the tenth locks for 15 minutes, then all starts anew', async () => {
      const { clock, log, fail, succeed, failTimes } = await openLimits();
      const answers = await failTimes(11, 'zhang', CAFE);
      assert.deepEqual(answers, [
        '0',
        '250',
        '500',
        '1000',
        '2000',
        '4000',
        '5000',
        '5000',
        '5000',
        '5000',
        'limited 900s',
      ]);
      assert.equal(await succeed('zhang', CAFE), 'limited 900s');
      assert.equal(log.lines.filter(({ message }) => message === 'sign-in locked').length, 1);
      assert.equal(await succeed('li', CAFE), '0');
      clock.advance(15 * MINUTE_MS - 1);
      assert.equal(await succeed('zhang', CAFE), 'limited 0.001s');
      clock.advance(1);
      assert.equal(await fail('zhang', CAFE), '0');
    });

    test('failures are forgotten with their window', async () => {
      const { clock, fail, failTimes } = await openLimits();
      await failTimes(9, 'zhang', CAFE);
      clock.advance(15 * MINUTE_MS);
      assert.equal(await fail('zhang', CAFE), '0');
    });

    test('nobody elsewhere can lock a user out of where they sign in from', async () => {
      const { succeed, fail, failTimes } = await openLimits();
      await succeed('zhang', HOME);
      await failTimes(10, 'zhang', CAFE);
      assert.match(await fail('zhang', CAFE), /^limited/);
      assert.equal(await succeed('zhang', HOME), '0');
      assert.equal(await succeed('zhang', '192.0.2.200'), '0');
      assert.match(await succeed('zhang', '203.0.113.1'), /^limited/);
    });

    test('a known range has a count of its own, and its lock is its own', async () => {
      const { succeed, fail, failTimes } = await openLimits();
      await succeed('zhang', HOME);
      assert.match((await failTimes(11, 'zhang', HOME)).at(-1) ?? '', /^limited/);
      assert.equal(await fail('zhang', CAFE), '0');
    });

    test('a success clears the count of its known range, and not that of strangers', async () => {
      const { succeed, fail, failTimes } = await openLimits();
      await succeed('zhang', HOME);
      await failTimes(9, 'zhang', HOME);
      await succeed('zhang', HOME);
      assert.equal(await fail('zhang', HOME), '0');
      await failTimes(9, 'zhang', CAFE);
      await succeed('zhang', HOME);
      assert.equal(await fail('zhang', CAFE), '5000');
      assert.match(await fail('zhang', CAFE), /^limited/);
    });

    test('a success from elsewhere clears nothing', async () => {
      const { succeed, fail, failTimes } = await openLimits();
      await failTimes(5, 'zhang', CAFE);
      await succeed('zhang', HOME);
      assert.equal(await fail('zhang', CAFE), '4000');
    });

    test('the same wrong password again is one guess, from wherever', async () => {
      const { attempt, fail } = await openLimits();
      assert.equal(await attempt('zhang', CAFE, 'failure', 'old'), '0');
      for (let i = 0; i < 30; i++) assert.equal(await attempt('zhang', HOME, 'failure', 'old'), 'repeat 1000');
      assert.equal(await fail('zhang', CAFE), '250');
      assert.equal(await attempt('li', CAFE, 'failure', 'old'), '0');
    });

    test('guesses under way count, or they would all pass at once', async () => {
      const { limits, attempt } = await openLimits();
      const admissions = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          limits.admit({ subject: 'zhang', remoteAddress: CAFE, guess: `guess ${i}` }),
        ),
      );
      const admitted = admissions.filter((admission) => admission.verdict === 'check');
      assert.equal(admitted.length, 10);
      for (const { ticket } of admitted) await limits.settle(ticket, 'unchecked');
      assert.equal(await attempt('zhang', CAFE, 'success'), '0');
    });

    test('what could not be checked is no failure', async () => {
      const { attempt, fail } = await openLimits();
      for (let i = 0; i < 30; i++) assert.equal(await attempt('zhang', CAFE, 'unchecked', 'same'), '0');
      assert.equal(await fail('zhang', CAFE), '0');
    });

    test('a range that sprays is closed to strangers, not to those it knows', async () => {
      const { clock, log, fail, succeed } = await openLimits();
      await succeed('zhang', CAFE);
      for (let i = 0; i < maxSubjectsPerRange; i++) assert.equal(await fail(`victim ${i}`, `198.51.100.${i}`), '0');
      assert.equal(await succeed('li', '198.51.100.77'), 'limited 900s');
      assert.equal(await succeed('zhang', '198.51.100.77'), '0');
      assert.equal(await fail('zhang', '198.51.100.77'), '0');
      assert.equal(await succeed('zhang', '198.51.100.77'), '0');
      assert.equal(await succeed('li', HOME), '0');
      assert.equal(log.lines.filter(({ message }) => message.includes('sprayed')).length, 1);
      clock.advance(15 * MINUTE_MS);
      assert.equal(await succeed('li', '198.51.100.77'), '0');
    });

    test('a range that fails often at few accounts is closed too', async () => {
      const { fail } = await openLimits();
      for (let i = 0; i < maxFailuresPerRange; i++) await fail(`victim ${Math.floor(i / 9)}`, CAFE);
      assert.match(await fail('victim 12', CAFE), /^limited/);
    });

    test('changing the /64 within a /48 helps only so far', async () => {
      const { fail } = await openLimits();
      for (let i = 0; i < 4 * maxSubjectsPerRange; i++)
        assert.equal(await fail(`victim ${i}`, `2001:db8:0:${i.toString(16)}::1`), '0');
      assert.match(await fail('victim 200', '2001:db8:0:ffff::1'), /^limited/);
      assert.equal(await fail('victim 200', '2001:db8:1::1'), '0');
    });

    test('shared networks are watched and not closed; accounts are limited there as elsewhere', async () => {
      const { log, fail, failTimes } = await openLimits({ sharedNetworks: ['198.51.100.0/24'] });
      for (let i = 0; i < 1.5 * maxFailuresPerRange; i++) assert.equal(await fail(`victim ${i}`, CAFE), '0');
      assert.equal(log.lines.filter(({ message }) => message.includes('sprayed')).length, 1);
      assert.match((await failTimes(11, 'zhang', CAFE)).at(-1) ?? '', /^limited/);
    });

    test('of the ranges an account signed in from the latest eight are known', async () => {
      const { clock, succeed, failTimes } = await openLimits();
      for (let i = 0; i < 9; i++) {
        assert.equal(await succeed('zhang', `192.0.${i}.1`), '0');
        clock.advance(1);
      }
      await failTimes(10, 'zhang', CAFE);
      assert.match(await succeed('zhang', '192.0.0.1'), /^limited/);
      for (let i = 1; i < 9; i++) assert.equal(await succeed('zhang', `192.0.${i}.1`), '0');
    });

    test('guesses under way count at a known range too', async () => {
      const { limits, succeed } = await openLimits();
      await succeed('zhang', HOME);
      const admissions = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          limits.admit({ subject: 'zhang', remoteAddress: HOME, guess: `guess ${i}` }),
        ),
      );
      const admitted = admissions.filter((admission) => admission.verdict === 'check');
      // One more for each further server.
      assert.ok(admitted.length === 10 || (servers > 1 && admitted.length <= 10 + servers), String(admitted.length));
      for (const { ticket } of admitted) await limits.settle(ticket, 'failure');
      assert.match(await succeed('zhang', HOME), /^limited/);
    });

    test('loopback is limited unless set otherwise', async () => {
      assert.match((await (await openLimits()).failTimes(11, 'zhang', '127.0.0.1')).at(-1) ?? '', /^limited/);
      const free = await openLimits({ exemptLoopback: true });
      assert.deepEqual(new Set(await free.failTimes(30, 'zhang', '::1')), new Set(['0']));
      assert.match((await free.failTimes(11, 'zhang', CAFE)).at(-1) ?? '', /^limited/);
    });

    test('a changed account starts anew everywhere', async () => {
      const { limits, fail, succeed, failTimes } = await openLimits();
      await succeed('zhang', HOME);
      await failTimes(10, 'zhang', HOME);
      await failTimes(10, 'zhang', CAFE);
      await limits.forget('zhang');
      assert.equal(await fail('zhang', HOME), '0');
      assert.equal(await fail('zhang', CAFE), '0');
    });
  });
}
