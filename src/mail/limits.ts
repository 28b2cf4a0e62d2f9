/** Bounds of the mailbox store, each with its unit and reason. */
export const MAIL_LIMITS = {
  /** Octets of one level of a mailbox name (UTF-8): what file-minded clients and exports can carry. */
  mailboxNameBytes: 255,
  /** Levels of mailboxes: deeper trees break clients' windows long before ours. */
  mailboxDepth: 20,
  /** Mailboxes an account may have: LIST and every change read them all. */
  mailboxes: 2_000,
  /** Subscriptions kept of names that are gone: as many as there can be mailboxes. */
  lostSubscriptions: 2_000,
  /** How far from now the Date of a message may be that is looked for in Sent, milliseconds: clocks and zones that are wrong. */
  sentCopyMs: 24 * 3_600_000,
  /** The latest Emails of Sent among which it is looked for: a program puts its copy there within seconds. */
  sentCopiesSearched: 50,
  /** The highest UIDNEXT of another system that is taken over: half of what there is stays for our own. */
  foreignUids: 2 ** 31,
  /**
   * Uids left to it for what comes there until it is switched off: 100 messages a day for 400 years, or half a year of
   * a system that makes them of the second.
   */
  foreignUidsToCome: 2 ** 24,
  /** Keywords of an Email beside the system ones (RFC 8621 lets a server limit them). */
  keywords: 64,
  /** Octets of one keyword (RFC 8621 §4.1.1: 255). */
  keywordBytes: 255,
  /**
   * Emails of one thread; the next begins another. A change to one of them reads them all (a millisecond), and nobody
   * follows a longer conversation.
   */
  threadEmails: 1_000,
  /** References considered when looking for a thread: the newest of a long chain say enough. */
  threadReferences: 32,
  /**
   * Emails that one operation changes where it need not be all at once: some 5 ms of the writer. A change to more is
   * several operations, so that others get their turn in between.
   */
  operationEmails: 1_000,
  /** Emails that were deleted and can be had back, of one account: the oldest go first (160 octets a row). */
  deletions: 20_000,
  /** Octets of those: so much nobody deletes by mistake, and nobody can store beside the quota. */
  deletionBytes: 1024 * 1024 * 1024,
  /** Characters kept of what a program calls itself. */
  agentLength: 200,
  /** Changed rows read at once: two milliseconds, then others get the thread. */
  entriesAtOnce: 4_000,
  /** Emails read and judged at once for a query: some three milliseconds, then others get the thread. */
  candidatesAtOnce: 1_000,
  /** Emails whose place in a query's result may have changed; with more, asking anew costs less. */
  queryChanges: 10_000,
  /** Results of queries that a thread keeps, and how many ids are in all of them (4 octets each). */
  queryResults: 1_000,
  queryResultEmails: 2_000_000,
  /** Rows first loaded from a mailbox's end: some pages of a message list, half a millisecond. */
  firstEntries: 500,
  /** Rows a thread keeps of mailboxes nobody has open (20 octets each): the inboxes of a few thousand polling phones. */
  idleIndexEntries: 2_000_000,
  /** Change records an index keeps to tell its sessions what happened between two of their looks. */
  recentChanges: 512,
  /** Records read at once from the change log; further behind than that, a fresh look is cheaper. */
  catchUpChanges: 2_000,
  /** Hits of words up to which all are judged and sorted, some 10 ms; of more a page is looked for by time. */
  textsJudged: 2_000,
  /** The same where each hit costs a look at the message. */
  textsSettled: 50,
} as const;
