import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Secret, TOTP } from 'otpauth';
import { systemRandom } from '#base/random.ts';
import { PASSWORD } from '#directory/testing/campus.ts';
import { realm } from '#directory/testing/realm.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import { Authenticator } from './testing/authenticator.ts';
import { withStrong, type Given } from './testing/strong.ts';

const NEW = 'v9#Lq2!xTz-2026';
const PHONE = '138****1234';

const staff = realm('staff', 'kust.edu.cn', { hosts: [], secondStep: 'required' });
const REQUIRED = { settings: { realms: [staff] } };

const byProgram = async ({ directory }: Given, password = PASSWORD) => {
  const program = { protocol: 'imap', remoteAddress: '192.0.2.1' } as const;
  const result = await directory.signIn({ login: 'zhang@kust.edu.cn', password, ...program });
  return result.ok ? 'ok' : result.reason;
};

describe('where a realm wants a second step', () => {
  test('the password opens nothing until there is one: an app', () =>
    withStrong(async (given) => {
      const { open, clock } = given;
      const browser = open();
      assert.deepEqual(await browser.signIn(), {
        status: 401,
        error: 'enrolmentRequired',
        steps: ['passkey', 'totp', 'sms'],
        phone: PHONE,
      });
      assert.equal(await browser.isSignedIn(), false);
      assert.equal(await byProgram(given), 'clientPasswordRequired');
      const begun = await browser.post('/auth/enrol/totp/begin');
      const app = new TOTP({ secret: Secret.fromBase32(String(begun['secret'])) });
      const confirm = (code: string) => browser.post('/auth/enrol/totp', { token: begun['token'], code });
      assert.equal((await confirm('abcdef'))['error'], 'wrongCode');
      assert.equal(await browser.isSignedIn(), false);
      const done = await confirm(app.generate({ timestamp: clock.now() }));
      assert.deepEqual([done.status, done['login']], [200, 'zhang@kust.edu.cn']);
      assert.equal(await browser.isSignedIn(), true);
      // Fresh enough for the codes on paper, too.
      assert.equal((await browser.post('/auth/security/recovery-codes')).status, 200);
      assert.deepEqual((await open().signIn())['steps'], ['totp', 'recovery']);
    }, REQUIRED));

  test('a passkey', () =>
    withStrong(async ({ open, origin }) => {
      const browser = open();
      await browser.signIn();
      const options = await browser.post('/auth/enrol/passkeys/begin');
      const response = new Authenticator(origin).create(options as unknown as Parameters<Authenticator['create']>[0]);
      assert.equal((await browser.post('/auth/enrol/passkeys', { name: 'K', response: {} }))['error'], 'wrongCode');
      assert.equal((await browser.post('/auth/enrol/passkeys', { name: '钥匙', response })).status, 200);
      assert.equal(await browser.isSignedIn(), true);
    }, REQUIRED));

  test('or the telephone that is bound, where one is', () =>
    withStrong(async ({ open, phone }) => {
      phone.isBound = false;
      assert.deepEqual((await open().signIn())['steps'], ['passkey', 'totp']);
      phone.isBound = true;
      const browser = open();
      await browser.signIn();
      assert.equal((await browser.post('/auth/enrol/sms', { code: '135790' }))['error'], 'wrongCode');
      assert.equal((await browser.post('/auth/enrol/sms/send')).status, 204);
      assert.equal((await browser.post('/auth/enrol/sms', { code: '135790' })).status, 200);
      assert.deepEqual((await open().signIn())['steps'], ['sms']);
    }, REQUIRED));

  test('it is set up by whoever has just shown the password, once, and shown by all others', () =>
    withStrong(async ({ open }) => {
      const stranger = open();
      for (const path of ['totp/begin', 'totp', 'passkeys/begin', 'passkeys', 'sms/send', 'sms'])
        assert.equal((await stranger.post(`/auth/enrol/${path}`))['error'], 'notSignedIn', path);
      const [first, second] = [open(), open()];
      await first.signIn();
      await second.signIn();
      await first.post('/auth/enrol/sms/send');
      // What is to be set up is not yet a step that could be shown.
      const shown = await first.post('/auth/second-step', { kind: 'sms', code: '135790' });
      assert.equal(shown['error'], 'invalidRequest');
      assert.equal((await first.post('/auth/enrol/sms', { code: '135790' })).status, 200);
      assert.equal((await second.post('/auth/enrol/totp/begin'))['error'], 'notSignedIn');
      const third = open();
      assert.equal((await third.signIn())['error'], 'secondStepRequired');
      assert.equal((await third.post('/auth/enrol/totp/begin'))['error'], 'notSignedIn');
    }, REQUIRED));

  test('a password that is changed meanwhile sets up nothing', () =>
    withStrong(async ({ open, directory, zhang, clock }) => {
      const browser = open();
      await browser.signIn();
      await browser.post('/auth/enrol/sms/send');
      clock.advance(1);
      await directory.setPassword(zhang, NEW);
      assert.equal((await browser.post('/auth/enrol/sms', { code: '135790' }))['error'], 'notSignedIn');
      assert.equal(await browser.isSignedIn(), false);
      assert.deepEqual(
        (await directory.factorsOf(zhang)).filter(({ kind }) => kind === 'sms'),
        [],
      );
    }, REQUIRED));

  test('client passwords open programs before and after', () =>
    withStrong(async (given) => {
      const { directory, zhang } = given;
      assert.equal(await byProgram(given, await directory.makeClientPassword(zhang, '手机', ['imap'])), 'ok');
    }, REQUIRED));
});

test('where a realm has none, none is set up; one that there is stays', () =>
  withStrong(
    async ({ open, directory, zhang }) => {
      const browser = open();
      await browser.signIn();
      assert.equal((await browser.ask('GET', '/auth/security')).json['secondStep'], 'off');
      for (const path of ['totp/begin', 'totp', 'passkeys/begin', 'passkeys', 'sms']) {
        const said = await browser.post(`/auth/security/${path}`);
        assert.deepEqual(said, { status: 409, error: 'secondStepOff' }, path);
      }
      const sms = { factorId: 'sms', kind: 'sms', name: '', secret: '', usedAt: null, usedFrom: '' } as const;
      await directory.addFactor({ accountId: zhang, ...sms });
      assert.deepEqual((await open().signIn())['steps'], ['sms']);
    },
    { settings: { realms: [{ ...staff, secondStep: 'off' }] } },
  ));

describe('from where an account was never signed in', () => {
  /** Everybody is where this says. */
  let here = '中国 云南省 昆明';
  const odd = { findPlace: async () => here };

  async function signInFrom({ open, clock }: Given, place: string) {
    here = place;
    // The same sign-in is written down once an hour.
    clock.advance(3_600_000);
    const browser = open();
    const said = await browser.signIn();
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    return { browser, said };
  }

  for (const [newPlace, asks] of [
    ['off', []],
    ['country', ['美国']],
    ['place', ['中国 四川省 成都', '美国']],
  ] as const)
    test(`${newPlace}: a code by SMS, although none was set up`, () =>
      withStrong(
        async (given) => {
          const first = await signInFrom(given, '中国 云南省 昆明');
          assert.equal(first.said.status, 200);
          for (const place of ['', '中国 云南省 昆明', '中国 四川省 成都', '美国']) {
            const { said } = await signInFrom(given, place);
            const isAsked = (asks as readonly string[]).includes(place);
            assert.equal(said['error'], isAsked ? 'secondStepRequired' : undefined, place);
            if (isAsked) assert.deepEqual([said['steps'], said['phone']], [['sms'], PHONE]);
          }
        },
        { ...odd, newPlace },
      ));

  test('what was shown is known from then on', () =>
    withStrong(
      async (given) => {
        await signInFrom(given, '中国 云南省 昆明');
        const { browser } = await signInFrom(given, '美国');
        assert.equal((await browser.post('/auth/second-step/sms')).status, 204);
        assert.equal((await browser.post('/auth/second-step', { kind: 'sms', code: '000000' }))['error'], 'wrongCode');
        assert.equal(await browser.isSignedIn(), false);
        assert.equal((await browser.post('/auth/second-step', { kind: 'sms', code: '135790' })).status, 200);
        assert.equal((await signInFrom(given, '美国')).said.status, 200);
      },
      { ...odd, newPlace: 'country' },
    ));

  test('nobody is asked who has no telephone', () =>
    withStrong(
      async (given) => {
        given.phone.isBound = false;
        await signInFrom(given, '中国 云南省 昆明');
        assert.equal((await signInFrom(given, '美国')).said.status, 200);
      },
      { ...odd, newPlace: 'country' },
    ));
});

describe('after a suspension', () => {
  const step = { settings: { afterSuspension: 'step' } } as const;

  test('a second step is shown once: by SMS where none was set up', () =>
    withStrong(async (given) => {
      const { directory, zhang, open } = given;
      await directory.disableAccount(zhang);
      await directory.enableAccount(zhang);
      const browser = open();
      assert.deepEqual(await browser.signIn(), {
        status: 401,
        error: 'secondStepRequired',
        steps: ['sms'],
        phone: PHONE,
      });
      await browser.post('/auth/second-step/sms');
      assert.equal((await browser.post('/auth/second-step', { kind: 'sms', code: '135790' })).status, 200);
      assert.equal((await open().signIn()).status, 200);
      assert.equal(await byProgram(given), 'ok');
    }, step));

  test('also where sending was stopped, or the stage was that of a suspension; a browser that is trusted shows it too', () =>
    withStrong(async ({ directory, zhang, open }) => {
      for (const suspend of [
        () => directory.suspendSending(zhang, 'spam'),
        async () => {
          await directory.setStage(zhang, 'suspended');
          await directory.setStage(zhang, 'active');
        },
      ]) {
        await suspend();
        assert.deepEqual((await open().signIn())['steps'], ['sms']);
        await directory.removeFactors(zhang, ['alarm']);
        await directory.allowSending(zhang);
      }
      const totp = { factorId: 'sms', kind: 'sms', name: '', secret: '', usedAt: null, usedFrom: '' } as const;
      await directory.addFactor({ accountId: zhang, ...totp });
      const trusted = open();
      await trusted.signIn();
      await trusted.post('/auth/second-step/sms');
      await trusted.post('/auth/second-step', { kind: 'sms', code: '135790', trust: true });
      assert.equal((await trusted.signIn()).status, 200);
      await directory.suspendSending(zhang, 'spam');
      assert.equal((await trusted.signIn())['error'], 'secondStepRequired');
    }, step));

  test('what is no suspension asks for nothing, nor does a stage that stays shut', () =>
    withStrong(async ({ directory, zhang, open }) => {
      await directory.setStage(zhang, 'restricted');
      await directory.setReceives(zhang, false);
      await directory.allowSending(zhang);
      await directory.setDisplayName(zhang, '张三');
      assert.equal((await open().signIn()).status, 200);
      await directory.setStage(zhang, 'suspended');
      await directory.setStage(zhang, 'deleting');
      assert.deepEqual(await directory.factorsOf(zhang), []);
    }, step));

  test('and a new password, where that is wanted, in programs too', () =>
    withStrong(
      async (given) => {
        const { directory, zhang, open } = given;
        await directory.disableAccount(zhang);
        await directory.enableAccount(zhang);
        assert.equal(await byProgram(given), 'passwordChangeRequired');
        const browser = open();
        assert.equal((await browser.signIn())['error'], 'passwordChangeRequired');
        assert.equal((await browser.signIn(PASSWORD, { newPassword: NEW }))['error'], 'secondStepRequired');
        assert.equal(await byProgram(given, NEW), 'invalidCredentials');
        await browser.post('/auth/second-step/sms');
        assert.equal((await browser.post('/auth/second-step', { kind: 'sms', code: '135790' })).status, 200);
        assert.equal(await browser.isSignedIn(), true);
        assert.equal(await byProgram(given, NEW), 'ok');
      },
      { settings: { afterSuspension: 'password' } },
    ));

  test('who has nothing to show is let in by a code of the help desk, once', () =>
    withStrong(async ({ directory, zhang, open, phone }) => {
      phone.isBound = false;
      await directory.disableAccount(zhang);
      await directory.enableAccount(zhang);
      const browser = open();
      const asked = { status: 401, error: 'secondStepRequired', steps: ['recovery'] };
      assert.deepEqual(await browser.signIn(), asked);
      const show = (code = '') => browser.post('/auth/second-step', { kind: 'recovery', code });
      assert.equal((await show('abcde-fgh23'))['error'], 'wrongCode');
      const { codes, secret } = makeRecoveryCodes(directory.factorKey, zhang, systemRandom, 1);
      const row = { accountId: zhang, factorId: 'recovery', kind: 'recovery', name: '', secret, usedAt: null } as const;
      await directory.addFactor({ ...row, usedFrom: '' });
      assert.equal((await show(codes[0])).status, 200);
      assert.deepEqual(await directory.factorsOf(zhang), []);
      assert.equal((await open().signIn()).status, 200);
    }, step));
});
