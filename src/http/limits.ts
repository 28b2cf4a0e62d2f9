/** Bounds of the web listener, and of fetching, each with its unit and reason. */
export const HTTP_LIMITS = {
  /** A request's header must be there within this time: a slow one holds a connection. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 15_000,
  headerBytes: 16 * 1024,
  connections: 10_000,
  /** Addresses of one server that are tried when something is fetched, and for each before the next, milliseconds. */
  addressesTried: 4,
  addressTimeoutMs: 3_000,
} as const;
