/**
 * DKIM signing keys of a domain (RFC 6376, RFC 8463): made, named, shown as DNS records, and compared with what the DNS
 * publishes. A key is `new` until its record is seen, then `active` (one for each algorithm), then `retired`: it signs
 * no more, and its record stays for as long as mail with its signatures is on the way.
 */
import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Resolver } from '#dns/resolver.ts';
import type { Signer, SigningAlgorithm } from './dkim/sign-field.ts';
import { parseTagList, withoutBlanks } from '#mime/tag-list.ts';
import { RETIRED_KEY_KEPT_MS } from './limits.ts';

export type { Signer, SigningAlgorithm } from './dkim/sign-field.ts';

export type DkimKeyState = 'new' | 'active' | 'retired';

export interface DkimKey {
  /** A-labels, lower case. */
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: DkimKeyState;
  /** PKCS #8 in PEM: a secret. */
  readonly privateKey: string;
  /** What stands in p=. */
  readonly publicKey: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  /** When it came into its state. */
  readonly changedAt: number;
}

/** RFC 8301 §3.2 asks for 2,048 at least; more does not fit into one DNS string, nor into every DNS panel. */
const RSA_BITS = 2048;

const generate = promisify(generateKeyPair);

/** A fresh key, `new`. RSA takes some 100 ms, on another thread. */
export async function makeDkimKey(
  domain: string,
  selector: string,
  algorithm: SigningAlgorithm,
  nowMs: number,
): Promise<DkimKey> {
  const { privateKey, publicKey } =
    algorithm === 'rsa-sha256' ? await generate('rsa', { modulusLength: RSA_BITS }) : await generate('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    domain,
    selector,
    algorithm,
    state: 'new',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    // RFC 8463 §4: of an Ed25519 key the bare 32 octets at its end.
    publicKey: (algorithm === 'rsa-sha256' ? der : der.subarray(-32)).toString('base64'),
    createdAt: nowMs,
    changedAt: nowMs,
  };
}

/** The next free name of a year: `c2026a`, `c2026b` … `c2026z`, `c2026aa`. */
export function nextSelector(taken: Iterable<string>, nowMs: number): string {
  const used = new Set(taken);
  const year = new Date(nowMs).getUTCFullYear();
  for (let number = 0; ; number++) {
    let letters = '';
    for (let rest = number; rest >= 0; rest = Math.floor(rest / 26) - 1) {
      letters = String.fromCharCode(97 + (rest % 26)) + letters;
    }
    if (!used.has(`c${year}${letters}`)) return `c${year}${letters}`;
  }
}

/** Ready to sign with. Throws on a key that is none. */
export function openSigner({ domain, selector, algorithm, privateKey }: DkimKey): Signer {
  return { domain, selector, algorithm, key: createPrivateKey(privateKey) };
}

/** Whether the key's record has to be in the DNS. */
export function needsRecord(key: DkimKey, nowMs: number): boolean {
  return key.state !== 'retired' || nowMs - key.changedAt < RETIRED_KEY_KEPT_MS;
}

/** The name of its record, without a final dot. */
export function keyRecordName({ domain, selector }: Pick<DkimKey, 'domain' | 'selector'>): string {
  return `${selector}._domainkey.${domain}`;
}

/** The text of its TXT record (RFC 6376 §3.6.1). */
export function formatKeyRecord({ algorithm, publicKey }: Pick<DkimKey, 'algorithm' | 'publicKey'>): string {
  return `v=DKIM1; k=${algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; h=sha256; p=${publicKey}`;
}

/** RFC 1035 §3.3: a TXT record is made of strings of at most 255 octets. ASCII only. */
export function splitTxt(text: string): string[] {
  return text.match(/.{1,255}/gs) ?? [''];
}

/** The record as a line of a zone file. */
export function formatZoneLine(key: DkimKey): string {
  const strings = splitTxt(formatKeyRecord(key)).map((one) => `"${one}"`);
  return `${keyRecordName(key)}. IN TXT ${strings.length === 1 ? strings.join('') : `( ${strings.join(' ')} )`}`;
}

export type PublishedKey =
  | { readonly kind: 'published' }
  | { readonly kind: 'absent' }
  /** Another key, a key that is revoked, or no key record at all; `found` is what stands there. */
  | { readonly kind: 'different'; readonly found: string }
  /** Nobody could say: try again. */
  | { readonly kind: 'unknown'; readonly message: string };

/** Whether the DNS has the record of a key, whatever its order of tags and blanks. */
export async function checkPublishedKey(key: DkimKey, resolver: Resolver): Promise<PublishedKey> {
  const answer = await resolver.txt(keyRecordName(key));
  if (answer.kind === 'failed') return { kind: 'unknown', message: answer.message };
  if (answer.kind === 'absent') return { kind: 'absent' };
  const [found = ''] = answer.records;
  // RFC 6376 §3.6.2.2: several records under one name are anybody's guess.
  if (answer.records.length > 1) return { kind: 'different', found: answer.records.join(' | ') };
  const tags = parseTagList(found);
  const isSame =
    withoutBlanks(tags?.get('p') ?? '') === key.publicKey &&
    (tags?.get('k') ?? 'rsa') === (key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519');
  return isSame ? { kind: 'published' } : { kind: 'different', found };
}
