/** Addresses of domains that are given up (domain.md S-18, S-19): until when they serve, and which one serves instead. Pure. */
import type { SiteEnding } from '#contract/site.ts';

export interface AddressEnding {
  /** `announced`: all works still. `sendBlocked`: nothing is sent from it. `refused`: no mail comes to it either. */
  readonly stage: 'announced' | 'sendBlocked' | 'refused';
  readonly sendBlockedAt: Date;
  readonly refusedAt: Date;
  /** One's own address that takes its place; undefined: one has none there. */
  readonly instead: string | undefined;
}

/** undefined: it does not end. `own`: all addresses one may write from. */
export function endingOf(
  address: string,
  endings: readonly SiteEnding[],
  own: readonly string[],
  nowMs: number,
): AddressEnding | undefined {
  const [name, domain] = partsOf(address);
  const ending = endings.find((one) => one.domain === domain);
  if (ending === undefined) return undefined;
  const there = own.filter((one) => partsOf(one)[1] === ending.successor);
  const sendBlockedAt = new Date(ending.sendBlockedAt);
  const refusedAt = new Date(ending.refusedAt);
  return {
    stage: nowMs >= refusedAt.getTime() ? 'refused' : nowMs >= sendBlockedAt.getTime() ? 'sendBlocked' : 'announced',
    sendBlockedAt,
    refusedAt,
    // The same one that the server puts in its place.
    instead: there.find((one) => partsOf(one)[0] === name) ?? there[0],
  };
}

/** Whether mail can be written from an address. */
export function mayWriteFrom({ ending }: { readonly ending?: AddressEnding | undefined }): boolean {
  return ending === undefined || ending.stage === 'announced';
}

function partsOf(address: string): readonly [name: string, domain: string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at).toLowerCase(), address.slice(at + 1).toLowerCase()];
}
