/** Where mail goes at a host of ours: as the directory says, and to the host itself. */
import type { AddressResolution } from './address-resolution.ts';
import type { Directory } from './directory.ts';

/** `postmaster` at the host itself is the postmaster, too (RFC 5321 §4.5.1 lets nobody refuse it). */
export async function resolveAtHost(
  directory: Pick<Directory, 'resolveAddress'>,
  hostname: string,
  address: string,
): Promise<AddressResolution> {
  const resolution = await directory.resolveAddress(address);
  const isOurPostmaster = address.toLowerCase() === `postmaster@${hostname.toLowerCase()}`;
  return resolution.kind === 'unknownDomain' && isOurPostmaster ? directory.resolveAddress('postmaster') : resolution;
}
