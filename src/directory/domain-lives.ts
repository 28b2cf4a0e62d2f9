/**
 * The lives of domains: which are being given up for another, how far that has come, and which rest for a time. Told by the
 * settings and the clock alone, so that all threads and machines agree and nothing has to be switched.
 */
import type { Clock } from '#base/clock.ts';
import type { AddressResolution } from './address-resolution.ts';
import { parseAddress } from './address.ts';
import type { AccountId, AddressRow } from './types.ts';

/**
 * `announced`: replies go to the new address, people are reminded. `sendBlocked`: nothing is sent from it any more. `refused`:
 * mail to it is refused, naming the new address. `gone`: it is no domain of ours. Signing in by its addresses goes on.
 */
export type DomainStage = 'active' | 'announced' | 'sendBlocked' | 'refused' | 'gone';

/** Instants in milliseconds since the epoch, each no earlier than the one before. */
export interface DomainSunset {
  readonly domain: string;
  readonly successor: string;
  readonly announcedAt: number;
  readonly sendBlockedAt: number;
  readonly refusedAt: number;
  readonly goneAt: number;
  /** Whether mail from it asks for replies to the new address. */
  readonly setsReplyTo: boolean;
}

/** A time in which a domain takes no mail yet, and none is lost. */
export interface MaintenanceWindow {
  /** Null: all of them. */
  readonly domain: string | null;
  readonly from: number;
  readonly until: number;
}

export interface DomainPlans {
  readonly sunsets: readonly DomainSunset[];
  readonly maintenance: readonly MaintenanceWindow[];
}

export const noPlans: DomainPlans = { sunsets: [], maintenance: [] };

/** Whether somebody had a mailbox before the domain that is given up was: what the help desk has to know first (S-10). */
export type Cohort = 'legacy' | 'new';

export class DomainLives {
  readonly sunsets: readonly DomainSunset[];
  readonly #byDomain: ReadonlyMap<string, DomainSunset>;
  readonly #maintenance: readonly MaintenanceWindow[];
  readonly #clock: Clock;

  constructor({ sunsets, maintenance }: DomainPlans, clock: Clock) {
    this.sunsets = sunsets;
    this.#byDomain = new Map(sunsets.map((sunset) => [sunset.domain, sunset]));
    this.#maintenance = maintenance;
    this.#clock = clock;
  }

  stageOf(domain: string): DomainStage {
    const sunset = this.#byDomain.get(domain);
    return sunset === undefined ? 'active' : stageAt(sunset, this.#clock.now());
  }

  /** Of a domain that is being given up, whatever its stage. */
  sunsetOf(domain: string): DomainSunset | undefined {
    return this.#byDomain.get(domain);
  }

  /** By all addresses of an account; undefined: no domain is given up, and nobody is either. */
  cohortOf(addresses: readonly string[]): Cohort | undefined {
    if (this.sunsets.length === 0) return undefined;
    return addresses.some((address) => this.#byDomain.has(address.slice(address.lastIndexOf('@') + 1)))
      ? 'legacy'
      : 'new';
  }

  /** Until when the domain rests; undefined: it does not. */
  restsUntil(domain: string): number | undefined {
    const now = this.#clock.now();
    const windows = this.#maintenance.filter(
      (window) => (window.domain ?? domain) === domain && window.from <= now && now < window.until,
    );
    return windows.length === 0 ? undefined : Math.max(...windows.map(({ until }) => until));
  }

  /** The domain that took the place of the address's, where nothing may be sent from that any more. */
  blockedSender(address: string): DomainSunset | undefined {
    const domain = domainOf(address);
    const sunset = domain === undefined ? undefined : this.#byDomain.get(domain);
    if (sunset === undefined) return undefined;
    return ['sendBlocked', 'refused', 'gone'].includes(stageAt(sunset, this.#clock.now())) ? sunset : undefined;
  }

  /** The same while it is announced only: what is sent may still come from it. */
  announcedSender(address: string): DomainSunset | undefined {
    const domain = domainOf(address);
    return domain !== undefined && this.stageOf(domain) === 'announced' ? this.#byDomain.get(domain) : undefined;
  }

  /** What becomes of mail to an address, of which the directory says `resolution`. `addressesOf`: of its account. */
  async heed(
    text: string,
    resolution: AddressResolution,
    addressesOf: (accountId: AccountId) => Promise<readonly AddressRow[]>,
  ): Promise<AddressResolution> {
    if (this.#byDomain.size + this.#maintenance.length === 0 || resolution.kind === 'unknownDomain') return resolution;
    const address = parseAddress(text);
    if (address === undefined) return resolution;
    const { localPart, domain } = address;
    const stage = this.stageOf(domain);
    if (stage === 'gone') return { kind: 'unknownDomain' };
    const until = this.restsUntil(domain);
    // Also for who is not there yet: accounts may still be on their way (domain.md S-02).
    if (until !== undefined) return { kind: 'resting', until };
    // RFC 5321 §4.5.1: for the postmaster as long as the domain is one of ours.
    if (stage !== 'refused' || localPart === 'postmaster' || localPart === 'abuse') return resolution;
    const successor = this.#byDomain.get(domain)?.successor ?? '';
    if (resolution.kind !== 'account') {
      return resolution.kind === 'unknownUser'
        ? resolution
        : { kind: 'moved', accountId: null, address: null, successor };
    }
    const { accountId, address: own } = resolution;
    const name = own.slice(0, own.lastIndexOf('@'));
    // Only the same name is told: what else the account is called is nobody's business.
    const isThere = (await addressesOf(accountId)).some((row) => row.localPart === name && row.domain === successor);
    return { kind: 'moved', accountId, address: isThere ? `${name}@${successor}` : null, successor };
  }
}

export function stageAt({ announcedAt, sendBlockedAt, refusedAt, goneAt }: DomainSunset, now: number): DomainStage {
  if (now >= goneAt) return 'gone';
  if (now >= refusedAt) return 'refused';
  if (now >= sendBlockedAt) return 'sendBlocked';
  return now >= announcedAt ? 'announced' : 'active';
}

/**
 * Where an account is to be written to instead of at an address of a domain that is given up: under the same name, else under
 * another there; undefined when it has none in the new domain.
 */
export function addressInstead(
  { successor }: Pick<DomainSunset, 'successor'>,
  old: string,
  addresses: readonly string[],
): string | undefined {
  const name = old.slice(0, old.lastIndexOf('@'));
  const there = addresses.filter((address) => domainOf(address) === successor);
  return there.find((address) => address === `${name}@${successor}`) ?? there[0];
}

function domainOf(address: string): string | undefined {
  return parseAddress(address)?.domain;
}
