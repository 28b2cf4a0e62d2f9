/** Whose mail an address of the envelope is. */
import type { AddressResolution } from '#directory/address-resolution.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import type { DeliverySurroundings } from './delivery.ts';

export function resolveRecipient(
  { directory, hostname }: DeliverySurroundings,
  address: string,
): Promise<AddressResolution> {
  return resolveAtHost(directory, hostname, address);
}
