/**
 * Every limit of the POP3 engine, each with its unit and reason. Limits on the server as a whole hold for one
 * Pop3Server, that is for one protocol thread.
 */
import { MAX_LINE_OCTETS } from '#sasl/limits.ts';

export interface Pop3Limits {
  /** Octets of a command line with its line end. RFC 2449 §4 says 255; a long PASS in UTF-8 needs more. */
  readonly maxCommandLineBytes: number;
  /** Octets of an AUTH line or of a line that answers a challenge, with its line end: a token may fill sasl's longest. */
  readonly maxAuthLineBytes: number;
  /** Octets of one overlong line read on to its end before the connection is closed instead. */
  readonly maxDiscardedLineBytes: number;
  /** Refused sign-ins in one session: past this somebody is guessing. How often in all is the directory's business. */
  readonly maxSignInFailures: number;
  /** Wrong commands in one session: past this it is no mail client. */
  readonly maxErrors: number;
  /** From connection to sign-in, TLS included: who has not signed in holds a place for nothing. */
  readonly signInTimeoutMs: number;
  /** Between a reply and the end of the next command. RFC 1939 §3: at least ten minutes. Dripping octets does not extend it. */
  readonly idleTimeoutMs: number;
  /** For a client to take what is sent, 256 kB at most at a time: a phone in a lift comes back, 7 kbit/s do not matter. */
  readonly writeTimeoutMs: number;
  /** For a TLS handshake. */
  readonly handshakeTimeoutMs: number;
  /** After our last reply, for the client to close its side; what it still sends is thrown away. */
  readonly lingerMs: number;
  /** Connections in all. */
  readonly maxConnections: number;
  /** Connections from one IPv4 address or one IPv6 /64. A dormitory behind one address polls by the hundred. Loopback is free of it. */
  readonly maxConnectionsPerAddress: number;
  /** Sessions of one account at a time: each holds a snapshot of the maildrop. */
  readonly maxSessionsPerAccount: number;
}

export const DEFAULT_POP3_LIMITS: Pop3Limits = {
  maxCommandLineBytes: 512,
  maxAuthLineBytes: MAX_LINE_OCTETS + 64,
  maxDiscardedLineBytes: 64 * 1024,
  maxSignInFailures: 5,
  maxErrors: 50,
  signInTimeoutMs: 3 * 60_000,
  idleTimeoutMs: 10 * 60_000,
  writeTimeoutMs: 5 * 60_000,
  handshakeTimeoutMs: 60_000,
  lingerMs: 5_000,
  maxConnections: 4000,
  maxConnectionsPerAddress: 500,
  maxSessionsPerAccount: 16,
};

/** Octets of responses gathered before they are written even though more commands wait. */
export const REPLY_BURST_LENGTH = 16 * 1024;
/** Octets of a message read and sent at a time by RETR. */
export const RETR_CHUNK_BYTES = 256 * 1024;
/** Octets read at a time by TOP, which seldom wants more than a header. */
export const TOP_CHUNK_BYTES = 32 * 1024;
/** Messages whose sizes are fetched at a time. */
export const SIZES_PER_FETCH = 1000;
/** Lines of LIST and UIDL written at a time: about 64 kB. */
export const LINES_PER_WRITE = 4000;
