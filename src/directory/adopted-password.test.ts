import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError, MailError } from '#base/errors.ts';
import { systemRandom } from '#base/random.ts';
import type { OldServer } from './password-hasher.ts';
import { createPasswordHasher } from './password-hasher.ts';
import { openCampus } from './testing/campus.ts';
import type { Campus } from './testing/campus.ts';

// doveadm pw -s SSHA
const WEAK = { password: 'Test密码123', verifier: '{SSHA}B1BFC7/30i7+i6urkEBJD1eMLVK2yw/7' };
// doveadm pw -s SHA512-CRYPT
const GOOD = {
  password: 'v9#Lq2!xTz',
  verifier:
    '{SHA512-CRYPT}$6$EWMtEbrFDRGirrCf$5QRT.30UI50ZXnG5GW5OIS1QQTZIvzH/ji87vdNwVRnJSPZJK/3ebTTfAwhWkskzzVD0iZBhirrve3OEwFUra/',
};

async function open({ password, verifier }: typeof WEAK) {
  const campus = await openCampus();
  const accountId = await campus.directory.createAccountByVerifier('li@kust.edu.cn', verifier);
  const credential = async () => (await campus.store.reader.credentialsOf(accountId)).at(0);
  return { campus, accountId, credential, login: { login: 'li@kust.edu.cn', password } };
}

const refused = async (campus: Campus, request: Parameters<Campus['signIn']>[0]) => {
  const result = await campus.signIn(request);
  return result.ok ? 'ok' : result.reason;
};

describe('passwords that come from another system', () => {
  test('are renewed from there until one has signed in here, or set another (A11)', async () => {
    const { campus, accountId, credential, login } = await open(WEAK);
    assert.equal(await campus.directory.renewVerifier(accountId, WEAK.verifier), false);
    assert.equal(await campus.directory.renewVerifier(accountId, GOOD.verifier), true);
    assert.equal((await credential())?.verifier, GOOD.verifier);
    await assert.rejects(campus.directory.renewVerifier(accountId, 'nonsense'), { code: 'invalid' });
    assert.equal(await refused(campus, { ...login, password: GOOD.password }), 'ok');
    assert.equal(await campus.directory.renewVerifier(accountId, WEAK.verifier), false);
    await campus.directory.setPassword(accountId, 'Ein anderes 7!');
    assert.equal(await campus.directory.renewVerifier(accountId, WEAK.verifier), false);
  });

  test('open the account, and are kept as one of ours from then on', async () => {
    const { campus, credential, login } = await open(GOOD);
    assert.equal(await refused(campus, { ...login, password: `${GOOD.password}!` }), 'invalidCredentials');
    assert.equal((await credential())?.verifier, GOOD.verifier);
    assert.equal(await refused(campus, login), 'ok');
    const kept = await credential();
    assert.match(kept?.verifier ?? '', /^\$argon2id\$/);
    assert.match(kept?.scramSha256 ?? '', /^SCRAM-SHA-256\$4096:/);
    assert.equal(kept?.mustChange, false);
    assert.equal(await refused(campus, login), 'ok');
    assert.equal((await credential())?.verifier, kept?.verifier);
  });

  test('end no session that they opened', async () => {
    const { campus, accountId, credential, login } = await open(GOOD);
    campus.hasher.gate = Promise.resolve();
    await Promise.all([campus.signIn(login), campus.signIn({ ...login, remoteAddress: '192.0.2.2' })]);
    let ended = 0;
    campus.directory.watchSignIn(accountId, () => ended++);
    const before = await credential();
    assert.equal(await refused(campus, login), 'ok');
    assert.deepEqual(await credential(), before);
    await campus.directory.addAlias(accountId, 'li.si@kust.edu.cn');
    assert.equal(ended, 0);
    campus.clock.advance(1);
    await campus.directory.setPassword(accountId, 'another one');
    await new Promise(setImmediate);
    assert.equal(ended, 1);
  });

  test('one that could not be set today opens it once, and has to be changed then', async () => {
    const { campus, accountId, login } = await open(WEAK);
    assert.equal(await refused(campus, login), 'ok');
    assert.equal(await refused(campus, login), 'passwordChangeRequired');
    assert.equal(await refused(campus, { ...login, protocol: 'http', setsPassword: true }), 'ok');
    await campus.directory.setPassword(accountId, GOOD.password);
    assert.equal(await refused(campus, { ...login, password: GOOD.password }), 'ok');
  });

  test('what can never be checked is not taken in', async () => {
    const { directory } = await openCampus();
    for (const verifier of [
      '{PLAIN}secret',
      '$2b$31$abcdefghijklmnopqrstuuMngTRHIMZ1/OZDReljiEk8DyKcMbrOG',
      '{IMAP}li',
    ])
      await assert.rejects(directory.createAccountByVerifier('li@kust.edu.cn', verifier), (error) =>
        isMailError(error, 'invalid'),
      );
  });

  test('or the old server is asked', async () => {
    const asked: string[] = [];
    const oldServer: OldServer = {
      async accepts(login, password) {
        asked.push(login);
        if (password === 'outage') throw new MailError('unavailable', 'no answer');
        return password === 'right';
      },
    };
    const cost = { memoryKib: 8, iterations: 1, parallelism: 1 };
    const hasher = createPasswordHasher(cost, systemRandom, Buffer.alloc(32), oldServer);
    hasher.requireReadable('{IMAP}li');
    assert.equal(hasher.isForeign('{IMAP}li'), true);
    assert.equal(await hasher.verify('{IMAP}li', 'right'), true);
    assert.equal(await hasher.verify('{IMAP}li', 'wrong'), false);
    await assert.rejects(hasher.verify('{IMAP}li', 'outage'), (error) => isMailError(error, 'unavailable'));
    assert.deepEqual(asked, ['li', 'li', 'li']);
  });
});
