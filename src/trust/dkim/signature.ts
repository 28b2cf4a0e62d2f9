/**
 * One DKIM-Signature or ARC-Message-Signature (RFC 6376 §3.5, RFC 8617 §4.1.2): its tags read strictly, its key
 * fetched, its hashes compared. Why the library's verifier is not used: its time grows with the square of a header's
 * folded lines, and it verifies every signature there is.
 */
import { createHash, verify } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { domainToASCII } from 'node:url';
import type { DnsQueries } from '#trust/checks/dns-queries.ts';
import { MAX_BODY_HASHES, MAX_CLOCK_SKEW_MS, MAX_SIGNATURE_FIELD_OCTETS } from '#trust/limits.ts';
import type { DkimResult } from '#trust/types.ts';
import {
  type BodyHash,
  type Canonicalisation,
  type SignedFields,
  canonicaliseOwnField,
  hashBody,
} from './canonical.ts';
import { type KeyRecord, parseKeyRecord } from './key-record.ts';
import { decodeBase64, parseTagList, splitList, withoutBlanks } from '#mime/tag-list.ts';

/** What was found about a signature. */
export interface Judgement {
  readonly result: DkimResult['result'];
  readonly comment: string;
  readonly isTesting?: boolean;
}

export interface Signature {
  /** The field, line end included, as a binary string. */
  readonly raw: string;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  readonly signature: string;
  readonly bodyHash: string;
  readonly headerCanon: Canonicalisation;
  readonly bodyCanon: Canonicalisation;
  /** l=; Infinity for the whole body. */
  readonly bodyLimit: number;
  /** Lower case. */
  readonly signedNames: readonly string[];
  /** The domain of i=. */
  readonly identityDomain: string;
  /** Seconds. */
  readonly signedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** Why it cannot be verified, whatever the DNS says. */
  readonly flaw: Judgement | undefined;
}

const DOMAIN =
  /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const SELECTOR =
  /^(?=.{1,200}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
const REQUIRED = { DKIM: ['v', 'a', 'b', 'bh', 'd', 'h', 's'], ARC: ['a', 'b', 'bh', 'd', 'h', 's', 'i'] };

/** Reads a signature field (`raw`: a binary string); what is wrong with it stands in `flaw`. */
export function parseSignature(raw: string, kind: 'DKIM' | 'ARC'): Signature {
  const isTooLong = raw.length > MAX_SIGNATURE_FIELD_OCTETS;
  const tags = isTooLong ? undefined : parseTagList(Buffer.from(raw.slice(raw.indexOf(':') + 1), 'latin1').toString());
  const tag = (name: string): string => tags?.get(name) ?? '';
  const [headerCanon = 'simple', bodyCanon = 'simple'] = (tags?.get('c') ?? 'simple').toLowerCase().split('/');
  const domain = toName(tag('d'));
  const limit = tags?.get('l');
  const identity = withoutBlanks(tag('i'));
  const signature = {
    raw,
    domain,
    selector: toName(tag('s')),
    algorithm: tag('a').toLowerCase(),
    signature: withoutBlanks(tag('b')),
    bodyHash: withoutBlanks(tag('bh')),
    headerCanon: headerCanon as Canonicalisation,
    bodyCanon: bodyCanon as Canonicalisation,
    bodyLimit: limit === undefined ? Infinity : Number(limit),
    signedNames: tag('h') === '' ? [] : splitList(tag('h')),
    identityDomain: kind === 'DKIM' && identity !== '' ? toName(identity.slice(identity.lastIndexOf('@') + 1)) : domain,
    signedAt: tags?.has('t') === true ? Number(tag('t')) : undefined,
    expiresAt: tags?.has('x') === true ? Number(tag('x')) : undefined,
  };
  const flaw = isTooLong
    ? neutral('the signature is too long to be read')
    : tags === undefined
      ? neutral('the signature is malformed')
      : findFlaw(signature, tags, kind);
  return { ...signature, flaw };
}

/** A lower-case A-label form; '' when there is none (RFC 8616 §3 allows U-labels in d=, s= and i=). */
function toName(text: string): string {
  return /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
}

function neutral(comment: string): Judgement {
  return { result: 'neutral', comment };
}

/** RFC 6376 §6.1.1. */
function findFlaw(
  signature: Omit<Signature, 'flaw'>,
  tags: ReadonlyMap<string, string>,
  kind: 'DKIM' | 'ARC',
): Judgement | undefined {
  const missing = REQUIRED[kind].find((name) => !tags.has(name));
  if (missing !== undefined) return neutral(`the signature has no ${missing}=`);
  if (kind === 'DKIM' && tags.get('v') !== '1') return neutral('the signature is of another version');
  // RFC 8301 §3.1.
  if (signature.algorithm === 'rsa-sha1') return { result: 'policy', comment: 'the signature is by SHA-1' };
  if (signature.algorithm !== 'rsa-sha256' && signature.algorithm !== 'ed25519-sha256') {
    return neutral('the signature is by an unknown algorithm');
  }
  const canons: readonly string[] = ['simple', 'relaxed'];
  if (!canons.includes(signature.headerCanon) || !canons.includes(signature.bodyCanon)) {
    return neutral('the signature is of an unknown canonicalisation');
  }
  if (!DOMAIN.test(signature.domain) || !SELECTOR.test(signature.selector)) {
    return neutral('the signature names no domain or selector');
  }
  if (decodeBase64(signature.signature) === undefined || decodeBase64(signature.bodyHash) === undefined) {
    return neutral('the signature is not base64');
  }
  for (const name of ['t', 'x', 'l']) {
    const value = tags.get(name);
    if (value !== undefined && !/^\d{1,15}$/.test(value)) return neutral(`the signature has a malformed ${name}=`);
  }
  const { signedAt, expiresAt } = signature;
  if (signedAt !== undefined && expiresAt !== undefined && expiresAt <= signedAt) {
    return neutral('the signature expires before it was made');
  }
  const methods = tags.get('q');
  if (methods !== undefined && !splitList(methods).includes('dns/txt')) return neutral('the key is not in the DNS');
  const isUnder = signature.identityDomain.endsWith(`.${signature.domain}`);
  if (signature.identityDomain !== signature.domain && !isUnder) return neutral('i= is outside d=');
  if (!signature.signedNames.includes('from')) return { result: 'permerror', comment: 'From is not signed' };
  // RFC 8617 §4.1.2.
  if (kind === 'ARC' && signature.signedNames.includes('arc-seal')) return neutral('the seal is signed');
  return undefined;
}

/** Verifies the signatures of one message: each distinct hash of its body is made once. */
export class SignatureVerifier {
  readonly #octets: Buffer;
  readonly #bodyStart: number;
  readonly #fields: SignedFields;
  readonly #queries: DnsQueries;
  readonly #nowMs: number;
  readonly #bodyHashes = new Map<string, Promise<BodyHash>>();
  /** When the header was last read through for a signature. */
  #headerRead: Promise<void> = Promise.resolve();

  constructor(octets: Buffer, bodyStart: number, fields: SignedFields, queries: DnsQueries, nowMs: number) {
    this.#octets = octets;
    this.#bodyStart = bodyStart;
    this.#fields = fields;
    this.#queries = queries;
    this.#nowMs = nowMs;
  }

  async verify(signature: Signature): Promise<Judgement> {
    const flaw = signature.flaw ?? this.#findFlawOfTime(signature);
    if (flaw !== undefined) return flaw;
    const key = await fetchKey(signature, this.#queries);
    if ('result' in key) return key;
    const judgement = await this.#compare(signature, key);
    return key.isTesting ? { ...judgement, isTesting: true } : judgement;
  }

  #findFlawOfTime({ signedAt, expiresAt }: Signature): Judgement | undefined {
    if (signedAt !== undefined && signedAt * 1000 > this.#nowMs + MAX_CLOCK_SKEW_MS) {
      return neutral('the signature was made in the future');
    }
    if (expiresAt !== undefined && expiresAt * 1000 < this.#nowMs) return neutral('the signature has expired');
    return undefined;
  }

  async #compare(signature: Signature, key: KeyRecord & { kind: 'key' }): Promise<Judgement> {
    if (!signature.algorithm.startsWith(`${key.type}-`)) {
      return { result: 'permerror', comment: 'the key is for another algorithm' };
    }
    if (key.isForExactDomain && signature.identityDomain !== signature.domain) {
      return { result: 'permerror', comment: 'the key is for its very domain only' };
    }
    const body = await this.#hashOfBody(signature);
    if (body === undefined) return neutral('more hashes of the body are wanted than are made');
    // RFC 6376 §3.4.5: l= must not exceed the body.
    const isBeyond = signature.bodyLimit !== Infinity && signature.bodyLimit > body.octets;
    if (isBeyond || body.hash !== signature.bodyHash) return { result: 'fail', comment: 'the body was changed' };

    // One header at a time, others getting their turn in between: one of a megabyte takes some 20 ms.
    this.#headerRead = this.#headerRead.then(() => nextTurn());
    await this.#headerRead;
    const { raw, headerCanon, signedNames } = signature;
    const header = [...this.#fields.select(signedNames, headerCanon), canonicaliseOwnField(raw, headerCanon)].join('');
    if (!isSignedBy(key, Buffer.from(header, 'latin1'), Buffer.from(signature.signature, 'base64'))) {
      return { result: 'fail', comment: 'the signature does not fit the header' };
    }
    // RFC 6376 §8.2: whoever adds to such a body, adds what readers see.
    const unsigned = body.octets - Math.min(signature.bodyLimit, body.octets);
    if (unsigned > 0) return { result: 'policy', comment: `${unsigned} octets of the body are not signed` };
    return { result: 'pass', comment: '' };
  }

  #hashOfBody({ bodyCanon, bodyLimit }: Signature): Promise<BodyHash> | undefined {
    const name = `${bodyCanon} ${bodyLimit}`;
    let hash = this.#bodyHashes.get(name);
    if (hash === undefined && this.#bodyHashes.size < MAX_BODY_HASHES) {
      hash = hashBody(this.#octets, this.#bodyStart, bodyCanon, bodyLimit);
      this.#bodyHashes.set(name, hash);
    }
    return hash;
  }
}

async function fetchKey(
  { domain, selector }: Signature,
  queries: DnsQueries,
): Promise<Judgement | (KeyRecord & { kind: 'key' })> {
  const answer = await queries.txt(`${selector}._domainkey.${domain}`);
  if (answer.kind === 'absent' || (answer.kind === 'failed' && answer.why === 'badName')) {
    return { result: 'permerror', comment: 'there is no such key' };
  }
  if (answer.kind === 'failed') return { result: 'temperror', comment: 'the key could not be looked up' };
  // RFC 6376 §3.6.2.2 leaves it open which of several records counts: one that has a key.
  const record = answer.records.find((one) => /(?:^|;)\s*p\s*=/.test(one)) ?? answer.records[0] ?? '';
  const key = parseKeyRecord(record);
  if (key.kind === 'key') return key;
  return { result: key.kind === 'weak' ? 'policy' : 'permerror', comment: key.reason };
}

function isSignedBy({ type, key }: KeyRecord & { kind: 'key' }, data: Buffer, signature: Buffer): boolean {
  try {
    // RFC 8463 §3: what Ed25519 signs is the digest.
    if (type === 'ed25519') return verify(null, createHash('sha256').update(data).digest(), key, signature);
    return verify('sha256', data, key, signature);
  } catch {
    return false;
  }
}
