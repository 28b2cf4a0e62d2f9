/** Bounds of JMAP, each with its unit and reason. What the session object tells (RFC 8620 §2) is told from here. */
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
  /** Milliseconds of one request's own work before others get a turn. */
  turnMs: 10,
} as const;
