/** Whose mail an address of the envelope is. */
import type { AddressResolution } from '#directory/address-resolution.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import { readReturnPath } from '#forwarding/return-path.ts';
import type { ReturnPath } from '#forwarding/return-path.ts';
import { type ReportKind, reportKindOf } from '#trust/report-address.ts';
import type { DeliverySurroundings } from './delivery.ts';

export type RecipientResolution =
  | AddressResolution
  /** Where nobody has the address: reports of others on our domains. */
  | { readonly kind: 'reports'; readonly reportKind: ReportKind }
  | Extract<ReturnPath, { kind: 'forwarder' | 'passOn' }>
  | { readonly kind: 'badReturnPath'; readonly reason: string };

/** `sender`: the reverse path. One of ours takes only what comes from the null path: reports (RFC 5321 §4.5.5). */
export async function resolveRecipient(
  { directory, forwarding, hostname, reports }: DeliverySurroundings,
  address: string,
  sender: string,
): Promise<RecipientResolution> {
  const resolution = await resolveAtHost(directory, hostname, address);
  if (resolution.kind !== 'unknownUser') return resolution;
  const reportKind = reports && reportKindOf(address);
  if (reportKind !== undefined) return { kind: 'reports', reportKind };
  const returnPath = forwarding && (await readReturnPath(forwarding, address));
  if (returnPath === undefined) return resolution;
  if (returnPath.kind === 'badReturnPath' || sender === '') return returnPath;
  return { kind: 'badReturnPath', reason: 'only for reports' };
}
