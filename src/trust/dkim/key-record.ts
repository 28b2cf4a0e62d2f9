/** DKIM key records (RFC 6376 §3.6.1, RFC 8463 §4): a TXT record to a public key, or why not. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { MAX_RSA_BITS, MIN_RSA_BITS } from '#trust/limits.ts';
import { decodeBase64, parseTagList, splitList, withoutBlanks } from '#mime/tag-list.ts';

export type KeyType = 'rsa' | 'ed25519';

export type KeyRecord =
  | {
      readonly kind: 'key';
      readonly type: KeyType;
      readonly key: KeyObject;
      /** t=y: the owner is testing. */
      readonly isTesting: boolean;
      /** t=s: i= may not be a subdomain of d=. */
      readonly isForExactDomain: boolean;
    }
  | { readonly kind: 'weak'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly reason: string };

/** DER of a SubjectPublicKeyInfo up to the 32 octets of an Ed25519 key (RFC 8410 §4). */
const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function parseKeyRecord(record: string): KeyRecord {
  const tags = parseTagList(record);
  if (tags === undefined) return unusable('the key record is malformed');
  const version = tags.get('v');
  if (version !== undefined && (version !== 'DKIM1' || [...tags.keys()][0] !== 'v')) {
    return unusable('the key record is of another version');
  }
  const encoded = withoutBlanks(tags.get('p') ?? '');
  if (encoded === '') return unusable(tags.has('p') ? 'the key is revoked' : 'the key record has no key');
  const hashes = tags.get('h');
  if (hashes !== undefined && !splitList(hashes).includes('sha256')) return unusable('the key is not for SHA-256');
  const services = splitList(tags.get('s') ?? '*');
  if (!services.includes('*') && !services.includes('email')) return unusable('the key is not for e-mail');

  const type = (tags.get('k') ?? 'rsa').toLowerCase();
  const der = decodeBase64(encoded);
  if (der === undefined) return unusable('the key is malformed');
  const key = type === 'rsa' ? readRsaKey(der) : type === 'ed25519' ? readEd25519Key(der) : undefined;
  if (key === undefined) return unusable(`no ${type === 'rsa' || type === 'ed25519' ? type : 'known'} key`);
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) return { kind: 'weak', reason: `the key has ${bits} bits only` };
  if (bits !== undefined && bits > MAX_RSA_BITS) return unusable(`the key has ${bits} bits`);
  const flags = splitList(tags.get('t') ?? '');
  return {
    kind: 'key',
    type: type as KeyType,
    key,
    isTesting: flags.includes('y'),
    isForExactDomain: flags.includes('s'),
  };
}

function unusable(reason: string): KeyRecord {
  return { kind: 'unusable', reason };
}

/** What is published is a SubjectPublicKeyInfo; RFC 6376 speaks of the bare RSAPublicKey inside it. */
function readRsaKey(der: Buffer): KeyObject | undefined {
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      const key = createPublicKey({ key: der, format: 'der', type });
      if (key.asymmetricKeyType === 'rsa') return key;
    } catch {
      // Not of this form.
    }
  }
  return undefined;
}

function readEd25519Key(raw: Buffer): KeyObject | undefined {
  if (raw.length !== 32) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([ED25519_PREFIX, raw]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
