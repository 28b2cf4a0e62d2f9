import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CONSENT_VERSION } from '#contract/activation.ts';
import { realm } from '#directory/testing/realm.ts';
import type { Said, Visitor } from '#test/harness/visitor.ts';
import { ACTIVATION_LIMITS } from './limits.ts';
import { SOLVED, STUDENT_DOMAIN, withRig, type Rig } from './testing/rig.ts';

const ZHANG = { number: '2023001', name: '张三', initialPasswords: ['Kust1231002X'] };
const LI = { number: '2023002', name: 'Li·Na', englishName: 'Lina Müller', initialPasswords: ['Kust99990001'] };
const PHONE = '138 0000 1234';
const PASSWORD = '湖边的七只-Heron';

const begin = (visitor: Visitor, patch: Partial<Parameters<Visitor['begin']>[0]> = {}): Promise<Said> =>
  visitor.begin({ number: ZHANG.number, name: ZHANG.name, password: 'Kust1231002X', captcha: SOLVED, ...patch });

/** As far as the third page. */
async function goToPassword(rig: Rig, phone = PHONE, person = ZHANG): Promise<Visitor> {
  const visitor = rig.visitor();
  const { number, name, initialPasswords } = person;
  const said = await visitor.begin({ number, name, password: initialPasswords[0] ?? '', captcha: SOLVED });
  assert.equal(said.status, 200, JSON.stringify(said.body));
  assert.equal((await visitor.post('/activation/code', { phone })).status, 200);
  const proven = await visitor.post('/activation/phone', { phone, code: rig.lastCode() });
  assert.equal(proven.status, 200, JSON.stringify(proven.body));
  return visitor;
}

describe('claiming an account', () => {
  test('three steps lead into the mailbox, in one browser', () =>
    withRig(async (rig) => {
      const accountId = await rig.enrol(ZHANG);
      const visitor = rig.visitor();
      const verified = await begin(visitor);
      assert.equal(verified.status, 200);
      assert.deepEqual(verified.body, {
        step: 'phone',
        name: '张三',
        number: '2023001',
        address: '2023001@stu.kust.example',
        domain: 'stu.kust.example',
        phone: null,
        expiresIn: 1800,
      });
      assert.match(
        verified.headers.getSetCookie()[0] ?? '',
        /^campusmail-walk=[^;]+; Path=\/; Max-Age=1800; HttpOnly; SameSite=Strict/,
      );

      assert.deepEqual((await visitor.post('/activation/code', { phone: PHONE })).body, {
        phone: '138****1234',
        retryAfter: 60,
      });
      const proven = await visitor.post('/activation/phone', { phone: '+86 13800001234', code: rig.lastCode() });
      assert.equal(proven.body['step'], 'password');
      assert.equal(proven.body['phone'], '138****1234');
      // The page was loaded again.
      assert.deepEqual((await visitor.get('/activation/walk')).body, proven.body);

      const done = await visitor.post('/activation/finish', { alias: 'Zhang.San', password: PASSWORD });
      assert.equal(done.status, 200, JSON.stringify(done.body));
      assert.deepEqual([...visitor.cookies.keys()], ['campusmail']);
      assert.equal((await visitor.get('/auth/session')).body['login'], '2023001@stu.kust.example');
      assert.equal((await rig.directory.account(accountId))?.stage, 'active');
      assert.equal(await rig.selfService.phoneOf(accountId), '+8613800001234');
      assert.equal((await rig.directory.findAddress('zhang.san@stu.kust.example'))?.accountId, accountId);
      const login = { login: 'zhang.san', protocol: 'imap', remoteAddress: '192.0.2.9' } as const;
      assert.equal((await rig.directory.signIn({ ...login, password: PASSWORD })).ok, true);
      assert.equal((await rig.directory.signIn({ ...login, password: 'Kust1231002X' })).ok, false);
      assert.deepEqual(
        rig.audited.map(({ action, detail }) => ({ action, detail })),
        [
          { action: 'identity.account-activated', detail: { alias: 'zhang.san', phone: '138****1234' } },
          { action: 'identity.terms', detail: { version: CONSENT_VERSION } },
        ],
      );
      // Nothing is left to go on with.
      assert.equal((await visitor.get('/activation/walk')).status, 404);
      assert.equal((await begin(rig.visitor())).body.error, 'noMatch');
    }));

  test('names are compared as people write them, in either language', () =>
    withRig(async (rig) => {
      await rig.enrol(LI);
      for (const name of ['Li·Na', ' ｌｉ•ＮＡ ', 'LI ‧ na', 'li・na', 'lina müller', 'LinaMu\u0308ller']) {
        const { number } = LI;
        assert.equal((await begin(rig.visitor(), { number, name, password: 'Kust99990001' })).status, 200, name);
      }
      assert.equal((await begin(rig.visitor(), { number: LI.number, name: '', password: 'Kust99990001' })).status, 401);
    }));

  test('an account that has an owner is not to be had, and its owner is told only with the right password', () =>
    withRig(async (rig) => {
      await rig.enrol({ ...ZHANG, population: 'staff' });
      assert.equal((await begin(rig.visitor())).body.error, 'alreadyActive');
      assert.equal((await begin(rig.visitor(), { password: 'Kust12310020' })).body.error, 'noMatch');
    }));

  test('an initial password that is too old says so, one that is wrong does not', () =>
    withRig(async (rig) => {
      await rig.enrol({ ...ZHANG, initialExpiresAt: rig.clock.now() + 1 });
      assert.equal((await begin(rig.visitor())).body.error, 'passwordExpired');
      assert.equal((await begin(rig.visitor(), { name: '李四' })).body.error, 'noMatch');
    }));

  test('people without an account, another school and an old consent come to nothing', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      assert.equal((await begin(rig.visitor(), { school: 'other' })).body.error, 'noMatch');
      assert.equal((await begin(rig.visitor(), { consent: '2019-09' })).body.error, 'consent');
    }));

  test('a new password holds nothing that others know, and is not the one that was given out', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const visitor = await goToPassword(rig);
      const problemsOf = async (password: string, alias = ''): Promise<readonly string[]> => {
        const said = await visitor.post('/activation/finish', { alias, password });
        assert.equal(said.status, 422, password);
        assert.equal(said.body.error, 'password');
        return said.body.problems ?? [];
      };
      assert.ok((await problemsOf('Kust1231002X')).includes('used'));
      assert.ok((await problemsOf('kust1231002x')).includes('tooSimple'));
      assert.ok((await problemsOf('x')).includes('tooShort'));
      assert.ok((await problemsOf('Quiet-2023001-Harbour')).includes('holdsAccount'));
      assert.ok((await problemsOf('Quiet-Heron-Harbour7', 'heron.harbour')).includes('holdsAccount'));
      assert.ok((await problemsOf('Quiet13800001234Hb')).includes('holdsPhone'));
      assert.ok((await problemsOf('Zhangsan-Quiet-Hb7')).includes('holdsName'));
      assert.equal((await visitor.post('/activation/finish', { alias: '', password: PASSWORD })).status, 200);
    }));

  test('an alias may be left out, and is judged while one types it', () =>
    withRig(async (rig) => {
      const accountId = await rig.enrol(ZHANG);
      const visitor = await goToPassword(rig);
      assert.equal((await visitor.post('/activation/alias', { alias: 'zhang.san' })).status, 200);
      const refused = await visitor.post('/activation/alias', { alias: 'adm1n' });
      assert.deepEqual([refused.status, refused.body.problem], [409, 'lookalike']);
      assert.equal((await visitor.post('/activation/finish', { alias: ' ', password: PASSWORD })).status, 200);
      assert.equal((await rig.directory.addressesOf(accountId)).length, 1);
    }));

  test('at the host of the people alone, where they come in by no other; elsewhere who is right is shown there', async () => {
    const begunAt = (hosts: readonly string[]) => {
      const students = realm('student', STUDENT_DOMAIN, { hosts, isStrict: true });
      return withRig(
        async (rig) => {
          await rig.enrol(ZHANG);
          const wrong = await begin(rig.visitor(), { password: 'Kust12310020' });
          assert.equal(wrong.body.error, 'noMatch');
          const { status, body } = await begin(rig.visitor());
          assert.deepEqual([status, body.error], hosts.includes('127.0.0.1') ? [200, undefined] : [401, 'wrongDoor']);
          if (body.error !== undefined) assert.match(body.url ?? '', /^http:\/\/mail\.[^/]+:\d+\/$/);
        },
        { realms: [students] },
      );
    };
    await begunAt(['127.0.0.1']);
    await begunAt([`mail.${STUDENT_DOMAIN}`]);
  });

  test('where there has to be a second step, the telephone is it from then on', () => {
    const students = realm('student', STUDENT_DOMAIN, { secondStep: 'required' });
    return withRig(
      async (rig) => {
        const accountId = await rig.enrol(ZHANG);
        const visitor = await goToPassword(rig);
        assert.equal((await visitor.post('/activation/finish', { alias: '', password: PASSWORD })).status, 200);
        assert.deepEqual(
          (await rig.directory.factorsOf(accountId)).map(({ kind }) => kind),
          ['sms'],
        );
        assert.equal((await visitor.get('/auth/session')).status, 200);
      },
      { realms: [students] },
    );
  });

  test('a number serves three accounts, and only its holder is told', () =>
    withRig(async (rig) => {
      for (let made = 0; made < 4; made++) {
        const person = { number: `202300${made}`, name: '张三', initialPasswords: ['Kust1231002X'] };
        await rig.enrol(person);
        if (made < 3) {
          const visitor = await goToPassword(rig, PHONE, person);
          assert.equal((await visitor.post('/activation/finish', { alias: '', password: PASSWORD })).status, 200);
        } else {
          const visitor = rig.visitor();
          await begin(visitor, { number: person.number });
          await visitor.post('/activation/code', { phone: PHONE });
          const wrong = rig.lastCode() === '000000' ? '000001' : '000000';
          assert.equal(
            (await visitor.post('/activation/phone', { phone: PHONE, code: wrong })).body.error,
            'wrongCode',
          );
          const full = await visitor.post('/activation/phone', { phone: PHONE, code: rig.lastCode() });
          assert.deepEqual([full.status, full.body.error], [409, 'phoneFull']);
        }
        rig.clock.advance(60_000);
      }
    }));
});

describe('ways that are no ways', () => {
  test('no step without the one before it', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const stranger = rig.visitor();
      for (const path of ['code', 'phone', 'alias', 'finish']) {
        const said = await stranger.post(`/activation/${path}`, { phone: PHONE, code: '000000', password: PASSWORD });
        assert.deepEqual([said.status, said.body.error], [404, 'noWalk'], path);
      }
      assert.equal(rig.messages.length, 0);
      const visitor = rig.visitor();
      await begin(visitor);
      const early = await visitor.post('/activation/finish', { alias: '', password: PASSWORD });
      assert.deepEqual([early.status, early.body.error], [409, 'stale']);
      assert.equal((await visitor.post('/activation/phone', { phone: PHONE, code: '' })).body.error, 'codeExpired');
    }));

  test('a cookie that was made up, or is another’s, or of a recovery, leads nowhere', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const visitor = rig.visitor();
      await begin(visitor);
      const [walkId = '', secret = ''] = (visitor.cookies.get('campusmail-walk') ?? '').split('.');
      const thief = rig.visitor();
      for (const cookie of [
        `${walkId}.${'A'.repeat(43)}`,
        `${walkId}.`,
        `aaaaaaaaaaaaaaaa.${secret}`,
        '..',
        `${walkId}.${secret}0`,
      ]) {
        thief.cookies.set('campusmail-walk', cookie);
        assert.equal((await thief.get('/activation/walk')).status, 404, cookie);
      }
      await thief.post('/recovery/begin', { login: '2023001', captcha: SOLVED });
      assert.equal((await thief.get('/recovery/walk')).status, 200);
      assert.equal((await thief.get('/activation/walk')).status, 404);
    }));

  test('after half an hour one begins again', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const visitor = await goToPassword(rig);
      rig.clock.advance(30 * 60_000);
      const said = await visitor.post('/activation/finish', { alias: '', password: PASSWORD });
      assert.deepEqual([said.status, said.body.error], [404, 'noWalk']);
    }));

  test('of two browsers on their way to one account the first has it', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const first = await goToPassword(rig);
      rig.clock.advance(60_000);
      const second = await goToPassword(rig, '139 0000 5678');
      const answers = await Promise.all(
        [first, second].map((visitor) => visitor.post('/activation/finish', { alias: '', password: PASSWORD })),
      );
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 409],
      );
      assert.equal(answers.find(({ status }) => status === 409)?.body.error, 'over');
    }));

  test('the same step twice at once is done once', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      const visitor = rig.visitor();
      await begin(visitor);
      await visitor.post('/activation/code', { phone: PHONE });
      const code = rig.lastCode();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => visitor.post('/activation/phone', { phone: PHONE, code })),
      );
      assert.deepEqual(answers.filter(({ status }) => status === 200).length, 1);
    }));

  test('an administrator’s new password makes a way that began before void', () =>
    withRig(async (rig) => {
      const accountId = await rig.enrol(ZHANG);
      const visitor = await goToPassword(rig);
      rig.clock.advance(1);
      await rig.directory.setPassword(accountId, 'something else 7');
      const said = await visitor.post('/activation/finish', { alias: '', password: PASSWORD });
      assert.deepEqual([said.status, said.body.error], [409, 'over']);
    }));

  test('other sites’ pages, other kinds of content and too much of it are turned away', () =>
    withRig(async (rig) => {
      const { base } = rig;
      const send = (headers: Record<string, string>, body = '{}') =>
        fetch(`${base}/activation/begin`, { method: 'POST', headers, body });
      const json = { 'content-type': 'application/json' };
      assert.equal((await send({ ...json, 'sec-fetch-site': 'cross-site' })).status, 403);
      assert.equal((await send({ 'content-type': 'text/plain' })).status, 415);
      assert.equal((await send(json, '[')).status, 400);
      assert.equal((await send(json, `"${'x'.repeat(20_000)}"`)).status, 413);
      for (const body of ['null', '[]', '{"number":{},"name":[],"password":7}'])
        assert.ok([400, 401, 409].includes((await send(json, body)).status), body);
    }));

  test('whatever is wrong, the answer comes at the same beat', () =>
    withRig(async (rig) => {
      await rig.enrol(ZHANG);
      rig.clock.delaysMs.length = 0;
      await begin(rig.visitor(), { captcha: 'no' });
      await begin(rig.visitor(), { number: '2023999' });
      await begin(rig.visitor(), { name: '李四', number: '2023001' });
      await begin(rig.visitor());
      const { evenMs } = ACTIVATION_LIMITS;
      assert.equal(rig.clock.delaysMs.filter((ms) => ms === evenMs).length, 4);
    }));
});
