/** Whose mail an address of the envelope is. */
import type { AddressResolution } from '#directory/address-resolution.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import { type ReportKind, reportKindOf } from '#trust/report-address.ts';
import type { DeliverySurroundings } from './delivery.ts';

/** Where nobody has the address: reports of others on our domains. */
export type RecipientResolution = AddressResolution | { readonly kind: 'reports'; readonly reportKind: ReportKind };

export async function resolveRecipient(
  { directory, hostname, reports }: DeliverySurroundings,
  address: string,
): Promise<RecipientResolution> {
  const resolution = await resolveAtHost(directory, hostname, address);
  if (resolution.kind !== 'unknownUser' || reports === undefined) return resolution;
  const reportKind = reportKindOf(address);
  return reportKind === undefined ? resolution : { kind: 'reports', reportKind };
}
