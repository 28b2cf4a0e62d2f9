/** Every limit of the reading engine, each with its unit and reason. What it reads from is not believed in anything. */

export interface ImapClientLimits {
  /** For a connection; as for SMTP. */
  readonly connectTimeoutMs: number;
  /** For a TLS handshake. */
  readonly handshakeTimeoutMs: number;
  /** Without an octet while an answer is due: an old server that opens a large mailbox is busy for a minute. */
  readonly silenceMs: number;
  /** For one command in all, beside what its octets take: whatever drips in, it ends. */
  readonly commandMs: number;
  /** Octets a second that are expected at least of what a command brings: some thousand accounts share one line. */
  readonly bytesPerSecond: number;
  /** For the peer to close after LOGOUT: nothing depends on it. */
  readonly farewellMs: number;
  /** Octets of one response without its literals: flags and names have some hundreds. */
  readonly lineBytes: number;
  /** Octets of a message that is read; a larger one is passed over. */
  readonly messageBytes: number;
  /** Octets of a literal that is thrown away up to its end; past this the connection is given up. */
  readonly discardedBytes: number;
  /** Literals of one response: a message, and names that are odd. */
  readonly literals: number;
  /** Untagged responses to one command beside those it asks for: mailboxes that change meanwhile. */
  readonly strayResponses: number;
  /** Mailboxes of one account, and messages of one mailbox: 40 octets each are held. */
  readonly mailboxes: number;
  readonly messages: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_IMAP_CLIENT_LIMITS: ImapClientLimits = {
  connectTimeoutMs: 30_000,
  handshakeTimeoutMs: 60_000,
  silenceMs: 3 * 60_000,
  commandMs: 10 * 60_000,
  bytesPerSecond: 16 * 1024,
  farewellMs: 2_000,
  lineBytes: 64 * 1024,
  messageBytes: 100 * MIB,
  discardedBytes: 1024 * MIB,
  literals: 20,
  strayResponses: 1_000_000,
  mailboxes: 2_000,
  messages: 2_000_000,
};

/** Characters of the server's own words that are kept: they stand in reports. */
export const SERVER_TEXT_CHARS = 300;
/** Levels of parentheses in an answer: ENVELOPE, which is not asked for, has four. */
export const NESTING = 20;
