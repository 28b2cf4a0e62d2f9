/** Every limit of forwarding, each with its unit and reason. */

/** Accounts one after another that forward one message: a person, a secretary, who stands in for that one, and one more. */
export const MAX_FORWARD_DEPTH = 4;

/** Of automatic replies. */
export const ANSWER_LIMITS = {
  /** Of the message's subject, in UTF-16 units: two lines. */
  subjectChars: 150,
  /** Message-IDs of the thread that are repeated: the nearest; each may be a line long. */
  references: 20,
  /** Addresses in domains of the account's that To and Cc are searched for its own: each is a look-up; beyond, it is a circular. */
  addressesRead: 50,
} as const;
