/** Every number of the queue, with its unit and reason. */

export const QUEUE_LIMITS = {
  /** A message is returned when it could not be sent for this long (domain.md §8; RFC 5321 §4.5.4.1 asks for days). */
  lifetimeMs: 72 * 3_600_000,
  /** The sender hears of a delay after this long. */
  delayNoticeMs: 4 * 3_600_000,
  /** A message released or retried by a person gets at least this long. */
  graceMs: 24 * 3_600_000,
  /** Addresses that one attempt tries to connect to; the next attempt goes on with others. */
  addressesPerAttempt: 10,
  /** How long one attempt looks for a server that answers, milliseconds: one that says nothing may take five minutes. */
  connectingMs: 10 * 60_000,
  /** How long an address that did not answer is tried after all others, milliseconds. */
  troubleMs: 30 * 60_000,
  /** Addresses in trouble that are remembered. */
  troublesKept: 10_000,
  /** Destinations whose last session is remembered, for `campusmail queue status`. */
  sessionsKept: 10_000,
  /** Aliases from a server's name to where its addresses are; the resolver follows no more. */
  aliases: 8,
  /**
   * A message whose octets cannot be read at this attempt or later, nor could before, is returned: after some seven
   * hours, for a damaged record does not heal, but a disk that is away comes back.
   */
  unreadableAttempts: 8,
  /** RFC 4865 FUTURERELEASE: how far ahead a message may be held. */
  maxHoldMs: 30 * 24 * 3_600_000,
  /** Octets of a message that a report returns whole (RET=FULL); of larger ones the header: the sender has the rest. */
  returnedMessageBytes: 1024 * 1024,
  /** Octets of a header that a report returns; what identifies a message stands within them. */
  returnedHeaderBytes: 64 * 1024,
  /** Recipients that a report names to people; its machine-readable part has them all. */
  recipientsShown: 100,
} as const;
