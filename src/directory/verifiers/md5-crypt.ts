/** `$1$`: what FreeBSD made of MD5 for crypt(3) in 1994, and what Linux had for years. Some 3 ms. */
import { createHash } from 'node:crypto';
import { MailError } from '#base/errors.ts';
import { equalSecrets } from '#base/random.ts';
import { encodeCrypt64 } from './crypt64.ts';
import type { ReadVerifier } from './foreign.ts';

const ROUNDS = 1000;
const md5 = (...parts: readonly Uint8Array[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();

export const readMd5Crypt: ReadVerifier = (scheme, rest) => {
  if (!['', 'MD5-CRYPT'].includes(scheme) || !rest.startsWith('$1$')) return undefined;
  const match = /^\$1\$([^$]{0,8})\$([./\dA-Za-z]{22})$/.exec(rest);
  if (match === null) throw new MailError('invalid', 'not the form of $1$ verifiers');
  const [, salt = '', wanted = ''] = match;
  return (password) => equalSecrets(Buffer.from(md5Crypt(password, salt)), Buffer.from(wanted));
};

function md5Crypt(text: string, saltText: string): string {
  const password = Buffer.from(text);
  const salt = Buffer.from(saltText);
  const inner = md5(password, salt, password);
  const first: Uint8Array[] = [password, Buffer.from('$1$'), salt];
  for (let left = password.length; left > 0; left -= 16) first.push(inner.subarray(0, left));
  // For each bit of the length: a zero octet or the first of the password. So it was written, and so it stayed.
  for (let left = password.length; left > 0; left >>>= 1)
    first.push((left & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  let digest = md5(...first);
  for (let round = 0; round < ROUNDS; round++) {
    const parts: Uint8Array[] = [round % 2 === 1 ? password : digest];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(password);
    parts.push(round % 2 === 1 ? digest : password);
    digest = md5(...parts);
  }
  const octet = (at: number): number => digest[at] ?? 0;
  const triples = [0, 1, 2, 3, 4].map((at) =>
    encodeCrypt64((octet(at) << 16) | (octet(at + 6) << 8) | octet(at === 4 ? 5 : at + 12), 4),
  );
  return `${triples.join('')}${encodeCrypt64(octet(11), 2)}`;
}
