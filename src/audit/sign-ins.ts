/**
 * What of the sign-ins is written down: each refusal, so many a minute; each acceptance from a new place, or from a known
 * one after a while. Only memory is touched, never the store: a sign-in costs no more for it.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Audit } from './audit.ts';
import { REFUSALS_PER_MINUTE, SAME_SIGN_IN_MS, SAME_WEB_SIGN_IN_MS, SIGN_INS_KEPT } from './limits.ts';

/** One attempt, as the directory tells it. */
export interface SignInTold {
  readonly protocol: string;
  readonly remoteAddress: string;
  /** Undefined: there is no such account. */
  readonly accountId: AccountId | undefined;
  /** The address signed in with, where there is an account; people type passwords into the field of the name. */
  readonly loginAddress: string | undefined;
  /** `ok`, or why not. */
  readonly outcome: string;
}

const MINUTE_MS = 60_000;

export class SignInAudit {
  readonly #audit: Pick<Audit, 'record'>;
  readonly #clock: Clock;
  readonly #lastOf = new LruMap<string, number>(SIGN_INS_KEPT);
  #minute = 0;
  #refusals = 0;

  constructor(audit: Pick<Audit, 'record'>, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  tell(told: SignInTold): void {
    if (told.outcome === 'ok') this.#accept(told);
    else this.#refuse(told);
  }

  #accept({ protocol, remoteAddress, accountId, loginAddress = '' }: SignInTold): void {
    if (accountId === undefined) return;
    const now = this.#clock.now();
    const key = `${accountId} ${protocol} ${remoteAddress}`;
    const quietMs = protocol === 'http' ? SAME_WEB_SIGN_IN_MS : SAME_SIGN_IN_MS;
    if (now - (this.#lastOf.get(key) ?? -Infinity) < quietMs) return;
    this.#lastOf.set(key, now);
    const actor = { kind: 'account', accountId, name: loginAddress } as const;
    this.#audit.record({
      action: 'sign-in.accepted',
      actor,
      accountId,
      subject: loginAddress,
      via: protocol,
      remoteAddress,
    });
  }

  #refuse({ protocol, remoteAddress, accountId, loginAddress, outcome }: SignInTold): void {
    const minute = Math.floor(this.#clock.now() / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#tellUncounted();
      this.#minute = minute;
    }
    if (++this.#refusals > REFUSALS_PER_MINUTE) return;
    this.#audit.record({
      action: 'sign-in.refused',
      actor: { kind: 'stranger' },
      ...(accountId === undefined ? {} : { accountId }),
      subject: loginAddress ?? 'no such account',
      via: protocol,
      remoteAddress,
      detail: { reason: outcome },
    });
  }

  /** What the minute before had too many of. */
  #tellUncounted(): void {
    const count = this.#refusals - REFUSALS_PER_MINUTE;
    this.#refusals = 0;
    if (count <= 0) return;
    this.#audit.record({
      action: 'sign-in.uncounted',
      actor: { kind: 'stranger' },
      subject: 'sign-ins refused',
      detail: { count },
    });
  }
}
