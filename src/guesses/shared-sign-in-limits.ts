/**
 * SignInLimits that the servers of one store share. A right sign-in from a known range at which nothing is counted costs one
 * read, and once a day a write. For that, the first guess under way there is noted by its server alone; what comes
 * beside it claims its place in the store. So guesses that are sent to all servers in the same instant, from a range the
 * account knows, get one more for each further server; all others get as many as the settings say.
 */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import { isLoopback } from '#base/network-address.ts';
import { createNetworkTest, findAddressRange } from '#directory/address-range.ts';
import {
  WIDER_RANGE_FACTOR,
  type SignInAdmission,
  type SignInAttempt,
  type SignInLimits,
  type SignInLimitSettings,
  type SignInTicket,
} from '#directory/sign-in-limits.ts';
import { GUESS_LIMITS } from './limits.ts';
import type { AdmitArgs, Admitted, RangeTally, SettleArgs, Settled } from './operations.ts';
import type { GuessStore } from './ports/guess-store.ts';
import type { StoreOrHere } from './store-or-here.ts';

export interface SharedSignInLimitsParts {
  /** What is guessed at: each kind has counts of its own. */
  readonly kind: string;
  readonly store: GuessStore;
  /** While the store cannot be asked. */
  readonly here: SignInLimits;
  readonly ask: StoreOrHere;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: SignInLimitSettings;
}

export class SharedSignInLimits implements SignInLimits {
  readonly #parts: SharedSignInLimitsParts;
  readonly #isShared: (remoteAddress: string) => boolean;
  /** Keys of known ranges' counts with a guess under way that the store knows nothing of. */
  readonly #underWay = new Set<string>();

  constructor(parts: SharedSignInLimitsParts) {
    this.#parts = parts;
    this.#isShared = createNetworkTest(parts.settings.sharedNetworks);
  }

  async admit(attempt: SignInAttempt): Promise<SignInAdmission> {
    const { ask, here, settings } = this.#parts;
    if (settings.exemptLoopback && isLoopback(attempt.remoteAddress)) return { verdict: 'check', ticket: null };
    return ask.ask(
      async () => (await this.#admitHere(attempt)) ?? this.#admitInStore(attempt),
      () => here.admit(attempt),
    );
  }

  async settle(
    ticket: SignInTicket | null,
    outcome: 'success' | 'failure' | 'unchecked',
  ): Promise<{ readonly delayMs: number }> {
    const { ask, here, clock } = this.#parts;
    if (ticket === null) return { delayMs: 0 };
    if (ticket.claim === undefined) return here.settle(ticket, outcome);
    if (ticket.claim === 'here') {
      this.#underWay.delete(ticket.countKey);
      const isFresh = clock.now() - (ticket.seenAt ?? 0) < GUESS_LIMITS.seenEveryMs;
      if (outcome === 'unchecked' || (outcome === 'success' && isFresh)) return { delayMs: 0 };
    }
    return ask.ask(
      () => this.#settleInStore(ticket, outcome),
      async () => {
        if (outcome !== 'failure') return { delayMs: 0 };
        return here.settle({ attempt: ticket.attempt, countKey: ticket.attempt.subject }, 'failure');
      },
    );
  }

  async forget(subject: string): Promise<void> {
    const { ask, here, store } = this.#parts;
    await here.forget(subject);
    await ask.ask(
      async () => void (await store.run('forgetSubject', { subject: this.#subject(subject) })),
      async () => {},
    );
  }

  /** Undefined: the store has to be asked properly. */
  async #admitHere(attempt: SignInAttempt): Promise<SignInAdmission | undefined> {
    const subject = this.#subject(attempt.subject);
    const range = rangeOf(attempt);
    const countKey = keyOf(subject, range);
    const known = await this.#parts.store.reader.known(subject, range);
    if (known === undefined || known.isCounted || this.#underWay.has(countKey)) return undefined;
    this.#underWay.add(countKey);
    return { verdict: 'check', ticket: { attempt, countKey, claim: 'here', seenAt: known.seenAt } };
  }

  async #admitInStore(attempt: SignInAttempt): Promise<SignInAdmission> {
    const { store, settings } = this.#parts;
    const subject = this.#subject(attempt.subject);
    const args: AdmitArgs = {
      subject,
      range: rangeOf(attempt),
      guess: attempt.guess,
      tallies: this.#isShared(attempt.remoteAddress) ? [] : this.#tallies(attempt),
      rules: settings,
    };
    const admitted = (await store.run('admit', args)) as Admitted;
    if (admitted.verdict !== 'check') return admitted;
    const countKey = keyOf(subject, admitted.countRange);
    return { verdict: 'check', ticket: { attempt, countKey, claim: 'store' } };
  }

  async #settleInStore(
    { attempt, countKey, claim }: SignInTicket,
    outcome: SettleArgs['outcome'],
  ): Promise<{ readonly delayMs: number }> {
    const { store, settings, log } = this.#parts;
    const subject = this.#subject(attempt.subject);
    const args: SettleArgs = {
      subject,
      range: rangeOf(attempt),
      countRange: countKey.slice(keyOf(subject, '').length),
      isClaimed: claim === 'store',
      guess: attempt.guess,
      outcome,
      tallies: this.#tallies(attempt),
      rules: settings,
    };
    const { delayMs, failures, isLocked, sprayed } = (await store.run('settle', args)) as Settled;
    const { lockMs, windowMs, maxSubjectsPerRange } = settings;
    if (isLocked)
      log.warn({ subject: attempt.subject, remoteAddress: attempt.remoteAddress, failures, lockMs }, 'sign-in locked');
    for (const { key, factor } of sprayed)
      log.warn(
        { range: key.slice(this.#subject('').length), subjects: maxSubjectsPerRange * factor, windowMs },
        'passwords are being sprayed over many accounts',
      );
    return { delayMs };
  }

  #subject(subject: string): string {
    return `${this.#parts.kind} ${subject}`;
  }

  #tallies({ remoteAddress }: SignInAttempt): readonly RangeTally[] {
    const { range, wider } = findAddressRange(remoteAddress);
    const narrow = { key: this.#subject(range), factor: 1 };
    return wider === undefined ? [narrow] : [narrow, { key: this.#subject(wider), factor: WIDER_RANGE_FACTOR }];
  }
}

/** Never empty: an empty one is the strangers' count. */
function rangeOf({ remoteAddress }: SignInAttempt): string {
  const { range } = findAddressRange(remoteAddress);
  return range === '' ? 'nowhere' : range;
}

function keyOf(subject: string, range: string): string {
  return `${subject}\n${range}`;
}
