/**
 * ARC (RFC 8617 §5.2): whether the chain of sets is unbroken, and who sealed it. The chain's form and seals are judged
 * by the library `mailauth`, which is shown the ARC fields only; the newest message signature by our own verifier.
 */
import { type ARCChainEntry, getARChain, verifyASChain } from 'mailauth';
import { errorText } from '#base/errors.ts';
import { type SignatureVerifier, parseSignature } from '#trust/dkim/signature.ts';
import type { SignedFields } from '#trust/dkim/canonical.ts';
import {
  MAX_ARC_OCTETS,
  MAX_ARC_SETS,
  MAX_RESULT_TEXT_LENGTH,
  MAX_SIGNATURE_FIELD_OCTETS,
  MIN_RSA_BITS,
} from '#trust/limits.ts';
import type { ArcResult, ArcSet } from '#trust/types.ts';
import { type DnsQueries, isTemporary, nodeResolver } from './dns-queries.ts';

const NAMES = ['ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results'] as const;

export async function checkArc(
  fields: SignedFields,
  verifier: SignatureVerifier,
  queries: DnsQueries,
): Promise<ArcResult> {
  const found = NAMES.flatMap((name) =>
    fields.named(name.toLowerCase()).map((field) => ({ name, raw: fields.raw(field) })),
  );
  if (found.length === 0) return { result: 'none', sets: [], comment: '' };
  if (found.length > MAX_ARC_SETS * NAMES.length) return broken('the chain is longer than is looked at');
  if (found.some(({ raw }) => raw.length > MAX_SIGNATURE_FIELD_OCTETS)) return broken('a field is too long to be read');
  if (found.reduce((octets, { raw }) => octets + raw.length, 0) > MAX_ARC_OCTETS) {
    return broken('the chain is larger than is looked at');
  }

  let chain: ARCChainEntry[];
  try {
    const parsed = found.map(({ name, raw }) => ({
      key: name.toLowerCase(),
      casedKey: name,
      line: Buffer.from(raw.replace(/\r\n$/, ''), 'latin1'),
    }));
    chain = getARChain({ parsed }, { strict: true }) || [];
  } catch (error) {
    return broken(errorText(error));
  }
  const sets = chain.map(toSet);
  const newest = fields.named('arc-message-signature').map((field) => parseSignature(fields.raw(field), 'ARC'));
  // The chain is whole: one signature has its length as instance.
  const signature = newest.find(({ raw }) => instanceOf(raw) === chain.length);
  if (signature === undefined) return broken('no message signature');

  let sawFailure = false;
  const resolver = nodeResolver(queries, '');
  try {
    const judgement = await verifier.verify(signature);
    if (judgement.result === 'temperror') return { result: 'temperror', sets, comment: judgement.comment };
    if (judgement.result !== 'pass') return broken(judgement.comment, sets);
    await verifyASChain(
      { chain },
      {
        strict: true,
        minBitLength: MIN_RSA_BITS,
        resolver: (name, type) =>
          resolver(name, type).catch((error: unknown) => {
            sawFailure ||= isTemporary(error);
            throw error;
          }),
      },
    );
    return { result: 'pass', sets, comment: '' };
  } catch (error) {
    // A seal whose key nobody could look up is not known to be broken.
    if (sawFailure) return { result: 'temperror', sets, comment: 'a key could not be looked up' };
    return broken(errorText(error), sets);
  }
}

function broken(comment: string, sets: readonly ArcSet[] = []): ArcResult {
  return { result: 'fail', sets, comment: comment.slice(0, MAX_RESULT_TEXT_LENGTH) };
}

function instanceOf(raw: string): number {
  return Number(/[:;]\s*i\s*=\s*(\d{1,2})\s*(?:;|$)/.exec(raw)?.[1]);
}

function toSet(entry: ARCChainEntry): ArcSet {
  const seal = entry['arc-seal']?.parsed;
  const said = entry['arc-authentication-results']?.parsed as Record<string, unknown> | undefined;
  return {
    instance: entry.i,
    sealer: textOf(seal?.d?.value).toLowerCase(),
    selector: textOf(seal?.s?.value),
    reported: { spf: keyword(said?.spf), dkim: keyword(said?.dkim), dmarc: keyword(said?.dmarc) },
  };
}

/** The result a sealer reported for a method; of several (DKIM) `pass` if there is one. */
function keyword(said: unknown): string {
  const results = (Array.isArray(said) ? said : [said]).map((one: unknown) =>
    textOf((one as { value?: unknown } | undefined)?.value).toLowerCase(),
  );
  const result = results.includes('pass') ? 'pass' : (results[0] ?? '');
  return /^[a-z]{1,20}$/.test(result) ? result : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
