/** Every bound on what the directory takes in. */

/** UTF-16 units of an address before it is read; far above RFC 5321's 64 + 1 + 255 octets, for folding. */
export const MAX_ADDRESS_INPUT_LENGTH = 1024;

/** RFC 5321 §4.5.3.1.1. */
export const MAX_LOCAL_PART_OCTETS = 64;

/** RFC 1035 §2.3.4 without the root and length octets. */
export const MAX_DOMAIN_OCTETS = 253;

/** UTF-16 units; longest real names with titles stay under 100. */
export const MAX_DISPLAY_NAME_LENGTH = 255;

/** UTF-16 units of why an account may not send: a sentence, which fits a line of a reply (RFC 5321 §4.5.3.1.5) folded once or twice. */
export const MAX_NOTE_LENGTH = 200;

/** UTF-16 units. In UTF-8 at most 768 octets, which every sign-in protocol of ours takes. */
export const MAX_PASSWORD_LENGTH = 256;

/** Domains searched for a login without one; a host of more sets `defaultDomain`. Each costs one look-up. */
export const MAX_DOMAINS_SEARCHED = 32;

/** Accounts answered by one `listAccounts`. */
export const MAX_ACCOUNTS_PER_PAGE = 1000;

/** Addresses whose account a thread remembers: those that get mail every few minutes. Some 200 octets each. */
export const MAX_RESOLUTIONS_KEPT = 20_000;
