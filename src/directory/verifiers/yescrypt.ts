/**
 * `$y$`: yescrypt, Solar Designer's, from scrypt (RFC 7914); Debian's for passwords since 2021. Read with the flags and the one
 * lane that crypt(3) makes, and no others. Its memory is asked for while it runs, some 16 MiB; half a second, in slices.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { MailError } from '#base/errors.ts';
import { equalSecrets } from '#base/random.ts';
import { decodeCrypt64, encodeCrypt64Octets, valueOfCrypt64 } from './crypt64.ts';
import type { ReadVerifier } from './foreign.ts';
import { MAX_YESCRYPT_OCTETS } from './limits.ts';
import { fillBoxes, mixThroughMemory } from './yescrypt-mix.ts';

/** Flags "j": RW with 6 rounds, 4 lanes of 2 words, S-boxes of 12 KiB. Then log2 N less 1 and r less 1, a character each. */
const FORM = /^\$y\$j([./\dA-Za-j])([./\dA-Za-j])\$([./\dA-Za-z]{0,86})\$([./\dA-Za-z]{43})$/;
const HASH_OCTETS = 32;
const BLOCK_WORDS = 16;
/** N / p and N / p * r from which on the password is stretched with a 64th of the work first. */
const PREHASH_FROM = { n: 0x100, nr: 0x20000 };
export const readYescrypt: ReadVerifier = (scheme, rest) => {
  if (scheme !== '' || !/^\$g?y\$/.test(rest)) return undefined;
  if (rest.startsWith('$gy$'))
    throw new MailError('invalid', 'gost-yescrypt is not read here: its hash is that of GOST R 34.11-2012');
  const match = FORM.exec(rest);
  const salt = decodeCrypt64(match?.[3] ?? '');
  if (match === null || salt === undefined) throw new MailError('invalid', 'not the form of $y$ verifiers of crypt(3)');
  const n = 2 ** (valueOfCrypt64(match[1] ?? '') + 1);
  const r = valueOfCrypt64(match[2] ?? '') + 1;
  if (n * r * 128 > MAX_YESCRYPT_OCTETS)
    throw new MailError('invalid', `yescrypt may use ${MAX_YESCRYPT_OCTETS} octets of memory`);
  const wanted = Buffer.from(match[4] ?? '');
  return async (password) =>
    equalSecrets(Buffer.from(encodeCrypt64Octets(await yescrypt(Buffer.from(password), salt, n, r))), wanted);
};

async function yescrypt(password: Buffer, salt: Buffer, n: number, r: number): Promise<Buffer> {
  const isStretched = n >= PREHASH_FROM.n && n * r >= PREHASH_FROM.nr;
  const first = isStretched ? await stretch('yescrypt-prehash', password, salt, n >>> 6, r) : password;
  const key = await stretch('yescrypt', first, salt, n, r);
  // As for a StoredKey of SCRAM (RFC 5802 §3).
  return createHash('sha256').update(hmac(key, 'Client Key')).digest();
}

async function stretch(label: string, password: Buffer, salt: Buffer, n: number, r: number): Promise<Buffer> {
  const octets = pbkdf2Sync(hmac(label, password), salt, 1, 128 * r, 'sha256');
  const block = toWords(octets);
  const boxes = fillBoxes(block);
  // What follows is keyed by what the S-boxes have left of the password.
  const key = hmac(toOctets(block.subarray(-BLOCK_WORDS)), octets.subarray(0, HASH_OCTETS));
  await mixThroughMemory(block, n, boxes);
  return pbkdf2Sync(key, toOctets(block), 1, HASH_OCTETS, 'sha256');
}

function hmac(key: string | Buffer, data: string | Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function toWords(octets: Buffer): Uint32Array {
  return Uint32Array.from({ length: octets.length / 4 }, (_, at) => octets.readUInt32LE(at * 4));
}

function toOctets(words: Uint32Array): Buffer {
  const octets = Buffer.alloc(words.length * 4);
  words.forEach((word, at) => octets.writeUInt32LE(word, at * 4));
  return octets;
}
