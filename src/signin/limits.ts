/** Bounds of signing in on the web, each with its unit and reason. */
export const SIGNIN_LIMITS = {
  /** Browsers that are signed in to one account: a person has a handful, a department's account a few dozen. */
  sessionsPerAccount: 50,
  /** Octets of a sign-in: an address, a password of 256 characters, and a solved captcha of some 700. */
  requestBytes: 8 * 1024,
  /** UTF-16 units of what a browser says it is. */
  agentLength: 200,
  /** Octets of a session's secret. */
  secretBytes: 32,
  /** How long a secret lives before the next takes its place, milliseconds. */
  rotateMs: 3_600_000,
  /** How long the one before is still good: requests on their way when it changed, milliseconds. */
  previousMs: 60_000,
  /** That a session is used is written down so often, milliseconds. */
  usedEveryMs: 5 * 60_000,
  /** How long a thread believes what it read of a session, milliseconds: changes are told sooner, if nothing is lost. */
  believedMs: 60_000,
  /** Accounts whose sessions a thread remembers, some 500 octets each. */
  accountsKept: 20_000,
  /** Sessions forgotten by one operation: some 10 ms of the writer. */
  forgottenAtOnce: 500,
  /** For how long failures count towards the captcha, milliseconds. */
  failuresCountMs: 15 * 60_000,
  /** Failures from one network, at whatever accounts, for every three at one account from one address. */
  failuresPerNetworkFactor: 5,
  /** Names and networks whose failures are counted, some 100 octets each. */
  failuresKept: 50_000,
  /** How long a browser has for all the steps to an account, milliseconds: a freshman who looks for the letter with the password. */
  walkMs: 30 * 60_000,
  /** How long a captcha may take, milliseconds. */
  captchaMs: 10 * 60_000,
  /** Solutions remembered, so that none counts twice, some 150 octets each. Beyond it, the oldest might. */
  solutionsKept: 50_000,
  /** How long records of sign-ins are kept, milliseconds (90 days), and how many are shown. */
  recordsMs: 90 * 86_400_000,
  recordsShown: 200,
  /** The same sign-in again, and when somebody got in last, is written down so often, milliseconds. */
  factEveryMs: 3_600_000,
  /** Sign-ins remembered for that, some 150 octets each. */
  factsKept: 20_000,
  /** How long a second step may take after the password, and a passkey after it was asked for, milliseconds: an SMS, an app that has to be found. */
  begunMs: 10 * 60_000,
  /** How long a proof is fresh enough to change what protects an account, milliseconds. */
  proofMs: 10 * 60_000,
  /** How long a browser that has shown the second step need not again, milliseconds (domain.md §8). */
  trustedMs: 30 * 86_400_000,
  /** Octets of what a passkey says: an attestation we do not ask for may have some 10 KiB of certificates. */
  passkeyBytes: 32 * 1024,
  /** UTF-16 units of a code as typed. */
  codeLength: 40,
  /** PBKDF2 iterations of one try, and tries between which a solution lies: a second or two of a phone's work. */
  captchaCost: 1_000,
  captchaTries: { from: 500, to: 2_000 },
} as const;
