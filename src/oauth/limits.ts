/** Bounds of letting programs in by tokens, each with its unit and reason. */
export const OAUTH_LIMITS = {
  /** How long a code may take from our page to the program's question, milliseconds (RFC 6749 §4.1.2 wants ten minutes at most): both happen at once. */
  codeMs: 60_000,
  /** How long an access token is good, milliseconds: the less, the sooner one that leaked is worth nothing; each costs one write. */
  accessMs: 3_600_000,
  /** How long the token before is still good once there is another, milliseconds: requests on their way when it changed. */
  overlapMs: 60_000,
  /** How long the same refresh token may be shown again, milliseconds, and gets the same answer: one that was lost, two connections that ask at once. */
  repeatMs: 30_000,
  /** After how long without use a grant ends, milliseconds: a program that is opened once a term. */
  idleMs: 180 * 86_400_000,
  /** Programs of one account: a person with five devices and three programs each. */
  grantsPerAccount: 30,
  /** That a grant is used is written down so often, milliseconds. */
  usedEveryMs: 5 * 60_000,
  /** How long a thread believes what it read of a grant, milliseconds: changes are told sooner, if nothing is lost. */
  believedMs: 60_000,
  /** Accounts whose grants a thread remembers, some 600 octets each. */
  accountsKept: 20_000,
  /** Octets of the secret in a code: nobody guesses 256 bits. */
  secretBytes: 32,
  /** UTF-16 units of one parameter: redirect addresses and states of programs have a few hundred. */
  parameterLength: 2_000,
  /** Parameters of one request; programs send a dozen. */
  parameters: 50,
  /** Octets of a form that a program posts, and of what our page does: one with an address and a state as long as may be. */
  requestBytes: 16 * 1024,
  /** Grants forgotten by one operation: some 10 ms of the writer. */
  forgottenAtOnce: 500,
} as const;
