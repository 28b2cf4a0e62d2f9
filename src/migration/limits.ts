/** Bounds of bringing mail from another system, each with its unit and reason. */
export const MIGRATION_LIMITS = {
  /** Messages asked for, and appended, at once: one sync for so many. */
  groupMessages: 100,
  /** Octets of them: two groups are under way at once. A message larger than that goes by itself. */
  groupBytes: 8 * 1024 * 1024,
  /** Failed messages of one account that are kept; with more it is not the messages that are at fault. */
  failures: 500,
  /** Characters of a reason that are kept. */
  reasonChars: 300,
  /** Without a sign of life, milliseconds: whoever was at work on an account has gone, and another may take it. */
  silentMs: 15 * 60_000,
  /**
   * How often a pass over one account is begun when the connection breaks before it has brought anything, and how long
   * before the next, milliseconds.
   */
  attempts: 3,
  attemptPauseMs: 5_000,
  /** Emails whose flags are compared, or changed, at once. */
  flagsAtOnce: 500,
  /** Messages of the same size that are compared octet by octet with one that has no Message-ID. */
  sameSize: 20,
  /** Refused sign-ins in a row, after which it is not the accounts that are closed. */
  refusals: 20,
  /** Accounts read at once. */
  accountsAtOnce: 200,
  /** Characters of a sign-in there. */
  loginChars: 320,
} as const;
