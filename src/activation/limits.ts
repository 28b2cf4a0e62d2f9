/** Bounds of the steps to an account, each with its unit and reason. */
export const ACTIVATION_LIMITS = {
  /** Answers that must not differ are given after so many milliseconds, or a multiple: longer than a password check takes. */
  evenMs: 500,
  /** UTF-16 units of a school, a number, a name and a login as typed. */
  textLength: 320,
  /** And of passwords and codes. */
  secretLength: 256,
  /** Recoveries begun from one network in a minute: each shows a part of a number. */
  recoveriesPerMinute: 6,
  /** Networks of which that is counted, some 100 octets each. */
  networksKept: 20_000,
} as const;
