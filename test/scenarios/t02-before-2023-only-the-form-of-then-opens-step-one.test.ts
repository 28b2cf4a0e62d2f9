/** domain.md T2. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOLVED, withRig } from '#activation/testing/rig.ts';

test('T2: who came in 2022 has the six characters, and no other form', () =>
  withRig(async (rig) => {
    const person = { number: '2022001', name: '李四', initialPasswords: ['kust31002X'] };
    await rig.enrol(person);
    const ask = (password: string) =>
      rig.visitor().begin({ number: person.number, name: person.name, password, captcha: SOLVED });
    assert.equal((await ask('kust31002X')).status, 200);
    const wrong = await ask('Kust1231002X');
    assert.deepEqual([wrong.status, wrong.body], [401, { error: 'noMatch' }]);
  }));
