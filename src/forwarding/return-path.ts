/** Whom a report is for that comes to a reverse path of ours: see `prepareForward`. */
import type { AccountId } from '#base/ids.ts';
import { decodeSrs } from '#trust/srs.ts';
import type { Forwarding } from './forwarding.ts';

export type ReturnPath =
  /** Its forward failed. */
  | { readonly kind: 'forwarder'; readonly accountId: AccountId }
  /** Whoever forwarded is gone: on to the sender. */
  | { readonly kind: 'passOn'; readonly to: string }
  | { readonly kind: 'badReturnPath'; readonly reason: 'forged' | 'expired' | 'malformed' };

/** Undefined for any other address. */
export async function readReturnPath(
  { directory, srsKeys, clock }: Forwarding,
  address: string,
): Promise<ReturnPath | undefined> {
  const decoded = decodeSrs(address.slice(0, Math.max(0, address.lastIndexOf('@'))), { keys: srsKeys }, clock.now());
  switch (decoded.kind) {
    case 'other':
      return undefined;
    case 'invalid':
      return { kind: 'badReturnPath', reason: decoded.reason };
    case 'path': {
      const accountId = (decoded.tag === '' ? 0 : Number.parseInt(decoded.tag, 36)) as AccountId;
      const account = await directory.account(accountId);
      if (account?.receives === true) return { kind: 'forwarder', accountId };
      return { kind: 'passOn', to: decoded.reversePath };
    }
  }
}
