import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import { canonicalizeNumber } from './roster-number.ts';
import { ACCOUNT_STAGES } from './types.ts';
import type { AccountStage } from './types.ts';
import type { Enrolment } from './operations/enrol-people.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';
import type { Campus } from './testing/campus.ts';

const person = (number: string, patch: Partial<Enrolment['person']> = {}): Enrolment['person'] => ({
  number,
  name: '尉迟·雪',
  englishName: '',
  population: 'student',
  unit: '信息工程与自动化学院',
  level: '本科',
  enrolled: 202309,
  status: 'enrolled',
  endsOn: '2027-06-30',
  tailCheck: '',
  accountId: null,
  ...patch,
});

async function enrol(campus: Campus, stage: AccountStage, expiresAt: number | null = null) {
  const [enrolled] = await campus.directory.enrolPeople([
    {
      person: person('２０２３ 001'),
      account: {
        address: '2023001@kust.edu.cn',
        stage,
        initialPasswords: ['Kust1231002X', 'kust31002X'],
        initialExpiresAt: expiresAt,
      },
    },
  ]);
  assert.ok(enrolled?.accountId);
  return enrolled.accountId;
}

const web = { login: '2023001@kust.edu.cn', protocol: 'http' } as const;

describe('people of the roster', () => {
  test('a number has one spelling', () => {
    assert.equal(canonicalizeNumber(' ２０２３　001 '), '2023001');
    assert.equal(canonicalizeNumber('Z-0012'), 'z-0012');
    for (const wrong of ['', '-1', '5.30102E+17', 'a@b', '张三', '1'.repeat(33), 'a'.repeat(1000)])
      assert.equal(canonicalizeNumber(wrong), undefined, wrong);
  });

  test('somebody is found by the number in any spelling, and leads to the account', async () => {
    const campus = await openCampus();
    const accountId = await enrol(campus, 'pending');
    const found = await campus.directory.findPerson('２０２３００１');
    assert.equal(found?.accountId, accountId);
    assert.equal(found.name, '尉迟·雪');
    assert.deepEqual(await campus.directory.personsOf(accountId), [found]);
    await campus.directory.deleteAccount(accountId);
    assert.equal((await campus.directory.findPerson('2023001'))?.accountId, null);
  });

  test('of a list all are put in or nobody', async () => {
    const campus = await openCampus();
    const list = [
      { person: person('1001'), account: null },
      { person: person('1002', { accountId: campus.zhang }), account: null },
      { person: person('１００１'), account: null },
    ];
    await assert.rejects(campus.directory.enrolPeople(list), (error) => isMailError(error, 'alreadyExists'));
    assert.equal(await campus.directory.findPerson('1001'), undefined);
    await campus.directory.enrolPeople(list.slice(0, 2));
    assert.deepEqual(
      (await campus.directory.persons(0, 10)).map(({ number }) => number),
      ['1001', '1002'],
    );
    assert.equal((await campus.directory.personsOf(campus.zhang)).length, 1);
  });
});

describe('signing in with an initial password', () => {
  test('opens no mailbox, and is told so only to who has it', async () => {
    const campus = await openCampus();
    await enrol(campus, 'active');
    for (const protocol of ['imap', 'http'] as const) {
      const right = await campus.signIn({ ...web, protocol, password: 'Kust1231002X' });
      assert.deepEqual(right, { ok: false, reason: 'passwordChangeRequired' });
      const wrong = await campus.signIn({ ...web, protocol, password: 'Kust1231002Y' });
      assert.deepEqual(wrong, { ok: false, reason: 'invalidCredentials' });
    }
  });

  test('lets a new password be set, after which it is good for nothing', async () => {
    const campus = await openCampus();
    const accountId = await enrol(campus, 'active');
    // Either spelling of A1, and a small x.
    for (const password of ['Kust1231002X', 'kust31002x']) {
      assert.equal((await campus.signIn({ ...web, password, setsPassword: true })).ok, true);
      const byProgram = await campus.signIn({ ...web, protocol: 'imap', password, setsPassword: true });
      assert.deepEqual(byProgram, { ok: false, reason: 'passwordChangeRequired' });
    }
    await campus.directory.setPassword(accountId, PASSWORD);
    assert.deepEqual(await campus.signIn({ ...web, password: 'Kust1231002X', setsPassword: true }), {
      ok: false,
      reason: 'invalidCredentials',
    });
    assert.equal((await campus.signIn({ ...web, protocol: 'imap' })).ok, true);
  });

  test('waits for activation, and ends with its time', async () => {
    const campus = await openCampus();
    await enrol(campus, 'pending', campus.clock.now() + 1000);
    const request = { ...web, password: 'Kust1231002X' };
    assert.deepEqual(await campus.signIn(request), { ok: false, reason: 'notActivated' });
    assert.equal((await campus.signIn({ ...request, setsPassword: true })).ok, true);
    campus.clock.advance(1000);
    assert.deepEqual(await campus.signIn({ ...request, setsPassword: true }), { ok: false, reason: 'passwordExpired' });
  });

  test('takes as many slow hashes as any other', async () => {
    const campus = await openCampus();
    await enrol(campus, 'active');
    campus.hasher.verified.length = 0;
    await campus.signIn({ ...web, password: 'wrong' });
    assert.equal(campus.hasher.verified.length, 1);
  });
});

describe('stages of an account', () => {
  test('say who signs in and whose mail is taken', async () => {
    const campus = await openCampus();
    const { directory, zhang } = campus;
    const found: Record<string, readonly [signsIn: boolean, takesMail: boolean]> = {};
    for (const stage of ACCOUNT_STAGES) {
      await directory.setStage(zhang, stage);
      const { ok } = await campus.signIn({ login: 'zhang@kust.edu.cn' });
      found[stage] = [ok, (await directory.resolveAddress('zhang@kust.edu.cn')).kind === 'account'];
    }
    assert.deepEqual(found, {
      pending: [false, true],
      active: [true, true],
      frozen: [false, true],
      dormant: [false, false],
      restricted: [true, true],
      'receive-only': [true, true],
      // Nothing is set that it could be forwarded to.
      'forward-only': [true, false],
      suspended: [false, false],
      deleting: [false, false],
    });
    await directory.setForwarding(zhang, ['zhang@elsewhere.example'], true);
    await directory.setStage(zhang, 'forward-only');
    assert.equal((await directory.resolveAddress('zhang@kust.edu.cn')).kind, 'account');
    assert.equal((await directory.forwardings([zhang]))[0]?.keepsCopy, false, 'whatever the rules of this site');
  });
});
