import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '#base/random.ts';
import { createPasswordHasher } from './password-hasher.ts';

const hasher = createPasswordHasher(
  { memoryKib: 64, iterations: 2, parallelism: 1 },
  systemRandom,
  Buffer.alloc(32, 7),
);

test('a password fits its own verifier only', async () => {
  const verifier = await hasher.hash('密码 😀');
  assert.match(verifier, /^\$argon2id\$v=19\$m=64,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await hasher.verify(verifier, '密码 😀'), true);
  assert.equal(await hasher.verify(verifier, '密码 😁'), false);
  assert.notEqual(await hasher.hash('密码 😀'), verifier);
});

test('a verifier made elsewhere is read: argon2 reference implementation', async () => {
  const verifier = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  assert.equal(await hasher.verify(verifier, 'password'), true);
  assert.equal(await hasher.verify(verifier, 'Password'), false);
});

test('the decoy is of the same shape and cost, and fits nothing', async () => {
  assert.match(hasher.decoy, /^\$argon2id\$v=19\$m=64,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await hasher.verify(hasher.decoy, ''), false);
  assert.equal(await hasher.verify(hasher.decoy, 'password'), false);
});

test('a damaged or unknown verifier is our fault, not a wrong password', async () => {
  await assert.rejects(hasher.verify('$argon2id$v=19$m=64,t=2', 'password'));
  await assert.rejects(hasher.verify('{CRYPT}x', 'password'), /no scheme that is known/);
});
