/**
 * Who tried to send as somebody they may not: a stolen password that is tried out, or a mail program set up wrongly. The latter tries for ever, so the same address
 * of the same account is written down once an hour, and so many addresses of it, with how many refusals there were that were not.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Audit } from './audit.ts';
import { ACTS_KEPT, MAX_VALUE_CHARS, REFUSED_SENDERS_EACH, SAME_REFUSED_SENDER_MS } from './limits.ts';

export interface RefusedSender {
  /** Who signed in. */
  readonly by: { readonly accountId: AccountId; readonly loginAddress: string };
  /** As they wrote it: an address, or what should have been one. */
  readonly sender: string;
  /** Of the envelope or of the header. */
  readonly where: 'MAIL FROM' | 'author';
  readonly via: string;
  readonly remoteAddress: string;
}

/** Of one account, since it was first refused in this hour. */
interface Hour {
  readonly since: number;
  readonly senders: Set<string>;
  unwritten: number;
}

export class RefusedSenders {
  readonly #audit: Pick<Audit, 'record'>;
  readonly #clock: Clock;
  readonly #hours = new LruMap<AccountId, Hour>(ACTS_KEPT);

  constructor(audit: Pick<Audit, 'record'>, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  note({ by: { accountId, loginAddress }, sender, where, via, remoteAddress }: RefusedSender): void {
    const subject = sender.slice(0, MAX_VALUE_CHARS);
    const hour = this.#hourOf(accountId);
    const key = subject.toLowerCase();
    if (hour.senders.has(key) || hour.senders.size >= REFUSED_SENDERS_EACH) {
      hour.unwritten++;
      return;
    }
    hour.senders.add(key);
    const { unwritten } = hour;
    hour.unwritten = 0;
    this.#audit.record({
      action: 'identity.sender-refused',
      actor: { kind: 'account', accountId, name: loginAddress },
      accountId,
      subject,
      via,
      remoteAddress,
      detail: { where, ...(unwritten === 0 ? {} : { unwritten }) },
    });
  }

  #hourOf(accountId: AccountId): Hour {
    const now = this.#clock.now();
    const known = this.#hours.get(accountId);
    if (known !== undefined && now - known.since < SAME_REFUSED_SENDER_MS) return known;
    const hour: Hour = { since: now, senders: new Set(), unwritten: known?.unwritten ?? 0 };
    this.#hours.set(accountId, hour);
    return hour;
  }
}
