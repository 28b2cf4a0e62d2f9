/** domain.md T3. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOLVED, withRig, type Rig } from '#activation/testing/rig.ts';
import type { Said } from '#test/harness/visitor.ts';

const ZHANG = { number: '2023001', name: '张三', initialPasswords: ['Kust1231002X'] };
const RIGHT = { number: ZHANG.number, name: ZHANG.name, password: 'Kust1231002X', captcha: SOLVED };

const WRONG = {
  name: { ...RIGHT, name: '张珊' },
  number: { ...RIGHT, number: '2023999' },
  password: { ...RIGHT, password: 'Kust12310021' },
  captcha: { ...RIGHT, captcha: 'guessed' },
};

function sayable({ status, body, headers }: Said): unknown {
  return { status, body, headers: [...headers].filter(([name]) => name !== 'date') };
}

/** How long the answer was held back, by the rig's clock. */
async function held(rig: Rig, given: typeof RIGHT): Promise<{ readonly said: Said; readonly ms: number }> {
  rig.clock.delaysMs.length = 0;
  const said = await rig.visitor().begin(given);
  return { said, ms: rig.clock.delaysMs.filter((ms) => ms >= 500).reduce((sum, ms) => sum + ms, 0) };
}

test('T3: name, number, password, captcha: one answer, at one time', async () => {
  const seen: unknown[] = [];
  for (const given of Object.values(WRONG)) {
    await withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const { said, ms } = await held(rig, given);
      seen.push({ ms, said: sayable(said) });
    });
  }
  for (const one of seen.slice(1)) assert.deepEqual(one, seen[0]);
});

test('T3: name, number and password cost one password check each, whether there is such a person or not', () =>
  withRig(async (rig) => {
    await rig.enrol(ZHANG);
    for (const [what, given] of Object.entries(WRONG)) {
      rig.hasher.verified.length = 0;
      await rig.visitor().begin(given);
      assert.equal(rig.hasher.verified.length, what === 'captcha' ? 0 : 1, what);
    }
  }));

for (const what of ['name', 'number', 'password'] as const) {
  test(`T3: the 11th wrong ${what} finds it locked, and so does the right one then`, () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      // The same again is not one more guess: each is another.
      const guesses = Array.from({ length: 11 }, (_, i) => ({
        name: { ...RIGHT, name: `张${String.fromCodePoint(0x5e00 + i)}` },
        number: { ...RIGHT, number: '2023999', password: `Kust0000000${i}` },
        password: { ...RIGHT, password: `Kust${10_000_000 + i}` },
      }));
      for (const [i, guess] of guesses.entries()) {
        const said = await rig.visitor().begin(guess[what]);
        assert.equal(said.body.error, i < 10 ? 'noMatch' : 'tooManyAttempts', String(i));
        if (i === 10) assert.ok((said.body.retryAfter ?? 0) > 0);
      }
      if (what === 'number') return;
      assert.equal((await rig.visitor().begin(RIGHT)).body.error, 'tooManyAttempts');
      rig.clock.advance(15 * 60_000);
      assert.equal((await rig.visitor().begin(RIGHT)).status, 200);
    }));
}
