/** Writes a signature field (DKIM-Signature, ARC-Message-Signature, ARC-Seal): tags folded, b= over what is given. */
import { type KeyObject, createHash, sign } from 'node:crypto';
import { canonicaliseOwnField } from './canonical.ts';

export type SigningAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

export interface Signer {
  /** d= and s=, A-labels. */
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: KeyObject;
}

/** RFC 5322 §2.1.1. */
const LINE_LENGTH = 78;

/**
 * The field with its last CRLF. `signed` is the canonical header before it (a binary string); the field itself is
 * canonicalised relaxed. RSA works on another thread: some 0.6 ms.
 */
export async function signField(
  name: string,
  tags: readonly (readonly [name: string, value: string])[],
  signed: string,
  { algorithm, key }: Signer,
): Promise<string> {
  const unsigned = `${foldTags(`${name}:`, tags)}\r\n\tb=`;
  const data = Buffer.from(signed + canonicaliseOwnField(unsigned, 'relaxed'), 'latin1');
  const signature = await new Promise<Buffer>((resolve, reject) => {
    const done = (error: Error | null, octets: Buffer): void => (error === null ? resolve(octets) : reject(error));
    // RFC 8463 §3: what Ed25519 signs is the digest.
    if (algorithm === 'ed25519-sha256') sign(null, createHash('sha256').update(data).digest(), key, done);
    else sign('sha256', data, key, done);
  });
  return `${unsigned}${signature.toString('base64').replace(/.{72}(?=.)/g, '$&\r\n\t ')}\r\n`;
}

/** `Name: a=1; b=2;`, broken between tags and, in lists, after colons; every tag ends with its semicolon. */
function foldTags(start: string, tags: readonly (readonly [string, string])[]): string {
  let text = start;
  let column = start.length;
  for (const [name, value] of tags) {
    for (const [index, piece] of `${name}=${value};`.split(/(?<=:)/).entries()) {
      const blank = index === 0 ? ' ' : '';
      if (column + blank.length + piece.length > LINE_LENGTH) {
        text += `\r\n\t${index === 0 ? '' : ' '}${piece}`;
        column = 8 + piece.length;
      } else {
        text += blank + piece;
        column += blank.length + piece.length;
      }
    }
  }
  return text;
}
