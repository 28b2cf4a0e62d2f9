/** What the main thread and a protocol thread say to each other. */
import type { CertificateFiles, Config, ListenerName } from './config.ts';
import type { GuessCall } from './guesses.ts';
import type { MetricsSnapshot } from './metrics.ts';
import type { StatusFacts } from './status-page.ts';
import type { StoreTicket } from './storage.ts';

export interface ProtocolThreadData {
  readonly name: string;
  readonly config: Config;
}

/** One socket to listen on. */
export interface ListenerPlan {
  readonly name: ListenerName;
  readonly host: string;
  readonly port: number;
}

/** What a protocol thread may ask the main one, by name. */
export interface Answers {
  readonly status: StatusFacts;
  /** All threads' together, in Prometheus' text format. */
  readonly metrics: string;
}

export type ToThread =
  | {
      readonly kind: 'listen';
      readonly plans: readonly ListenerPlan[];
      readonly certificates: readonly CertificateFiles[];
      readonly store: StoreTicket;
      /** `Guesses.key`. */
      readonly guessKey: Uint8Array;
    }
  | { readonly kind: 'metrics'; readonly id: number }
  | { readonly kind: 'reload' }
  /** To a question or a guess. `value` undefined: it could not be told. */
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  /** Finish what is under way for at most `drainMs`, then end. */
  | { readonly kind: 'close'; readonly drainMs: number };

export interface IndexThreadData {
  readonly config: Config;
  readonly store: StoreTicket;
}

export type ToIndexThread = { readonly kind: 'step'; readonly id: number } | { readonly kind: 'close' };

export type FromIndexThread =
  | { readonly kind: 'stepped'; readonly id: number; readonly waiting: number }
  | { readonly kind: 'stepFailed'; readonly id: number; readonly message: string }
  /** Messages that are not indexed yet. */
  | { readonly kind: 'waiting'; readonly waiting: number };

export type FromThread =
  | { readonly kind: 'listening'; readonly plans: readonly ListenerPlan[] }
  /** It cannot do what it was told; why, in words for the operator. */
  | { readonly kind: 'refused'; readonly message: string; readonly isConfig: boolean }
  | { readonly kind: 'metrics'; readonly id: number; readonly snapshot: MetricsSnapshot }
  | { readonly kind: 'question'; readonly id: number; readonly name: keyof Answers }
  | { readonly kind: 'guess'; readonly id: number; readonly call: GuessCall }
  | { readonly kind: 'closed' };
