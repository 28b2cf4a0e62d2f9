/** Bounds of what leaves by SMS, each with its unit and reason. */
import { DAY_MS } from '#base/clock.ts';

const HOUR_MS = 3_600_000;

export const SMS_LIMITS = {
  /** Of one number: what carriers let through of one signature (domain.md §5.6); more would cost and not arrive. */
  perNumber: [
    { withinMs: 60_000, most: 1 },
    { withinMs: HOUR_MS, most: 5 },
    { withinMs: DAY_MS, most: 10 },
  ],
  /** How long marks are kept, milliseconds: the longest window above. */
  marksKeptMs: DAY_MS,
  /** Marks and codes forgotten by one operation: some 10 ms of the writer. */
  forgottenAtOnce: 1000,
  /** Digits of a code. With so many tries, one in 200,000 is guessed. */
  codeDigits: 6,
  codeTries: 5,
  /** Minutes a code lives: carriers deliver within seconds, and a person types it at once. */
  codeMinutes: 5,
  /** A vendor that failed is asked after the others for so long, milliseconds. */
  vendorRestMs: 60_000,
  /** Leading digits of a number, with +86: carrier and city. Whoever runs through numbers stays within few of those. */
  prefixLength: 10,
  /** Messages in the outbox of a demonstration. */
  outboxKept: 50,
} as const;

/** So many in any stretch of that length. */
export interface Window {
  readonly withinMs: number;
  readonly most: number;
}
