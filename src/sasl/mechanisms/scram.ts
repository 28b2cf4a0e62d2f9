/**
 * SCRAM (RFC 5802) with SHA-256 (RFC 7677): the password never crosses the wire, and the server proves that it
 * knows the account too. A -PLUS mechanism is bound to the TLS connection it runs on (RFC 5802 §6), so that somebody
 * between client and server, with a certificate the client believes, cannot pass the exchange on.
 */
import { createHash } from 'node:crypto';
import type { Random } from '#base/random.ts';
import { equalSecrets } from '#base/random.ts';
import { decodeBase64 } from '#sasl/line.ts';
import { parseGs2Header, parseSaslName } from '#sasl/gs2-header.ts';
import type { Gs2Header } from '#sasl/gs2-header.ts';
import { MAX_LINE_OCTETS, MAX_NONCE_LENGTH } from '#sasl/limits.ts';
import { beginScram, finishScram, malformed, receive } from '#sasl/mechanism.ts';
import type { BindChannel, SaslMechanism } from '#sasl/mechanism.ts';
import { hmac, SHA256 } from '#sasl/scram-verifier.ts';
import type { ScramHash, ScramVerifier } from '#sasl/scram-verifier.ts';
import { decodeText } from '#sasl/text.ts';

export interface ClientFirst {
  /** Up to and with the second comma: what `c=` repeats. */
  readonly gs2Header: string;
  readonly binding: Gs2Header['binding'];
  readonly authzid: string;
  /** The message without gs2Header. */
  readonly bare: string;
  readonly login: string;
  readonly nonce: string;
}

export interface ClientFinal {
  readonly channelBinding: Buffer;
  readonly nonce: string;
  readonly proof: Buffer;
  readonly withoutProof: string;
}

export interface ScramOptions {
  readonly name: string;
  readonly hash: ScramHash;
  /** Whether it is bound to the channel. */
  readonly isBound: boolean;
  /** Printable ASCII without comma. */
  readonly makeNonce?: (random: Random) => string;
}

export function createScram({ name, hash, isBound, makeNonce = randomNonce }: ScramOptions): SaslMechanism {
  return {
    name,
    plaintext: false,
    ...(isBound ? { needs: 'channelBinding' } : {}),
    *run({ random, bindChannel }) {
      const first = parseClientFirst(yield* receive(Buffer.alloc(0)));
      if (first === undefined) return malformed;
      const expectedBinding = expectBinding(first, isBound, bindChannel);
      if (expectedBinding === undefined) return malformed;

      const attempt = yield* beginScram(first.login, first.authzid);
      const { verifiers } = attempt;
      const [{ salt, iterations }] = verifiers;
      const nonce = first.nonce + makeNonce(random);
      const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;

      const final = parseClientFinal(yield* receive(Buffer.from(serverFirst)), hash);
      // RFC 5802 §5.1: the nonce and the GS2 header must come back as they were, or someone is in between; so must what
      // is bound be ours, or the client's TLS ends elsewhere.
      if (final === undefined || final.nonce !== nonce) return malformed;
      if (!equalSecrets(final.channelBinding, expectedBinding)) return malformed;

      const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
      // All are looked at, whichever fits.
      const fits = verifiers.map((verifier) => fitsProof(hash, verifier, authMessage, final.proof));
      const fitting = fits.indexOf(true);
      const result = yield* finishScram(attempt, fitting);
      if (!result.ok) return result;

      // RFC 4422 §3.6: where a protocol has no data with success, it goes as a challenge, answered by nothing.
      const { serverKey } = verifiers[fitting] ?? verifiers[0];
      const signature = hmac(hash, serverKey, authMessage).toString('base64');
      const acknowledgement = yield* receive(Buffer.from(`v=${signature}`));
      return acknowledgement.length === 0 ? result : malformed;
    },
  };
}

export const scramSha256: SaslMechanism = createScram({ name: 'SCRAM-SHA-256', hash: SHA256, isBound: false });
export const scramSha256Plus: SaslMechanism = createScram({ name: 'SCRAM-SHA-256-PLUS', hash: SHA256, isBound: true });

function randomNonce(random: Random): string {
  return random.bytes(24).toString('base64');
}

/**
 * The octets `c=` must hold: the GS2 header, and what is bound after it. Undefined if the client's flag does not go
 * with the mechanism.
 */
function expectBinding(
  { gs2Header, binding }: ClientFirst,
  isBound: boolean,
  bindChannel: BindChannel | undefined,
): Buffer | undefined {
  const header = Buffer.from(gs2Header);
  if (typeof binding === 'object') {
    const bound = isBound ? bindChannel?.(binding.name) : undefined;
    return bound && Buffer.concat([header, bound]);
  }
  if (isBound) return undefined;
  // RFC 5802 §6: we do offer binding where there is TLS; a client that believes otherwise was shown another list.
  return binding === 'notOffered' && bindChannel !== undefined ? undefined : header;
}

/** RFC 5802 §3: ClientKey = ClientProof XOR ClientSignature, and its hash must be StoredKey. */
function fitsProof(hash: ScramHash, verifier: ScramVerifier, authMessage: string, proof: Buffer): boolean {
  const clientKey = hmac(hash, verifier.storedKey, authMessage);
  for (let i = 0; i < clientKey.length; i++) clientKey[i] = (clientKey[i] ?? 0) ^ (proof[i] ?? 0);
  return equalSecrets(createHash(hash.name).update(clientKey).digest(), verifier.storedKey);
}

/** RFC 5802 §7 client-first-message. */
export function parseClientFirst(message: Buffer): ClientFirst | undefined {
  const text = decodeText(message, MAX_LINE_OCTETS);
  if (text === undefined) return undefined;
  const header = parseGs2Header(text);
  if (header === undefined) return undefined;

  // §5.1: `m=` first would be a mandatory extension, and we know none. Optional ones at the end are ignored.
  const bare = text.slice(header.length);
  const [namePart = '', noncePart = ''] = bare.split(',', 2);
  const login = parseSaslName(namePart, 'n=');
  if (!login) return undefined;
  const nonce = noncePart.startsWith('r=') ? noncePart.slice(2) : '';
  if (nonce.length > MAX_NONCE_LENGTH || !/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce)) return undefined;
  const { binding, authzid } = header;
  return { gs2Header: text.slice(0, header.length), binding, authzid, bare, login, nonce };
}

/** RFC 5802 §7 client-final-message. */
export function parseClientFinal(message: Buffer, hash: ScramHash = SHA256): ClientFinal | undefined {
  const text = decodeText(message, MAX_LINE_OCTETS);
  // The proof is last, so that everything before it can be signed.
  const proofAt = text === undefined ? -1 : text.lastIndexOf(',p=');
  if (text === undefined || proofAt === -1) return undefined;
  const withoutProof = text.slice(0, proofAt);
  const [bindingPart = '', noncePart = ''] = withoutProof.split(',', 2);
  if (!bindingPart.startsWith('c=') || !noncePart.startsWith('r=')) return undefined;
  const channelBinding = decodeBase64(bindingPart.slice(2));
  const proof = decodeBase64(text.slice(proofAt + 3));
  if (channelBinding === undefined || proof?.length !== hash.octets) return undefined;
  return { channelBinding, nonce: noncePart.slice(2), proof, withoutProof };
}
