/** Bounds of the web listener, and of fetching, each with its unit and reason. */
export const HTTP_LIMITS = {
  /** A request's header must be there within this time: a slow one holds a connection. */
  headersTimeoutMs: 10_000,
  /** A whole request, its content too: 100 MB at 1 Mbit/s. */
  requestTimeoutMs: 15 * 60_000,
  /** Longer than the minute or so that proxies keep theirs, or they would meet a connection just closed. */
  keepAliveTimeoutMs: 75_000,
  headerBytes: 16 * 1024,
  headerFields: 100,
  tlsHandshakeTimeoutMs: 10_000,
  /** For a client to send more of a request's content. */
  bodyStallMs: 30_000,
  /** For a client to take more of an answer, while what waits for it is held. */
  sendStallMs: 60_000,
  /** What is left of a request when its answer is sent is read and thrown away for so long: or the client may never see the answer. */
  lingerMs: 2_000,
  /** Requests of one connection that are not yet answered: browsers send one, pipelining clients a few. */
  pipelined: 16,
  /** Octets of a text from which on compressing it is worth the while: a packet carries less anyway. */
  compressFromBytes: 1024,
  /** Octets: compressing more takes longer than sending it. */
  compressToBytes: 8 * 1024 * 1024,
  /** Segments of a path that is looked at. */
  pathSegments: 32,
  /** Networks whose use of the server is remembered, some 100 octets each: more than can be busy within a minute. */
  callersKept: 20_000,
  /** Octets of static files kept in memory by each thread: one build of the web pages. */
  staticBytesKept: 8 * 1024 * 1024,
  /** A WebSocket is pinged so often, milliseconds, and must have answered by the next time: proxies forget a silent line after a minute or more. */
  socketPingMs: 55_000,
  /** Octets that wait for the other side of a WebSocket when something more is to be sent: a long answer or two. */
  socketWaitingBytes: 8 * 1024 * 1024,
  /** Addresses of one server that are tried when something is fetched, and for each before the next, milliseconds. */
  addressesTried: 4,
  addressTimeoutMs: 3_000,
} as const;

/** Those that tests make shorter. */
export type HttpTimes = Record<
  'headersTimeoutMs' | 'requestTimeoutMs' | 'keepAliveTimeoutMs' | 'bodyStallMs' | 'sendStallMs' | 'lingerMs',
  number
>;
