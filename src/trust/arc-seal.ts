/** Seals a message that we pass on (RFC 8617 §5.1), so that who gets it may know what we found when it came. */
import { parseHeader } from '#mime/header.ts';
import { asBuffer } from '#mime/octets.ts';
import { formatMethods } from './authentication-results.ts';
import { chooseNames } from './dkim-sign.ts';
import { SignedFields, canonicaliseField, hashBody } from './dkim/canonical.ts';
import { type Signer, signField } from './dkim/sign-field.ts';
import { MAX_ARC_SETS, MAX_SIGNATURE_FIELD_OCTETS } from './limits.ts';
import type { MessageAuthentication } from './types.ts';

export interface SealRequest {
  /** As it leaves, with what we changed; CRLF line ends. */
  readonly octets: Uint8Array;
  /** What we found when it came. */
  readonly authentication: MessageAuthentication;
  /** Our authserv-id. */
  readonly hostname: string;
  readonly signer: Signer;
  readonly nowMs: number;
}

/**
 * The three fields of one ARC set, to be put before the message. Undefined where no seal is of use: the chain has
 * failed already (RFC 8617 §5.1.2), has no room, or could not be judged.
 */
export async function sealMessage(request: SealRequest): Promise<string | undefined> {
  const { authentication, hostname, signer, nowMs } = request;
  const message = asBuffer(request.octets);
  const headers = parseHeader(message);
  const fields = new SignedFields(message, headers);
  const { arc } = authentication;
  if (arc.result === 'temperror') return undefined;
  const seals = fields.named('arc-seal').map((field) => fields.raw(field));
  if (seals.some((seal) => seal.length > MAX_SIGNATURE_FIELD_OCTETS || /[;:]\s*cv\s*=\s*fail\b/i.test(seal))) {
    return undefined;
  }
  const highest = Math.max(0, ...seals.map(instanceOf));
  if (highest >= MAX_ARC_SETS || seals.length > MAX_ARC_SETS) return undefined;
  const instance = highest + 1;
  // RFC 8617 §4.4: the first has nothing before it to judge.
  const cv = instance === 1 ? 'none' : arc.result === 'pass' ? 'pass' : 'fail';

  const results = [`i=${instance}`, hostname, ...formatMethods(authentication)].join(';\r\n\t');
  const resultsField = `ARC-Authentication-Results: ${results}\r\n`;
  const names = [
    ...chooseNames(fields),
    ...Array<string>(fields.named('dkim-signature').length).fill('DKIM-Signature'),
  ];
  const lowerNames = names.map((name) => name.toLowerCase());
  const common = [
    ['a', signer.algorithm],
    ['d', signer.domain],
    ['s', signer.selector],
    ['t', String(Math.floor(nowMs / 1000))],
  ] as const;
  const signatureField = await signField(
    'ARC-Message-Signature',
    [
      ['i', String(instance)],
      ...common,
      ['c', 'relaxed/relaxed'],
      ['h', names.join(':')],
      ['bh', (await hashBody(message, headers.bodyStart, 'relaxed')).hash],
    ],
    [...fields.select(lowerNames, 'relaxed')].join(''),
    signer,
  );
  // RFC 8617 §5.1.1 and §5.1.2: the whole chain, or our own set where it is broken.
  const before = cv === 'pass' ? selectChain(fields, highest) : [];
  const sealed = [...before, resultsField, signatureField].map((raw) => canonicaliseField(raw, 'relaxed')).join('');
  const sealField = await signField('ARC-Seal', [['i', String(instance)], ...common, ['cv', cv]], sealed, signer);
  return sealField + signatureField + resultsField;
}

/** The fields of sets 1 … `length`, in the order in which they are sealed. */
function selectChain(fields: SignedFields, length: number): string[] {
  const byInstance = ['arc-authentication-results', 'arc-message-signature', 'arc-seal'].map(
    (name) => new Map(fields.named(name).map((field) => [instanceOf(fields.raw(field)), fields.raw(field)])),
  );
  return Array.from({ length }, (_, index) => byInstance.map((map) => map.get(index + 1) ?? '')).flat();
}

function instanceOf(raw: string): number {
  const digits = /[:;](?:\s|\([^()]*\))*i\s*=\s*(\d{1,2})\s*(?:;|$)/.exec(raw)?.[1];
  return digits === undefined ? 0 : Number(digits);
}
