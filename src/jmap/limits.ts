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
  /** Values a path with `*` may gather: as many as can be asked for, and more than any list holds. */
  referencedValues: 20_000,
  /** Pieces of one blob made by Blob/upload: RFC 9404 §3.1 asks for 64. */
  dataSources: 64,
  /** Octets of one such blob: as many as a request has; what is larger is uploaded. */
  madeBlobBytes: 10_000_000,
  /** Octets answered by one Blob/get; what is larger is downloaded. */
  blobBytesInGet: 10_000_000,
  /** Milliseconds of one request's own work before others get a turn. */
  turnMs: 10,
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
  /** Changes of one type kept of an account; who asks for older ones starts over. */
  changes: 20_000,
  /** How long changes are kept at most, milliseconds. */
  changesKeptMs: 30 * DAY_MS,
  /** Rows attended to or forgotten by one operation: some 10 ms of the writer. */
  atOnce: 200,
} as const;
