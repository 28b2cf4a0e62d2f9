/**
 * Acts in mailboxes of others, each signed by a person: who writes, moves, deletes there, or tried to and may not. The same act of the same person in the same
 * account is written down once in a while, with how many there were since, so that nobody fills the record by a loop.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Audit } from './audit.ts';
import { ACTS_KEPT, SAME_ACT_MS } from './limits.ts';

export interface DelegatedAct {
  /** Who signed in. */
  readonly by: { readonly accountId: AccountId; readonly login: string };
  /** Whose mailbox it is, and its address. */
  readonly accountId: AccountId;
  readonly address: string;
  /** `EXPUNGE`, `Email/set` … */
  readonly act: string;
  /** They had no right to, and nothing came of it. */
  readonly isRefused?: boolean;
  readonly via: string;
  readonly remoteAddress?: string;
}

export class DelegatedActs {
  readonly #audit: Pick<Audit, 'record'>;
  readonly #clock: Clock;
  readonly #last = new LruMap<string, { readonly at: number; more: number }>(ACTS_KEPT);

  constructor(audit: Pick<Audit, 'record'>, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  note({ by, accountId, address, act, isRefused = false, via, remoteAddress }: DelegatedAct): void {
    const key = `${by.accountId} ${accountId} ${via} ${act} ${isRefused}`;
    const at = this.#clock.now();
    const last = this.#last.get(key);
    if (last !== undefined && at - last.at < SAME_ACT_MS) {
      last.more++;
      return;
    }
    this.#last.set(key, { at, more: 0 });
    this.#audit.record({
      action: 'identity.delegated-act',
      actor: { kind: 'account', accountId: by.accountId, name: by.login },
      accountId,
      subject: address,
      via,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      detail: {
        act,
        ...(isRefused ? { refused: true } : {}),
        ...(last === undefined || last.more === 0 ? {} : { unwritten: last.more }),
      },
    });
  }
}
