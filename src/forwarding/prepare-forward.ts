/** A message as it leaves for an address outside that an account forwards to. */
import { withoutReturnPath } from '#queue/return-path.ts';
import { sealMessage } from '#trust/arc-seal.ts';
import { encodeSrs } from '#trust/srs.ts';
import { DELIVERED_TO, domainOf } from './forwarding.ts';
import type { Forward, Forwarding, Incoming } from './forwarding.ts';

/**
 * The reverse path is one of ours (SRS), so that SPF passes and bounces come to the account; null stays null. Where the
 * sender's does not fit into one, it is the account's address. Sealed (ARC) with what we found, where we looked.
 */
export async function prepareForward(
  { hostname, clock, log, srsKeys, sealerOf }: Forwarding,
  { octets, envelope, authentication }: Incoming,
  { accountId, address }: Pick<Forward, 'accountId' | 'address'>,
): Promise<{ readonly octets: Buffer; readonly reversePath: string }> {
  const domain = domainOf(address);
  const nowMs = clock.now();
  const { reversePath } = envelope;
  const settings = { domain, keys: srsKeys, tag: accountId.toString(36) };
  const rewritten = reversePath === '' ? '' : (encodeSrs(reversePath, settings, nowMs) ?? address);
  const plain = Buffer.concat([Buffer.from(`${DELIVERED_TO}: ${address}\r\n`), withoutReturnPath(octets)]);
  if (authentication === undefined) return { octets: plain, reversePath: rewritten };
  try {
    const signer = await sealerOf(domain);
    const seal = signer && (await sealMessage({ octets: plain, authentication, hostname, signer, nowMs }));
    return { octets: seal === undefined ? plain : Buffer.concat([Buffer.from(seal), plain]), reversePath: rewritten };
  } catch (error) {
    // Rather unsealed than not at all.
    log.error({ err: error, domain }, 'a forward could not be sealed');
    return { octets: plain, reversePath: rewritten };
  }
}
