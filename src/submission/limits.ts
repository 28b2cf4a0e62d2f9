/** How much an account may send (domain.md §8): what a person never needs and a thief always does. */
import type { ServiceClass } from '#directory/types.ts';

export interface ClassLimits {
  /** Recipients of one message. */
  readonly recipients: number;
  /** Recipients outside of an account, in an hour and in a day. */
  readonly outsidePerHour: number;
  readonly outsidePerDay: number;
  /** Of those in a day, addresses that it never wrote to and that did not write to it first. */
  readonly newPerDay: number;
}

/** Where no settings say otherwise. */
export const CLASS_LIMITS: Readonly<Record<ServiceClass, ClassLimits>> = {
  staff: { recipients: 200, outsidePerHour: 200, outsidePerDay: 1000, newPerDay: 300 },
  student: { recipients: 100, outsidePerHour: 100, outsidePerDay: 400, newPerDay: 100 },
  alumni: { recipients: 50, outsidePerHour: 50, outsidePerDay: 200, newPerDay: 50 },
  department: { recipients: 500, outsidePerHour: 500, outsidePerDay: 2000, newPerDay: 1000 },
};

export const SENDING_LIMITS = {
  /** What is counted together, milliseconds: an hour and a day are over with a precision of this. */
  sliceMs: 10 * 60_000,
  slicesPerHour: 6,
  slicesPerDay: 144,
  /** Messages refused within this time of each other, milliseconds, are one incident: told once. */
  incidentMs: 24 * 3_600_000,
  /** An address that an account has not written to for so long is a stranger again, milliseconds. */
  rememberedMs: 2 * 365 * 24 * 3_600_000,
  /** Messages refused in one incident after which sending is suspended, where no setting says otherwise. */
  suspendAfter: 20,
} as const;

export const RECALL_LIMITS = {
  /** Mailboxes that one call takes a message out of: some seconds of work at most. */
  accountsAtOnce: 500,
} as const;
