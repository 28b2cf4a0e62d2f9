/** Every bound on what the directory takes in. */
import { DAY_MS } from '#base/clock.ts';
import type { FactorKind } from './types.ts';

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

/** Accounts whose realm a thread remembers, some 50 octets each: as many as sign in. */
export const MAX_HOMES_KEPT = 50_000;

/** Characters of a password that is set today (domain.md §8); older ones hold until they are changed. */
export const MIN_PASSWORD_LENGTH = 10;
export const MAX_NEW_PASSWORD_LENGTH = 64;

/** Characters from which on a password need not be of three classes: a sentence. */
export const PASSPHRASE_LENGTH = 16;

/** Characters of a password that do not follow from the others: ten at random have nine or ten. */
export const MIN_PASSWORD_GUESSES = 8;

/** Domains searched for a login without one; a host of more sets `defaultDomain`. Each costs one look-up. */
export const MAX_DOMAINS_SEARCHED = 32;

/** Of each kind that an account may have: a person with ten devices has some spare; five passwords with the one that holds are not set again. */
export const MAX_FACTORS: Readonly<Record<FactorKind, number>> = {
  client: 10,
  totp: 1,
  passkey: 10,
  sms: 1,
  recovery: 1,
  device: 10,
  former: 4,
  alarm: 1,
};

/** UTF-16 units of what an owner calls one, or a browser says that it is. */
export const MAX_FACTOR_NAME_LENGTH = 200;

/** That one is used is written down so often, milliseconds. */
export const FACTOR_USE_EVERY_MS = 5 * 60_000;

/** Accounts answered by one `listAccounts`. */
export const MAX_ACCOUNTS_PER_PAGE = 1000;

/** Addresses whose account a thread remembers: those that get mail every few minutes. Some 200 octets each. */
export const MAX_RESOLUTIONS_KEPT = 20_000;

/** Addresses an account may forward to: a private box, a secretary, a second school. */
export const MAX_FORWARD_TARGETS = 5;

/** Accounts of which a thread remembers whether and where they forward: all that get mail within hours. Some 100 octets each. */
export const MAX_FORWARDINGS_KEPT = 50_000;

/** Of what an account says about the mail that comes for it. */
export const FILTER_LIMITS = {
  /** Rules: more than a person can put in order; each is tried for each message. */
  rules: 100,
  /** Of one rule. */
  conditions: 20,
  /** UTF-16 units of what is looked for, of a rule's name, of a header field's name. */
  valueLength: 300,
  nameLength: 100,
  headerNameLength: 76,
  /** Of one rule, beside the system ones. */
  keywords: 10,
  /** Addresses and domains in each of the two lists. */
  listed: 1000,
} as const;

/** Accounts whose filters a thread remembers, nearly all: that there are none; and UTF-16 units of those that there are. */
export const MAX_FILTERS_KEPT = 50_000;
export const MAX_FILTERS_KEPT_LENGTH = 16_000_000;

/** UTF-16 units of each of a vacation's texts: two pages. */
export const MAX_VACATION_TEXT_LENGTH = 4000;

/** UTF-16 units of a vacation's subject: two lines of it. */
export const MAX_VACATION_SUBJECT_LENGTH = 150;

/** RFC 5230 §4.1 wants a day to be allowed, and lets a site bound it above: nobody is silent for longer than a month. */
export const MAX_VACATION_DAYS = 30;

/** Senders an account has answered and may not answer again yet; then it is silent: so many are not people who wait for a word. */
export const MAX_ANSWERED = 1000;

/** Answers forgotten by one operation: some 10 ms of the writer. */
export const ANSWERS_AT_ONCE = 1000;

/** Accounts whose vacation a thread remembers, nearly all: that there is none. Some 100 octets each, 8 KiB for the longest texts. */
export const MAX_VACATIONS_KEPT = 50_000;

/** Characters of a 工号 or 学号: they have 5 to 16, and make the local part of an address. */
export const MAX_ROSTER_NUMBER_LENGTH = 32;

/** UTF-16 units of a person's unit or level, as rosters write them. */
export const MAX_ROSTER_TEXT_LENGTH = 120;

/** How long the short names of units are kept, milliseconds: a new unit may wait an hour. */
export const UNIT_WORDS_KEPT_MS = 3_600_000;
/** Units whose names are looked at: a large university has 300. */
export const UNITS_READ = 5_000;
/** People read by one statement for that: some 10 ms. */
export const PERSONS_READ_AT_ONCE = 2_000;

/** People whom one operation puts in: some 20 ms of the writer. */
export const MAX_PEOPLE_AT_ONCE = 500;

/** Groups answered by one `listGroups`. */
export const MAX_GROUPS_PER_PAGE = 1000;

/** Groups one in another: university, faculty, department, class, and one more. Each level is a round of look-ups. */
export const MAX_GROUP_DEPTH = 5;

/** Accounts and addresses that one message to a group may reach: half a campus of 40,000; more is a notice's business. */
export const MAX_GROUP_RECIPIENTS = 20_000;

/** Addresses that one operation puts into a group or takes out: some 10 ms of the writer. */
export const MAX_ENTRIES_AT_ONCE = 1000;

/** Accounts that may do something with one account: an office. */
export const MAX_DELEGATES = 50;

/** Accounts that one may do something with: a secretary of every school of the university. */
export const MAX_ACCOUNTS_SHARED = 100;

/** Mailboxes of one account that are shared with somebody one by one; more is sharing the account. */
export const MAX_MAILBOXES_SHARED = 200;

/** Accounts of which a thread remembers what others share with them, nearly all: nothing. Some 100 octets each. */
export const MAX_SHARES_KEPT = 50_000;

/** Boxes answered by one `listBoxes`. */
export const MAX_BOXES_PER_PAGE = 1000;

/** Accounts whose default sender one operation changes: some 10 ms of the writer. */
export const DEFAULT_SENDERS_AT_ONCE = 500;
/** Characters of an alias that people choose themselves (domain.md A8). */
export const ALIAS_LENGTH = { least: 3, most: 20 } as const;

/** How long until an alias can be changed again; how long the one before goes on delivering; for how long after that nobody else gets it (A7). Milliseconds. */
export const ALIAS_CHANGE_MS = 180 * DAY_MS;
export const ALIAS_HELD_MS = 180 * DAY_MS;
export const ALIAS_QUARANTINE_MS = 2 * 365 * DAY_MS;

/** Aliases retired by one operation: some 10 ms of the writer. */
export const ALIASES_RETIRED_AT_ONCE = 500;

/** Accounts that one telephone serves: a student's, a legacy one and a department's (S-26). */
export const MAX_ACCOUNTS_PER_PHONE = 3;
/** Bounds of the address book a thread keeps in memory. */
export const ADDRESS_BOOK_LIMITS = {
  /** Accounts in it: three times the largest university here. Some 500 octets each. */
  entries: 300_000,
  /** Rows read at a time. */
  page: 1000,
  /** Changed accounts that are read one by one; from more on, all are read again. */
  changes: 2000,
  /** Groups in it. */
  groups: 10_000,
  /** Milliseconds for which groups are taken to be as they were. */
  groupsForMs: 300_000,
  /** Milliseconds after which all is read anew, for what changes of people without their accounts. */
  keptForMs: 6 * 3_600_000,
  /** Listings answered by one search: more than anybody looks through while typing. */
  found: 50,
} as const;
