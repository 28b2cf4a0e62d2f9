/** What a server keeps to check SCRAM proofs (RFC 5802 §3) and how it is written down (RFC 5803). */
import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { decodeBase64 } from './line.ts';
import { MAX_SCRAM_ITERATIONS } from './limits.ts';

const deriveKey = promisify(pbkdf2);

export interface ScramVerifier {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export interface ScramHash {
  /** As node:crypto names it. */
  readonly name: 'sha256' | 'sha1';
  readonly octets: number;
}

export const SHA256: ScramHash = { name: 'sha256', octets: 32 };

/** RFC 5802 §3: what both sides prove that they know. Runs off the main thread. */
export async function deriveScramKeys(
  password: string,
  salt: Buffer,
  iterations: number,
  hash: ScramHash = SHA256,
): Promise<{ readonly clientKey: Buffer; readonly storedKey: Buffer; readonly serverKey: Buffer }> {
  const saltedPassword = await deriveKey(password, salt, iterations, hash.octets, hash.name);
  const clientKey = hmac(hash, saltedPassword, 'Client Key');
  return {
    clientKey,
    storedKey: createHash(hash.name).update(clientKey).digest(),
    serverKey: hmac(hash, saltedPassword, 'Server Key'),
  };
}

/** RFC 7677 §4: at least 4096 iterations. `password` is prepared already (`prepareString`). Runs off the main thread. */
export async function deriveScramVerifier(
  password: string,
  salt: Buffer,
  iterations: number,
  hash: ScramHash = SHA256,
): Promise<ScramVerifier> {
  const { storedKey, serverKey } = await deriveScramKeys(password, salt, iterations, hash);
  return { salt, iterations, storedKey, serverKey };
}

/** `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`, the last three in base64 (RFC 5803 §3). */
export function formatScramVerifier(verifier: ScramVerifier): string {
  const [salt, storedKey, serverKey] = [verifier.salt, verifier.storedKey, verifier.serverKey].map((bytes) =>
    bytes.toString('base64'),
  );
  return `SCRAM-SHA-256$${verifier.iterations}:${salt}$${storedKey}:${serverKey}`;
}

/** Reads what `formatScramVerifier` wrote; undefined for anything else. */
export function parseScramVerifier(text: string): ScramVerifier | undefined {
  const match = /^SCRAM-SHA-256\$([1-9][0-9]{0,8}):([^$:]{1,256})\$([^$:]{44}):([^$:]{44})$/.exec(text);
  if (match === null) return undefined;
  const iterations = Number(match[1]);
  const [salt, storedKey, serverKey] = [match[2], match[3], match[4]].map((part) => decodeBase64(part ?? ''));
  if (iterations > MAX_SCRAM_ITERATIONS || !salt || !storedKey || !serverKey) return undefined;
  if (storedKey.length !== SHA256.octets || serverKey.length !== SHA256.octets) return undefined;
  return { salt, iterations, storedKey, serverKey };
}

/** Whether one proof can be checked by both: clients are told one salt and one count. */
export function hasSameScramSalt(one: ScramVerifier, other: ScramVerifier): boolean {
  return one.iterations === other.iterations && one.salt.equals(other.salt);
}

/** RFC 5802 §2.2: HMAC(key, str). */
export function hmac(hash: ScramHash, key: Buffer, data: string): Buffer {
  return createHmac(hash.name, key).update(data, 'utf8').digest();
}
