/** domain.md T5. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOLVED, withRig, type Rig } from '#activation/testing/rig.ts';
import { openTestStore, STORE_KINDS } from '#test/harness/stores.ts';
import type { Visitor } from '#test/harness/visitor.ts';
import type { AccountId } from '#base/ids.ts';
import { isMailError } from '#base/errors.ts';

const PASSWORD = '湖边的七只-Heron';

async function goToPassword(rig: Rig, number: string, phone: string): Promise<Visitor> {
  await rig.enrol({ number, name: '张三', initialPasswords: ['Kust1231002X'] });
  const visitor = rig.visitor();
  await visitor.begin({ number, name: '张三', password: 'Kust1231002X', captcha: SOLVED });
  await visitor.post('/activation/code', { phone });
  assert.equal((await visitor.post('/activation/phone', { phone, code: rig.lastCode() })).status, 200);
  return visitor;
}

test('T5: two at once: one is in, the other does the last step again with everything else kept', () =>
  withRig(async (rig) => {
    const visitors = [
      await goToPassword(rig, '2023001', '13800000001'),
      await goToPassword(rig, '2023002', '13800000002'),
    ];
    const answers = await Promise.all(
      visitors.map((visitor) => visitor.post('/activation/finish', { alias: 'zhang.san', password: PASSWORD })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409],
    );
    const loser = answers.findIndex(({ status }) => status === 409);
    assert.deepEqual(answers[loser]?.body, { error: 'alias', problem: 'taken', until: null });
    const visitor = visitors[loser];
    assert.ok(visitor);
    assert.equal((await visitor.get('/activation/walk')).body['step'], 'password');
    const again = await visitor.post('/activation/finish', { alias: 'san.zhang', password: PASSWORD });
    assert.equal(again.status, 200, JSON.stringify(again.body));
  }));

for (const kind of STORE_KINDS) {
  test(`T5: a hundred race for one alias, on ${kind}: exactly one has it`, async () => {
    const store = await openTestStore(kind);
    try {
      const { directory } = store;
      await directory.run('addDomain', { domain: 'stu.kust.example' });
      const racers: AccountId[] = [];
      for (let i = 0; i < 100; i++) {
        const made = await directory.run('createAccount', {
          address: `2023${i}@stu.kust.example`,
          displayName: '',
          verifier: '{none}',
          scramSha256: null,
        });
        racers.push((made as { readonly accountId: AccountId }).accountId);
      }
      const outcomes = await Promise.all(
        racers.map((accountId) =>
          directory.run('chooseAlias', { accountId, alias: 'zhang.san' }).then(
            () => 'chosen',
            (error: unknown) => {
              assert.ok(isMailError(error), String(error));
              return error.code === 'forbidden' ? error.data['fault'] : error.code;
            },
          ),
        ),
      );
      assert.equal(outcomes.filter((one) => one === 'chosen').length, 1);
      assert.deepEqual(
        new Set(outcomes.filter((one) => one !== 'chosen')).isSubsetOf(new Set(['taken', 'alreadyExists'])),
        true,
      );
    } finally {
      await store.close();
    }
  });
}
