import { DAY_MS } from '#base/clock.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import { MAX_ANSWERED, MAX_VACATION_TEXT_LENGTH } from './limits.ts';
import { openCampus as openEmptyCampus, PASSWORD } from './testing/campus.ts';
import type { AccountId, VacationRow } from './types.ts';

async function openCampus() {
  const { clock, directory } = await openEmptyCampus();
  const li = await directory.createAccount('li@kust.edu.cn', PASSWORD);
  const row: VacationRow = {
    accountId: li,
    isEnabled: true,
    subject: '',
    insideText: '我在休假。',
    outsideText: null,
    from: null,
    until: null,
    days: 7,
  };
  const set = (patch: Partial<VacationRow> = {}): Promise<void> => directory.setVacation({ ...row, ...patch });
  const claim = async (sender: string): Promise<boolean> => {
    const [vacation = assert.fail()] = await directory.vacations([li]);
    return directory.claimAnswer(vacation, sender, clock.now());
  };
  return { clock, directory, li, row, set, claim };
}

test('a sender is answered once in the period, and anew once the words are set again', async () => {
  const { clock, directory, li, row, set, claim } = await openCampus();
  assert.deepEqual(await directory.vacations([li]), []);
  await set();
  assert.deepEqual(await directory.vacations([li]), [row]);
  assert.deepEqual(await Promise.all(['a@b.example', 'a@b.example', 'c@b.example'].map(claim)), [true, false, true]);
  clock.advance(7 * DAY_MS - 1);
  assert.equal(await claim('a@b.example'), false);
  clock.advance(1);
  assert.equal(await claim('a@b.example'), true);
  assert.equal(await claim('a@b.example'), false);
  await set({ insideText: 'I am away.' });
  assert.equal(await claim('a@b.example'), true);
});

test('nobody is answered before it begins, after it ends, or once it was ended; the words stay', async () => {
  const { clock, directory, li, row, set, claim } = await openCampus();
  const from = clock.now() + DAY_MS;
  await set({ from, until: from + DAY_MS });
  assert.equal(await claim('a@b.example'), false);
  clock.advance(DAY_MS);
  assert.equal(await claim('a@b.example'), true);
  clock.advance(DAY_MS);
  assert.equal(await claim('c@b.example'), false);
  await set();
  assert.equal(await directory.endVacation(li), true);
  assert.equal(await directory.endVacation(li), false);
  assert.deepEqual(await directory.vacations([li]), [{ ...row, isEnabled: false }]);
  assert.equal(await claim('c@b.example'), false);
});

test('an account that has answered very many is silent, and answers are forgotten', async () => {
  const { clock, directory, set, claim } = await openCampus();
  await set();
  for (let i = 0; i < MAX_ANSWERED; i++) assert.equal(await claim(`a${i}@b.example`), true);
  assert.equal(await claim('one.more@b.example'), false);
  clock.advance(1);
  assert.equal(await directory.forgetAnswers(clock.now(), 2), 2);
  assert.equal(await claim('one.more@b.example'), true);
  assert.equal(await directory.forgetAnswers(clock.now(), 2 * MAX_ANSWERED), MAX_ANSWERED - 2);
});

test('what is no vacation is refused', async () => {
  const { set } = await openCampus();
  for (const patch of [
    { subject: 'a\r\nBcc: b' },
    { subject: 'x'.repeat(151) },
    { insideText: null },
    { insideText: ' \n' },
    { outsideText: 'x'.repeat(MAX_VACATION_TEXT_LENGTH + 1) },
    { from: 2, until: 2 },
    { days: 0 },
    { days: 31 },
    { days: 1.5 },
  ])
    await assert.rejects(set(patch), (error) => isMailError(error, 'invalid'), JSON.stringify(patch));
  await assert.rejects(set({ accountId: 99 as AccountId }), (error) => isMailError(error, 'notFound'));
});
