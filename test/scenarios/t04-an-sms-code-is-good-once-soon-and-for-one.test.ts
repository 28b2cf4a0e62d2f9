/** domain.md T4. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOLVED, withRig, type Rig } from '#activation/testing/rig.ts';
import type { Visitor } from '#test/harness/visitor.ts';

const PHONE = '13800001234';

async function begin(rig: Rig, number: string): Promise<Visitor> {
  await rig.enrol({ number, name: '张三', initialPasswords: ['Kust1231002X'] });
  const visitor = rig.visitor();
  const said = await visitor.begin({ number, name: '张三', password: 'Kust1231002X', captcha: SOLVED });
  assert.equal(said.status, 200);
  return visitor;
}

test('T4: replayed, expired, for another number, for another session: refused', () =>
  withRig(async (rig) => {
    const [visitor, other] = [await begin(rig, '2023001'), await begin(rig, '2023002')];
    const prove = async (who: Visitor, code: string, phone = PHONE): Promise<unknown> =>
      (await who.post('/activation/phone', { phone, code })).body.error ?? 'right';
    const send = async (): Promise<string> => {
      rig.clock.advance(60_000);
      assert.equal((await visitor.post('/activation/code', { phone: PHONE })).status, 200);
      return rig.lastCode();
    };

    const code = await send();
    assert.equal(await prove(visitor, code, '13900001234'), 'codeExpired');
    assert.equal(await prove(other, code), 'codeExpired');
    assert.equal(await prove(visitor, code), 'right');
    assert.equal(await prove(visitor, code), 'codeExpired');
    const late = await send();
    rig.clock.advance(5 * 60_000);
    assert.equal(await prove(visitor, late), 'codeExpired');
    const guessed = await send();
    const wrong = guessed === '000000' ? '000001' : '000000';
    for (let tries = 1; tries < 5; tries++) assert.equal(await prove(visitor, wrong), 'wrongCode');
    assert.equal(await prove(visitor, wrong), 'codeExpired');
    assert.equal(await prove(visitor, guessed), 'codeExpired');
  }));

test('T4: the sixth SMS within an hour is refused with the time to wait', () =>
  withRig(async (rig) => {
    const visitor = await begin(rig, '2023001');
    for (let sent = 0; sent < 5; sent++) {
      assert.equal((await visitor.post('/activation/code', { phone: PHONE })).status, 200);
      const soon = await visitor.post('/activation/code', { phone: PHONE });
      if (sent === 0) assert.deepEqual([soon.status, soon.body.retryAfter], [429, 60]);
      rig.clock.advance(60_000);
    }
    const sixth = await visitor.post('/activation/code', { phone: PHONE });
    assert.equal(sixth.status, 429);
    assert.deepEqual(sixth.body, { error: 'smsTooOften', retryAfter: 55 * 60 });
    assert.equal(sixth.headers.get('retry-after'), String(55 * 60));
    assert.equal(rig.messages.length, 5);
    // The number's, whoever asks.
    const other = await begin(rig, '2023002');
    assert.equal((await other.post('/activation/code', { phone: PHONE })).status, 429);
  }));
