/** How much an account may send (domain.md §8, the staff class): what a person never needs and a thief always does. */

export interface SubmissionLimits {
  /** Recipients of one message. */
  readonly recipients: number;
  /** Recipients outside of an account, in an hour and in a day. */
  readonly outsidePerHour: number;
  readonly outsidePerDay: number;
  /** Accounts whose sending is counted at once. */
  readonly accountsCounted: number;
}

export const SUBMISSION_LIMITS: SubmissionLimits = {
  recipients: 200,
  outsidePerHour: 200,
  outsidePerDay: 1000,
  accountsCounted: 50_000,
};
