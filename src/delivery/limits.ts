/** Every limit of delivery, each with its unit and reason. */

export const DELIVERY_LIMITS = {
  /** Received fields a message may have; RFC 5321 §6.3 asks for at least 100 before a loop is assumed. */
  receivedFields: 100,
  /** Octets by which a message grows here: Return-Path with a long address, and Received with long names. */
  traceBytes: 1024,
  /** Messages remembered that reached only some of their recipients. Each takes some hundred octets and 8 an account. */
  partialDeliveries: 1000,
  /** How long they are remembered: senders give up after five days at the latest (RFC 5321 §4.5.4.1). */
  partialDeliveryMs: 5 * 24 * 60 * 60_000,
  /** Recipients named in the log line of a message; an announcement's list is in the sender's own records. */
  recipientsLogged: 20,
  /**
   * Transactions refused at RCPT that leave a trace, in a minute and on one thread: a university of 40,000 refuses some
   * hundreds an hour. A trace takes some 600 octets, so that whoever tries names for a whole day costs 25 MB of disk.
   */
  refusalsTraced: 30,
  /** The same from one network, so that one who tries names leaves room for the others. */
  refusalsTracedPerNetwork: 5,
  /** Domains of a TLS report that are looked up: ours, and the hosts of its mail servers. */
  reportDomains: 10,
  /** Kinds of failures of a TLS report that the log names; RFC 8460 §4.3 knows eleven. */
  reportCausesLogged: 5,
} as const;

export type DeliveryLimits = { readonly [Name in keyof typeof DELIVERY_LIMITS]: number };
