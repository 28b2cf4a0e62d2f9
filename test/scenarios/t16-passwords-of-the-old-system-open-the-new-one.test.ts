/** T16: legacy {SSHA}, md5-crypt, sha512-crypt, yescrypt, DES and bcrypt hashes: signing in works, and they are hashed anew. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from '#app/command.ts';
import { openTestSystem } from '#app/commands/testing/test-system.ts';

const PASSWORD = 'v9#Lq2!xTz';
/** Of that password: doveadm pw (Dovecot 2.3) and crypt(3). */
const VERIFIERS: Readonly<Record<string, string>> = {
  ssha: '{SSHA}3ny3TPe1HgpbwrGuATiuQdHzQpQ2tzTU',
  md5crypt: '{CRYPT}$1$kmust.ed$N0rQUEJKj5MoTnrA1YUMI0',
  sha512crypt: '$6$kmust.edu.cn$R.tHVPElkLXvOwWeN/ivpmHKftmBD2uy6Y/4AeWV0KfpDCYJPAoFTkramjh8vWPjQ7TlQco2DI9nu0V2jyh9n/',
  yescrypt: '$y$j9T$kmust.edu.cn$.X/TSQKcXzz/0Y.07FaMojYBaSqkybw031cyL8kv/A.',
  des: '{CRYPT}kmZLIYPSyybOk',
  bcrypt: '{CRYPT}$2b$06$abcdefghijklmnopqrstuusrkz0N33KpN9TdC3oqXZjWIHCQZQ5/i',
};

test('people sign in with the password of the old system, which is hashed anew and ends nobody’s session', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const lines = Object.entries(VERIFIERS).map(([name, verifier]) => `${name}@kust.example,${verifier}`);
  const clear = 'clear@kust.example,{PLAIN}secret';
  const costly = 'costly@kust.example,$2b$31$abcdefghijklmnopqrstuuMngTRHIMZ1/OZDReljiEk8DyKcMbrOG';
  writeFileSync(join(house.folder, 'old.csv'), ['address,verifier', ...lines, clear, costly].join('\n'));
  const { exit, err } = await house.run(['account', 'import', 'old.csv']);
  assert.equal(exit, EXIT.failed);
  assert.match(err, /line 8: \{PLAIN\} is a password in the clear/);
  assert.match(err, /line 9: bcrypt costs 4 to 12/);
  assert.match(err, /6 accounts created, 0 there already, 2 failed/);

  const { directory, directoryStore } = house.system;
  for (const name of Object.keys(VERIFIERS)) {
    const signIn = (password: string) =>
      directory.signIn({ login: `${name}@kust.example`, password, protocol: 'imap', remoteAddress: '192.0.2.1' });
    assert.equal((await signIn('V9#Lq2!xTz')).ok, false, `${name}: a wrong one`);
    const result = await signIn(PASSWORD);
    assert.ok(result.ok, name);
    let ended = false;
    directory.watchSignIn(result.accountId, () => (ended = true));
    const [credential] = await directoryStore.reader.credentialsOf(result.accountId);
    assert.match(credential?.verifier ?? '', /^\$argon2id\$/);
    assert.match(credential?.scramSha256 ?? '', /^SCRAM-SHA-256\$/);
    assert.ok((await signIn(PASSWORD)).ok, `${name}: again`);
    assert.equal((await signIn('V9#Lq2!xTz')).ok, false, `${name}: a wrong one, after`);
    assert.equal(ended, false, name);
  }
});
