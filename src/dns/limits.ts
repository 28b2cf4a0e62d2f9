/** Bounds of asking the DNS, each with its unit and reason. */
export const DNS_LIMITS = {
  /** For one server to answer once, by UDP or by TCP: a resolver that must walk the tree from the root takes up to a second. */
  tryTimeoutMs: 2_000,
  /** How often a server that does not answer is asked: datagrams get lost. */
  rounds: 2,
  /** For one look-up with all its tries and aliases. An SMTP client across the line waits meanwhile. */
  lookUpTimeoutMs: 8_000,
  /** How long a server from which nothing came is asked after all others. */
  deadServerMs: 30_000,

  /** Aliases of one look-up: real chains have two or three, and each may cost a question. */
  aliases: 8,
  /** Records of one answer that are kept: nobody needs a hundred mail exchangers, and each may be tried. */
  recordsKept: 100,
  /** Records in all of a message's sections; a message with more is refused before its names are read. */
  recordsRead: 1_024,
  /** Datagrams to one question that are no answer to it (RFC 5452 §9.3) before it is asked by TCP, where none can be forged. */
  strays: 20,

  /**
   * Questions on the way at once: each holds a socket, and a server's own takes some 270 datagrams before it loses them
   * (Linux, 208 kB).
   */
  questionsUnderWay: 200,
  /** Questions waiting for their turn; more are answered as timed out. */
  questionsWaiting: 10_000,

  /** Answers kept. */
  cacheEntries: 20_000,
  /** Octets of the answers kept. An answer may have 64 kB. */
  cacheOctets: 32 * 1024 * 1024,
  /** Seconds an answer is kept at least: a message's checks ask the same several times over. */
  minTtlS: 1,
  /** Seconds at most, whatever its TTL says: a mistake must not last for ever. */
  maxTtlS: 86_400,
  /** Seconds at most for "there is none" (RFC 2308 §5): a new domain must not wait long for its mail. */
  maxNegativeTtlS: 900,
  /** Seconds for "there is none" without the SOA that would say how long. */
  bareNegativeTtlS: 30,
  /** Seconds for "nobody could say" (RFC 9520 §3.2): else a broken domain stalls each of its messages anew. */
  failureTtlS: 15,
} as const;

export type DnsLimits = { readonly [Name in keyof typeof DNS_LIMITS]: number };
