/**
 * DKIM signatures for mail that leaves (RFC 6376 §5): relaxed/relaxed, by every key given, over one hash of the body.
 * Never l=: what is signed is all of it.
 */
import { parseHeader } from '#mime/header.ts';
import { asBuffer } from '#mime/octets.ts';
import { SignedFields, hashBody } from './dkim/canonical.ts';
import { type Signer, signField } from './dkim/sign-field.ts';

/**
 * Signed once more than they are there (RFC 6376 §8.15): nobody may add another. A list that sets Reply-To breaks the
 * signature, as one that touches Subject does.
 */
const OVERSIGNED = 'From To Cc Subject Date Reply-To Message-ID MIME-Version Content-Type Content-Transfer-Encoding';
/** Signed where they are. Lists add their own Sender and List-*, which must not break what the author signed. */
const SIGNED =
  'Sender In-Reply-To References List-Id List-Help List-Unsubscribe List-Unsubscribe-Post List-Post List-Archive ' +
  'Auto-Submitted';

/**
 * The DKIM-Signature fields of a message, one for each signer, to be put before it. `octets`: CRLF line ends, as it
 * will leave, and unchanged meanwhile. Hashes 100 to 700 MB a second, on this thread, others getting their turn after
 * each; RSA on another.
 */
export async function signMessage(octets: Uint8Array, signers: readonly Signer[], nowMs: number): Promise<string> {
  const message = asBuffer(octets);
  const headers = parseHeader(message);
  const fields = new SignedFields(message, headers);
  const names = chooseNames(fields);
  const signed = [
    ...fields.select(
      names.map((name) => name.toLowerCase()),
      'relaxed',
    ),
  ].join('');
  const { hash } = await hashBody(message, headers.bodyStart, 'relaxed');
  const made = await Promise.all(
    signers.map((signer) =>
      signField(
        'DKIM-Signature',
        [
          ['v', '1'],
          ['a', signer.algorithm],
          ['c', 'relaxed/relaxed'],
          ['d', signer.domain],
          ['s', signer.selector],
          ['t', String(Math.floor(nowMs / 1000))],
          ['h', names.join(':')],
          ['bh', hash],
        ],
        signed,
        signer,
      ),
    ),
  );
  return made.join('');
}

/** The names for h=: each as often as it is there, and once more where that is of use. */
export function chooseNames(fields: SignedFields): string[] {
  const count = (name: string): number => fields.named(name.toLowerCase()).length;
  return [
    ...OVERSIGNED.split(' ').flatMap((name) => Array<string>(count(name) + 1).fill(name)),
    ...SIGNED.split(' ').flatMap((name) => Array<string>(count(name)).fill(name)),
  ];
}
