/** Whose mail an address of the envelope is. */
import type { AddressResolution } from '#directory/address-resolution.ts';
import type { DeliverySurroundings } from './delivery.ts';

/** As the directory says; `postmaster` at this host itself is the postmaster, too (RFC 5321 §4.5.1 lets nobody refuse it). */
export async function resolveRecipient(
  { directory, hostname }: DeliverySurroundings,
  address: string,
): Promise<AddressResolution> {
  const resolution = await directory.resolveAddress(address);
  const isOurPostmaster = address.toLowerCase() === `postmaster@${hostname.toLowerCase()}`;
  return resolution.kind === 'unknownDomain' && isOurPostmaster ? directory.resolveAddress('postmaster') : resolution;
}
