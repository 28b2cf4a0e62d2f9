/** Bounds of JMAP, each with its unit and reason. What the session object tells (RFC 8620 §2) is told from here. */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const JMAP_LIMITS = {
  /** Octets of one API request: a long mail's text inside Email/set and its escapes; files are uploaded. */
  requestBytes: 10_000_000,
  /** Calls in one request: a client's start asks some ten things. */
  callsInRequest: 64,
  /** Requests of one account under way in a thread: a webmail in a few tabs and two programs. */
  concurrentRequests: 16,
  /** Objects asked of one get: a client that fills its cache. */
  objectsInGet: 1000,
  /** Objects of one set: the mailbox's slices have as many. */
  objectsInSet: 1000,
  /** Ids answered by one query without a limit of its own, or with a greater one. */
  idsInQuery: 1000,
  /** Changes answered at once; the rest follow. */
  changesAtOnce: 2000,
  /** Levels of JSON in a request: bodies of nested multiparts have the most. */
  jsonDepth: 64,
  /** Emails that leave a mailbox by one Mailbox/empty, in operations of as many as a set has: some seconds. */
  emptiedAtOnce: 10_000,
  /** Values a path with `*` may gather: as many as can be asked for, and more than any list holds. */
  referencedValues: 20_000,
  /** Pieces of one blob made by Blob/upload: RFC 9404 §3.1 asks for 64. */
  dataSources: 64,
  /** Octets answered by one Blob/get; what is larger is downloaded. */
  blobBytesInGet: 10_000_000,
  /** Requests of one WebSocket under way; what else it sends is read when one of them is done. */
  socketRequests: 8,
  /** WebSockets of an account in a thread: a webmail in a few tabs, a few programs. */
  sockets: 32,
  /** Types a client names to be told of; there are some ten. */
  pushTypes: 64,
  /** Emails that one MailFilter/apply looks at: some 100 ms where their headers are read, of which so many octets. */
  filteredAtOnce: 200,
  filteredHeaderBytes: 65_536,
  /** Messages whose trace is told at once: a page of a list; each costs a millisecond or two. */
  tracesAtOnce: 100,
  /** Messages to an account's groups looked at for those it got, by one request: a millisecond each where the group is a campus. */
  groupTracesJudged: 300,
  /** Problems that one account reports to the help desk in a day: who has more to say telephones. */
  problemReportsPerDay: 5,
  /** Deletions read at once for a text, some 5 ms, and by one request: a quarter of what there can be. */
  deletionsAtOnce: 500,
  deletionsSearched: 5_000,
  /** Recipients of one message of whom it is looked up whether they have read it, half a millisecond each. */
  readStatesOfTrace: 200,
  /** Milliseconds of one request's own work before others get a turn. */
  turnMs: 10,
} as const;

/** Bounds of leaving lists by one click. */
export const ONE_CLICK_LIMITS = {
  /** Milliseconds for all of it: somebody looks on. */
  timeoutMs: 15_000,
  /** Of one account in a thread: a spring-clean. As many again at once. */
  perMinute: 10,
  /** Accounts in a thread of whom it is known how much they have asked. */
  accountsKept: 10_000,
  /** Under way in a thread: lists that do not answer hold nobody up. */
  atOnce: 32,
} as const;

/** Bounds of what is sent to push services. */
export const PUSH_LIMITS = {
  /** Milliseconds from one push of a subscription to the next: what happens meanwhile is told together. */
  betweenMs: 1000,
  /** Pushes under way: of all accounts, and of one, whose services may be dead. */
  atOnce: 64,
  atOnceOfAccount: 2,
  /** Pushes that wait for their turn; beyond, they come again later. */
  waiting: 10_000,
  /** Milliseconds of one push, from the look-up on: a phone waits for it, and who is slower is asked again. */
  timeoutMs: 10_000,
  /** Octets of an answer, of which only the status counts. */
  answerBytes: 64 * 1024,
  /** Milliseconds before a push that failed is sent again, doubled each time, and the longest of such waits. */
  againMs: 15_000,
  mostAgainMs: 3_600_000,
  /** How often one push is tried in all: the last time after some half an hour. The next change is pushed anyway. */
  attempts: 8,
  /** Verification codes sent for an account (RFC 8620 §7.2.1): nobody shall have us knock at others' doors. */
  codesPerMinute: 6,
  /** Accounts whose codes are remembered: who makes more than a minute's ahead waits. */
  accountsKept: 10_000,
  /** Octets of a push before encryption: 4096 at a push service (RFC 8291 §4), less its header, padding delimiter and tag. */
  contentBytes: 4096 - 86 - 1 - 16,
  /** Seconds a push service keeps what a phone that is away shall be told: a code in vain is asked for again. */
  codeHoldsS: 3600,
  changeHoldsS: 86_400,
  /** Seconds that a signature for a push service holds; a day is the most (RFC 8292 §2). */
  vapidHoldsS: 12 * 3600,
  /** Changes read, and new Emails looked at, to find those that are told with sender and subject; and how many are. */
  recordsRead: 256,
  emailsRead: 50,
  newEmails: 5,
  /** Emails looked at to tell mail that has arrived from mail that was brought from elsewhere, and how old such mail is. */
  arrivalsRead: 1000,
  newForMs: 86_400_000,
  /** UTF-16 units of a name, an address or a subject: what a notification shows. */
  textLength: 160,
} as const;

/** Bounds of what is kept beside mail. */
export const JMAP_STORE_LIMITS = {
  /** Uploads of an account: as many as its owner attaches to mails of a day, and an import in between. */
  uploads: 1000,
  /** UTF-16 units of a media type: 127 for each half, and parameters come with it. */
  mediaTypeLength: 400,
  /** How long an upload stays after its last use, milliseconds: a mail that is begun today and sent tomorrow. */
  uploadKeptMs: DAY_MS,
  /** An upload used more recently than this never goes for another's sake (RFC 8620 §6: an hour at least). */
  uploadSafeMs: HOUR_MS,
  /** A use is noted this long after the last one that was: a read is a write once an hour at most. */
  uploadUseMs: HOUR_MS,
  /** Identities an account makes itself beside those of its addresses. */
  identities: 100,
  /** UTF-16 units of an identity's name. */
  nameLength: 255,
  /** UTF-16 units of each form of a signature: a page with its markup. Pictures in it are links. */
  signatureLength: 50_000,
  /** Addresses of an identity's Reply-To and Bcc each. */
  identityAddresses: 20,
  /** UTF-16 units of one such address, as the directory reads. */
  addressLength: 1024,
  /** Submissions kept of an account: 160 a day; beyond it the oldest go early. */
  submissions: 10_000,
  /** How long a submission is kept after it was handed in, milliseconds. */
  submissionKeptMs: 60 * DAY_MS,
  /** Push subscriptions of an account: a person's browsers and phones. */
  pushSubscriptions: 20,
  /** How long one holds without being renewed, milliseconds (RFC 8620 §7.2 lets the server say, two days at least). */
  pushKeptMs: 7 * DAY_MS,
  /** UTF-16 units of a push service's URL; theirs have some 300. */
  pushUrlLength: 2000,
  /** UTF-16 units of the id a client gives itself. */
  deviceClientIdLength: 255,
  /** Types named by a subscription; there are some ten. */
  pushTypes: 50,
  /** Letters and digits of a verification code, five bits each: not to be guessed. */
  verificationCodeLength: 32,
  /** Address books of an account: a client that makes one for each occasion. */
  addressBooks: 50,
  /** UTF-16 units of a book's name (RFC 9610 §2 has 255 octets at least) and of what is said about it. */
  bookNameLength: 255,
  bookDescriptionLength: 2000,
  /** Cards of an account: thrice what anybody brings along; each question reads all, some 10 µs each. */
  cards: 5000,
  /** Letters and digits of a uid made here, five bits each: the same nowhere else (RFC 9553 §2.1.9). */
  uidLength: 26,
  /** Octets of one card as JSON: a name, addresses, and a small picture as data. */
  cardBytes: 65_536,
  /** Octets of all cards of an account: 2 kB each on average. */
  cardsBytes: 10_000_000,
  /** Changes of one type kept of an account; who asks for older ones starts over. */
  changes: 20_000,
  /** How long changes are kept at most, milliseconds. */
  changesKeptMs: 30 * DAY_MS,
  /** Rows attended to or forgotten by one operation: some 10 ms of the writer. */
  atOnce: 200,
} as const;
