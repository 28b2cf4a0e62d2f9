/** Secrets that have to be read again, and state that a stranger carries for us: sealed under a key of ours (AES-256-GCM). */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from './random.ts';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;

/** base64url. `context`: what it is and whose; it opens with the same only. `key`: 32 octets. */
export function seal(key: Uint8Array, context: string, text: string, random: Random): string {
  const nonce = random.bytes(NONCE_OCTETS);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined: not sealed so, or not by us. */
export function unseal(key: Uint8Array, context: string, sealed: string): string | undefined {
  const octets = Buffer.from(sealed, 'base64url');
  if (octets.length < NONCE_OCTETS + TAG_OCTETS) return undefined;
  const [nonce, tag] = [octets.subarray(0, NONCE_OCTETS), octets.subarray(-TAG_OCTETS)];
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_OCTETS })
    .setAAD(Buffer.from(context))
    .setAuthTag(tag);
  try {
    const text = decipher.update(octets.subarray(NONCE_OCTETS, -TAG_OCTETS));
    return Buffer.concat([text, decipher.final()]).toString();
  } catch {
    return undefined;
  }
}
