/** domain.md T1: from 2023 on `Kust` and eight characters; the form before it is taken once, and noted (A1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOLVED, withRig } from '#activation/testing/rig.ts';

const ZHANG = { number: '2023001', name: '张三', initialPasswords: ['Kust1231002X', 'kust31002X'] };

test('T1: both forms open step one, x as well as X, and which it was is noted', () =>
  withRig(async (rig) => {
    await rig.enrol(ZHANG);
    const { number, name } = ZHANG;
    for (const password of ['Kust1231002X', 'Kust1231002x', 'kust31002X']) {
      const said = await rig.visitor().begin({ number, name, password, captcha: SOLVED });
      assert.equal(said.status, 200, password);
    }
    const forms = rig.log.lines.flatMap(({ message, fields }) =>
      message === 'an activation began' ? [(fields as { readonly form: number }).form] : [],
    );
    assert.deepEqual(forms, [0, 0, 1]);
    const wrong = await rig.visitor().begin({ number, name, password: 'KUST1231002X', captcha: SOLVED });
    assert.deepEqual([wrong.status, wrong.body], [401, { error: 'noMatch' }]);
  }));
