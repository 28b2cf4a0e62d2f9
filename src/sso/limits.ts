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
  /** People who wait for the help desk to link them; beyond it, new ones are told to call. */
  openTickets: 10_000,
  /** Octets of a logout request that the server posts. */
  logoutBytes: 16 * 1024,
} as const;
