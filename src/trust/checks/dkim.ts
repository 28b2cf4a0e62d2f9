/** DKIM (RFC 6376) of a received message: which of its signatures are looked at, and what each is worth. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getDomain } from 'tldts';
import { type Signature, type SignatureVerifier, parseSignature } from '#trust/dkim/signature.ts';
import type { SignedFields } from '#trust/dkim/canonical.ts';
import { MAX_SIGNATURES } from '#trust/limits.ts';
import type { DkimResult } from '#trust/types.ts';

/** RFC 6008 §4: enough to tell two signatures apart. */
const SIGNATURE_START_LENGTH = 8;

export interface DkimChecked {
  readonly results: readonly DkimResult[];
  readonly ignored: number;
}

/**
 * Verifies each signature once, the author's own first where there are too many: those are what DMARC asks about.
 * `fromDomain` as DMARC reads it.
 */
export async function checkDkim(
  fields: SignedFields,
  verifier: SignatureVerifier,
  fromDomain: string | undefined,
): Promise<DkimChecked> {
  const raws = [...new Set(fields.named('dkim-signature').map((field) => fields.raw(field)))];
  const signatures: Signature[] = [];
  for (const raw of raws) {
    // Others get their turn between each ten: a megabyte of signatures takes 80 ms to read.
    if (signatures.length > 0 && signatures.length % MAX_SIGNATURES === 0) await nextTurn();
    signatures.push(parseSignature(raw, 'DKIM'));
  }
  const chosen =
    signatures.length <= MAX_SIGNATURES
      ? signatures
      : signatures
          .toSorted((a, b) => Number(isRelated(b.domain, fromDomain)) - Number(isRelated(a.domain, fromDomain)))
          .slice(0, MAX_SIGNATURES);
  const results = await Promise.all(
    chosen.map(async (signature) => toResult(signature, await verifier.verify(signature))),
  );
  return { results, ignored: signatures.length - chosen.length };
}

/** Whether two names belong to one organisation, by the Public Suffix List. */
export function isRelated(domain: string, other: string | undefined): boolean {
  if (other === undefined || domain === '') return false;
  return organisationOf(domain) === organisationOf(other);
}

function organisationOf(domain: string): string {
  return getDomain(domain, { allowPrivateDomains: true }) ?? domain;
}

function toResult(signature: Signature, judgement: Awaited<ReturnType<SignatureVerifier['verify']>>): DkimResult {
  return {
    result: judgement.result,
    domain: signature.domain,
    selector: signature.selector,
    algorithm: signature.algorithm,
    signatureStart: signature.signature.slice(0, SIGNATURE_START_LENGTH),
    comment: judgement.comment,
    isTesting: judgement.isTesting === true,
  };
}
