/** domain.md T19: binding, releasing, binding anew; recovery by telephone; the same answers for accounts that are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { SOLVED, withRig, type Rig } from '#activation/testing/rig.ts';
import type { Said, Visitor } from '#test/harness/visitor.ts';

const OLD_PASSWORD = '湖边的七只-Heron';
const NEW_PASSWORD = '山上的九棵-Cedar';
const PHONE = '13800001234';

/** A student who has activated and is signed in. */
async function activate(
  rig: Rig,
  number = '2023001',
  alias = 'zhang.san',
): Promise<{ readonly accountId: AccountId; readonly visitor: Visitor }> {
  const accountId = await rig.enrol({ number, name: '张三', initialPasswords: ['Kust1231002X'] });
  const visitor = rig.visitor();
  await visitor.begin({ number, name: '张三', password: 'Kust1231002X', captcha: SOLVED });
  await visitor.post('/activation/code', { phone: PHONE });
  await visitor.post('/activation/phone', { phone: PHONE, code: rig.lastCode() });
  const done = await visitor.post('/activation/finish', { alias, password: OLD_PASSWORD });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  rig.clock.advance(60_000);
  return { accountId, visitor };
}

test('T19: recovery ends all sessions and what else opened the account, and its owner is told', () =>
  withRig(async (rig) => {
    const { accountId, visitor } = await activate(rig);
    const stranger = rig.visitor();
    const begun = await stranger.post('/recovery/begin', { login: 'ZHANG.SAN', captcha: SOLVED });
    assert.deepEqual([begun.status, begun.body['phone'], begun.body['step']], [200, '138****1234', 'phone']);
    assert.equal((await stranger.post('/recovery/finish', { password: NEW_PASSWORD })).body.error, 'stale');
    assert.equal((await stranger.post('/recovery/code')).status, 200);
    assert.equal((await stranger.post('/recovery/phone', { code: rig.lastCode() })).body['step'], 'password');
    assert.equal((await stranger.post('/recovery/finish', { password: 'zhang.san' })).body.error, 'password');
    const clientPassword = await rig.directory.makeClientPassword(accountId, '手机', ['imap']);
    let isRevoked = false;
    rig.directory.watchSignIn(accountId, () => (isRevoked = true));
    const opens = (password: string) =>
      rig.directory.signIn({ login: 'zhang.san', password, protocol: 'imap', remoteAddress: '192.0.2.1' });
    assert.equal((await opens(clientPassword)).ok, true);
    assert.equal((await stranger.post('/recovery/finish', { password: NEW_PASSWORD })).status, 204);

    assert.equal((await visitor.get('/auth/session')).status, 401);
    assert.equal((await rig.sessions.list(accountId)).length, 0);
    assert.equal(isRevoked, true);
    const by = async (password: string): Promise<boolean> => (await opens(password)).ok;
    assert.deepEqual([await by(OLD_PASSWORD), await by(clientPassword), await by(NEW_PASSWORD)], [false, false, true]);
    assert.equal(rig.messages.at(-1)?.template, 'passwordChanged');
    assert.deepEqual(
      rig.notices.map(({ notice }) => notice.subject),
      ['邮箱密码已重设 / Your password was set anew'],
    );
    assert.equal((await stranger.get('/recovery/walk')).status, 404);
  }));

test('T19: an account that was frozen since nobody used it is open again', () =>
  withRig(async (rig) => {
    const { accountId } = await activate(rig);
    await rig.directory.setStage(accountId, 'frozen');
    const signIn = (password: string) =>
      rig.directory.signIn({
        login: 'zhang.san',
        password,
        protocol: 'http',
        isForm: true,
        remoteAddress: '192.0.2.1',
      });
    const told = await signIn(OLD_PASSWORD);
    assert.equal(told.ok ? '' : told.reason, 'frozen');
    const owner = rig.visitor();
    await owner.post('/recovery/begin', { login: 'zhang.san', captcha: SOLVED });
    await owner.post('/recovery/code');
    await owner.post('/recovery/phone', { code: rig.lastCode() });
    assert.equal((await rig.directory.account(accountId))?.stage, 'frozen');
    assert.equal((await owner.post('/recovery/finish', { password: NEW_PASSWORD })).status, 204);
    assert.equal((await signIn(NEW_PASSWORD)).ok, true);
  }));

test('T19: for an account that is none, has no telephone, waits or is suspended, the same is said and nothing sent', () =>
  withRig(async (rig) => {
    await activate(rig);
    await rig.enrol({ number: '2023002', name: '李四', initialPasswords: ['Kust1231002X'] });
    const withoutPhone = await rig.directory.createAccount('2023003@stu.kust.example', OLD_PASSWORD);
    assert.equal(await rig.selfService.phoneOf(withoutPhone), undefined);
    const { accountId: suspended } = await activate(rig, '2023004', '');
    await rig.directory.setStage(suspended, 'suspended');
    const sentBefore = rig.messages.length;

    const walk = async (login: string): Promise<readonly unknown[]> => {
      const visitor = rig.visitor();
      rig.clock.delaysMs.length = 0;
      const said: Said[] = [await visitor.post('/recovery/begin', { login, captcha: SOLVED })];
      const phone = said[0]?.body['phone'];
      assert.match(String(phone), /^1[3-9]\d\*{4}\d{4}$/);
      // The same number for the same name, however often one asks.
      const again = await rig.visitor().post('/recovery/begin', { login: login.toUpperCase(), captcha: SOLVED });
      assert.equal(again.body['phone'], phone);
      said.push(await visitor.post('/recovery/code'), await visitor.post('/recovery/code'));
      for (let tries = 0; tries < 6; tries++) said.push(await visitor.post('/recovery/phone', { code: 'wrong' }));
      said.push(await visitor.post('/recovery/finish', { password: NEW_PASSWORD }));
      const delays = [...rig.clock.delaysMs];
      rig.clock.advance(24 * 3_600_000);
      return [
        ...said.map(({ status, body }) => ({ status, body: JSON.stringify({ ...body, phone: 0, login: 0 }) })),
        delays,
      ];
    };
    const real = await walk('2023001');
    for (const login of ['2023002', '2023003', '2023004', '2023999', 'nobody@elsewhere.example'])
      assert.deepEqual(await walk(login), real, login);
    const [real1] = rig.messages.slice(sentBefore);
    assert.equal(rig.messages.length - sentBefore, 1);
    assert.equal(real1?.phone, `+86${PHONE}`);
  }));

test('T19: bound, released, bound anew: with the code of the telephone, and a fresh proof for a new one', () =>
  withRig(async (rig) => {
    const { accountId, visitor } = await activate(rig);
    assert.deepEqual((await visitor.get('/auth/phone')).body, { phone: '138****1234' });
    // A number that is bound already has to be released by its holder.
    const bind = (phone: string, code: string) => visitor.post('/auth/phone', { phone, code });
    assert.equal((await bind('13900005678', '000000')).body.error, 'phoneBound');
    assert.equal((await visitor.post('/auth/phone/unbind', { code: '000000' })).body.error, 'codeExpired');
    assert.deepEqual((await visitor.post('/auth/phone/code', { phone: '13900005678' })).body['phone'], '138****1234');
    assert.deepEqual((await visitor.post('/auth/phone/unbind', { code: rig.lastCode() })).body, { phone: null });
    assert.equal(rig.messages.at(-1)?.template, 'phoneChanged');
    assert.equal((await visitor.post('/auth/phone/unbind', { code: '000000' })).body.error, 'noPhone');

    await visitor.post('/auth/phone/code', { phone: '13900005678' });
    const code = rig.lastCode();
    rig.clock.advance(10 * 60_000);
    assert.equal((await bind('13900005678', code)).body.error, 'proofRequired');
    assert.equal((await visitor.post('/auth/proof', { password: OLD_PASSWORD })).status, 204);
    await visitor.post('/auth/phone/code', { phone: '13900005678' });
    const fresh = rig.lastCode();
    assert.equal((await bind('13900005679', fresh)).body.error, 'codeExpired');
    assert.deepEqual((await bind('139 0000 5678', fresh)).body, { phone: '139****5678' });
    assert.equal(await rig.selfService.phoneOf(accountId), '+8613900005678');
    assert.deepEqual(
      rig.notices.map(({ notice }) => notice.subject.split(' / ')[1]),
      ['The telephone of your mailbox was released', 'A telephone was bound to your mailbox'],
    );
    assert.deepEqual(
      rig.audited.slice(-2).map(({ action, detail }) => [action, detail]),
      [
        ['identity.phone', { how: 'unbound', phone: '138****1234' }],
        ['identity.phone', { how: 'bound', phone: '139****5678' }],
      ],
    );
    const nobody = rig.visitor();
    for (const path of ['/auth/phone', '/auth/alias']) assert.equal((await nobody.get(path)).status, 401);
  }));

test('T19: an alias is changed where one is signed in, and not twice', () =>
  withRig(async (rig) => {
    const { visitor } = await activate(rig);
    const before = (await visitor.get('/auth/alias')).body;
    assert.equal(before['address'], 'zhang.san@stu.kust.example');
    const refused = await visitor.post('/auth/alias', { alias: 'san.zhang' });
    assert.deepEqual(
      [refused.status, refused.body.problem, refused.body.until],
      [409, 'tooSoon', before['changeableAt']],
    );
    rig.clock.advance(180 * 86_400_000);
    const another = rig.visitor();
    await another.post('/auth/sign-in', { login: '2023001', password: OLD_PASSWORD });
    const changed = await another.post('/auth/alias', { alias: 'san.zhang' });
    assert.equal(changed.body['address'], 'san.zhang@stu.kust.example');
    assert.equal((changed.body['held'] as readonly unknown[]).length, 1);
  }));
