import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRandom } from '#base/random.ts';
import type { SignInAttempt, SignInLimits } from '#directory/sign-in-limits.ts';
import { ImpatientClock, RecordingLog } from '#directory/testing/campus.ts';
import { readConfig } from './config.ts';
import { askForGuesses, GuessWindow, keepGuesses, type GuessCall } from './guesses.ts';

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
