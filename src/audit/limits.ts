/** The limits of the audit, each with its unit and reason. */

/** Rows read, written or forgotten by one operation: some hundred kilobytes. */
export const ROWS_AT_ONCE = 1000;
/** Where a chain is broken in more places, somebody has to look anyway. */
export const MAX_BREAKS_TOLD = 100;
/** Events that wait for a store that is away, some ten megabytes; beyond, they go to the log alone. */
export const MAX_WAITING = 20_000;
/** Until a store that was away is tried again, milliseconds. */
export const RETRY_MS = 5_000;
/** Characters of one value, and how many of them an event has: a person has to read it. */
export const MAX_VALUE_CHARS = 300;
export const MAX_VALUES = 24;
/**
 * How long a sign-in from the same place by the same way is not written down again, milliseconds. Programs look for mail
 * every few minutes, and 50,000 people's a day are kept for 400 days: once a day each is 80 million rows already.
 */
export const SAME_SIGN_IN_MS = 24 * 3_600_000;
/** The same on the web, where each is a person's. */
export const SAME_WEB_SIGN_IN_MS = 600_000;
/** Sign-ins remembered for that, in each thread: some 100 octets each. */
export const SIGN_INS_KEPT = 50_000;
/** Refused sign-ins written down in a minute, in each thread: more is an attack, and counted. */
export const REFUSALS_PER_MINUTE = 120;
/** How long the same act of somebody in the mailbox of another is not written down again, milliseconds: programs set flags one by one. */
export const SAME_ACT_MS = 60_000;
/** Such acts remembered for that, in each thread: some 150 octets each. */
export const ACTS_KEPT = 10_000;
/** How long the same sender that an account may not send as is not written down again, milliseconds: a program tries every minute. */
export const SAME_REFUSED_SENDER_MS = 3_600_000;
/** Of one account in that time, in each thread: who has tried as many is known for what they are. */
export const REFUSED_SENDERS_EACH = 20;
