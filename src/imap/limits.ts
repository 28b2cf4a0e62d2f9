/**
 * Every limit of the IMAP engine, each with its unit and reason. Limits on the server as a whole hold for one
 * ImapServer, that is for one protocol thread.
 */
export interface ImapLimits {
  /** Octets of one command without its literals. RFC 7162 §4 asks for 8192; clients send sets of thousands of uids. */
  readonly commandLineBytes: number;
  /** Octets of one overlong line read on to its end, in order to answer BAD, before the connection is closed instead. */
  readonly discardedLineBytes: number;
  /** Octets of one literal that is no message: a name, a search key. */
  readonly literalBytes: number;
  /** The same before sign-in: a user name, a password. */
  readonly literalBytesBeforeLogin: number;
  /** Octets of a message given to APPEND; announced by APPENDLIMIT. */
  readonly messageBytes: number;
  /** Octets of the header section of a message given to APPEND: what SMTP takes. */
  readonly headerBytes: number;
  /** Octets of all messages of one APPEND: they are held together until the last has come. */
  readonly appendBytes: number;
  /** Octets of literals under way in all sessions; past this, large APPENDs are told to try again later. */
  readonly bytesInFlight: number;
  /** Octets of a refused non-synchronising literal that are read and thrown away; past this the connection is closed. */
  readonly discardedLiteralBytes: number;
  /** Wrong commands in a row: past this it is no mail client. */
  readonly errors: number;
  /** Refused sign-ins in one session. What each costs in time is the directory's to say. */
  readonly loginFailures: number;
  /** For sign-in to be over. */
  readonly loginTimeoutMs: number;
  /** Without a command, or in IDLE without a renewal: RFC 9051 §5.4 asks for at least 30 minutes. */
  readonly autologoutMs: number;
  /** For a peer to take anything of what waits for it. */
  readonly writeStallMs: number;
  /** For a TLS handshake. */
  readonly handshakeTimeoutMs: number;
  /** After BYE, for the peer to close its side. */
  readonly lingerMs: number;
  /** Connections in all. */
  readonly connections: number;
  /** Connections from one address or one IPv6 /64: a whole campus may sit behind one. */
  readonly connectionsPerAddress: number;
  /** Sessions signed in to one account; Thunderbird takes 5, and people have several devices. */
  readonly sessionsPerAccount: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_IMAP_LIMITS: ImapLimits = {
  commandLineBytes: 64 * 1024,
  discardedLineBytes: MIB,
  literalBytes: 64 * 1024,
  literalBytesBeforeLogin: 2048,
  messageBytes: 100 * MIB,
  headerBytes: MIB,
  appendBytes: 200 * MIB,
  bytesInFlight: 512 * MIB,
  discardedLiteralBytes: 128 * MIB,
  errors: 20,
  loginFailures: 10,
  loginTimeoutMs: 2 * 60_000,
  autologoutMs: 30 * 60_000,
  writeStallMs: 5 * 60_000,
  handshakeTimeoutMs: 60_000,
  lingerMs: 5_000,
  connections: 20_000,
  connectionsPerAddress: 5_000,
  sessionsPerAccount: 256,
};

/** How often sessions are looked at for their time limits: one timer for all of them. */
export const TIMEOUT_SWEEP_MS = 5_000;
/** Octets waiting unread before the socket is paused: one full socket read. */
export const READ_AHEAD_BYTES = 64 * 1024;
/** Octets of an answer gathered before they are handed to the socket, which is then waited for. */
export const WRITE_BURST_BYTES = 64 * 1024;
/** Octets of a message read and sent at a time. */
export const BODY_CHUNK_BYTES = 256 * 1024;
/** Octets of a message's beginning read when its header is wanted: most headers fit. */
export const HEADER_CHUNK_BYTES = 8 * 1024;
/** Messages whose list data are read at a time. */
export const FETCH_CHUNK = 500;
/** How long a loop may run before others get their turn. */
export const TURN_MS = 10;
/** Characters of a LIST pattern: twenty levels of names, and no more work than that. */
export const LIST_PATTERN_CHARS = 2_000;
/** Patterns of one LIST. */
export const LIST_PATTERNS = 50;
/** Search keys of one command, and how deep NOT, OR and parentheses may nest. */
export const SEARCH_KEYS = 1_000;
export const SEARCH_DEPTH = 50;
/** Data items of one FETCH: each is done for every message. */
export const FETCH_ITEMS = 200;
/** Part numbers of one section: deeper than any message is read. */
export const SECTION_DEPTH = 120;
/** Octets of a message that are searched or decoded for BINARY at once. */
export const DECODED_BYTES = 100 * MIB;
/** Searches that read messages at one time, over all sessions: each holds a message in memory. */
export const CONCURRENT_TEXT_SEARCHES = 4;
/** Keywords of its own that one mailbox announces in FLAGS. */
export const ANNOUNCED_KEYWORDS = 200;
