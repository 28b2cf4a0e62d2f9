/** Bounds of single sign-on, each with its unit and reason. */
export const SSO_LIMITS = {
  /** Octets of an answer of the CAS server: a user with some dozens of attributes is 4 KiB. */
  answerBytes: 128 * 1024,
  /** How long a server may take for an answer, milliseconds: people wait. */
  answerMs: 8_000,
  /** Characters of a ticket; CAS protocol 3.0.3 §3.7 wants 256 to be supported. */
  ticketLength: 512,
  /** Elements in one another, and in all, of an answer. */
  depth: 8,
  elements: 500,
  /** UTF-16 units of a value that is looked at. */
  valueLength: 1_000,
  /** How long a browser may be at the school's sign-in, milliseconds: a phone, a code by SMS. */
  startedMs: 15 * 60_000,
  /** How long somebody without a mailbox may take to find its password, milliseconds. */
  pendingMs: 30 * 60_000,
  /** Octets of each random value that a browser brings back: 43 characters, what PKCE's verifier has at least (RFC 7636 §4.1). */
  secretBytes: 32,
  /** UTF-16 units of a number and a name on a ticket. */
  numberLength: 64,
  nameLength: 120,
  /** How long a ticket that a portal was given is good, milliseconds: a click, and a page that loads slowly. */
  ticketMs: 60_000,
  /** Octets of what a portal asks. */
  portalBytes: 4 * 1024,
  /** How long sessions of theirs and closed tickets are kept, milliseconds: longer than any session of ours. */
  keptMs: 180 * 86_400_000,
  /** Rows forgotten by one operation. */
  forgottenAtOnce: 500,
  /** People who wait for the help desk to link them; beyond it, new ones are told to call. */
  openTickets: 10_000,
  /** Octets of a logout request that the server posts. */
  logoutBytes: 16 * 1024,
} as const;
