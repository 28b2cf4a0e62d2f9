/**
 * How often one may guess, counted once for all threads of this server: the main thread keeps the counts, in memory or in
 * a store it shares with other servers, and protocol threads ask it. Their memory is bounded where they are kept; what is bounded here is what a thread that died leaves behind.
 */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { Random } from '#base/random.ts';
import {
  defaultSignInLimits,
  LocalSignInLimits,
  type SignInLimits,
  type SignInLimitSettings,
  type SignInTicket,
} from '#directory/sign-in-limits.ts';
import type { GuessStore } from '#guesses/ports/guess-store.ts';
import { SharedFailures, SharedSolutions } from '#guesses/shared-captcha.ts';
import { SharedSignInLimits } from '#guesses/shared-sign-in-limits.ts';
import { StoreOrHere } from '#guesses/store-or-here.ts';
import { LocalSolutions, type Solutions } from '#signin/captcha.ts';
import { LocalFailures, type Failures } from '#signin/failures.ts';
import type { Config } from './config.ts';

interface Counts {
  /** At passwords, whatever the protocol. */
  readonly passwords: SignInLimits;
  /** At second steps. */
  readonly codes: SignInLimits;
  /** Towards a captcha. */
  readonly failures: Failures;
  /** Captchas that were solved. */
  readonly solutions: Solutions;
}

export interface Guesses extends Counts {
  /** Makes fingerprints of names and passwords: the same wherever counts are shared, and worth nothing elsewhere. */
  readonly key: Uint8Array;
}

/** One question about the counts. Plain data: it crosses threads. */
export type GuessCall = {
  [Of in keyof Counts]: {
    [Do in keyof Counts[Of]]: {
      readonly of: Of;
      readonly do: Do;
      readonly args: Counts[Of][Do] extends (...args: infer Args) => unknown ? Args : never;
    };
  }[keyof Counts[Of]];
}[keyof Counts];

/** The counts themselves. */
export function keepGuesses(
  config: Config,
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Logger },
): Guesses {
  const settings = limitSettings(config);
  const openLimits = (): SignInLimits => new LocalSignInLimits({ clock, log, settings });
  return {
    key: random.bytes(32),
    passwords: openLimits(),
    codes: openLimits(),
    failures: new LocalFailures(clock, config.signin.captchaAfter),
    solutions: new LocalSolutions(),
  };
}

export interface SharedGuessesParts {
  readonly store: GuessStore;
  /** `Guesses.key`, the same at all servers. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The counts that all servers of one store share, and this server's own while it cannot be asked. */
export function shareGuesses(config: Config, parts: SharedGuessesParts): Guesses {
  const { store, key, clock, log } = parts;
  const here = keepGuesses(config, parts);
  const settings = limitSettings(config);
  const ask = new StoreOrHere({ clock, log });
  const openLimits = (kind: 'passwords' | 'codes'): SignInLimits =>
    new SharedSignInLimits({ kind, store, here: here[kind], ask, clock, log, settings });
  return {
    key,
    passwords: openLimits('passwords'),
    codes: openLimits('codes'),
    failures: new SharedFailures({
      store,
      here: here.failures,
      ask,
      clock,
      key,
      captchaAfter: config.signin.captchaAfter,
    }),
    solutions: new SharedSolutions({ store, here: here.solutions, ask }),
  };
}

function limitSettings({ auth }: Config): SignInLimitSettings {
  return { ...defaultSignInLimits, exemptLoopback: !auth.limitsOnLoopback, sharedNetworks: auth.sharedNetworks };
}

/** The counts as they are asked for from another thread. `ask` rejects when there is no answer. */
export function askForGuesses(key: Uint8Array, ask: (call: GuessCall) => Promise<unknown>): Guesses {
  const limitsOf = (of: 'passwords' | 'codes'): SignInLimits => ({
    admit: (...args) => ask({ of, do: 'admit', args }) as ReturnType<SignInLimits['admit']>,
    settle: (...args) => ask({ of, do: 'settle', args }) as ReturnType<SignInLimits['settle']>,
    forget: async (...args) => void (await ask({ of, do: 'forget', args })),
  });
  return {
    key,
    passwords: limitsOf('passwords'),
    codes: limitsOf('codes'),
    failures: {
      needsCaptcha: (...args) => ask({ of: 'failures', do: 'needsCaptcha', args }) as Promise<boolean>,
      add: (...args) => ask({ of: 'failures', do: 'add', args }) as Promise<boolean>,
      forget: async (...args) => void (await ask({ of: 'failures', do: 'forget', args })),
    },
    solutions: { spend: (...args) => ask({ of: 'solutions', do: 'spend', args }) as Promise<boolean> },
  };
}

/** Where one thread asks. */
export class GuessWindow {
  readonly #guesses: Guesses;
  /** Admitted and not settled, by the count they go to: a few hashes' worth at a time. */
  readonly #open = { passwords: new Map<string, SignInTicket[]>(), codes: new Map<string, SignInTicket[]>() };

  constructor(guesses: Guesses) {
    this.#guesses = guesses;
  }

  async answer(call: GuessCall): Promise<unknown> {
    if (call.do === 'admit') {
      const admission = await this.#guesses[call.of].admit(...call.args);
      if (admission.verdict === 'check' && admission.ticket !== null) this.#note(call.of, admission.ticket);
      return admission;
    }
    if (call.do === 'settle') this.#cross(call.of, call.args[0]);
    const counts = this.#guesses[call.of] as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    return counts[call.do]?.(...call.args);
  }

  /** The thread is gone: nobody will know how what it had begun would have ended. */
  async close(): Promise<void> {
    for (const kind of ['passwords', 'codes'] as const) {
      const tickets = [...this.#open[kind].values()].flat();
      this.#open[kind].clear();
      for (const ticket of tickets) await this.#guesses[kind].settle(ticket, 'unchecked');
    }
  }

  #note(of: 'passwords' | 'codes', ticket: SignInTicket): void {
    const open = this.#open[of];
    open.set(ticket.countKey, [...(open.get(ticket.countKey) ?? []), ticket]);
  }

  #cross(of: 'passwords' | 'codes', ticket: SignInTicket | null): void {
    if (ticket === null) return;
    const open = this.#open[of];
    const tickets = open.get(ticket.countKey) ?? [];
    // Equal but for where they are noted.
    const settled = tickets.findIndex(({ claim }) => claim === ticket.claim);
    const others = tickets.filter((_, at) => at !== settled);
    if (others.length > 0) open.set(ticket.countKey, others);
    else open.delete(ticket.countKey);
  }
}
