/** Whose mail an address of the envelope is. */
import type { AddressResolution } from '#directory/address-resolution.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import { readReturnPath } from '#forwarding/return-path.ts';
import type { ReturnPath } from '#forwarding/return-path.ts';
import type { DeliverySurroundings } from './delivery.ts';

export type RecipientResolution =
  | AddressResolution
  | Extract<ReturnPath, { kind: 'forwarder' | 'passOn' }>
  | { readonly kind: 'badReturnPath'; readonly reason: string };

/** `sender`: the reverse path. One of ours takes only what comes from the null path: reports (RFC 5321 §4.5.5). */
export async function resolveRecipient(
  { directory, forwarding, hostname }: DeliverySurroundings,
  address: string,
  sender: string,
): Promise<RecipientResolution> {
  const resolution = await resolveAtHost(directory, hostname, address);
  if (resolution.kind !== 'unknownUser' || forwarding === undefined) return resolution;
  const returnPath = await readReturnPath(forwarding, address);
  if (returnPath === undefined) return resolution;
  if (returnPath.kind === 'badReturnPath' || sender === '') return returnPath;
  return { kind: 'badReturnPath', reason: 'only for reports' };
}
