/**
 * Every limit of the receiving engine, each with its unit and reason. Limits on the server as a whole hold for one
 * SmtpServer, that is for one protocol thread.
 */
import { MAX_LINE_OCTETS } from '#sasl/limits.ts';

import type { SmtpPeer } from './receiver.ts';

export interface SmtpLimits {
  /** Octets of a command line with its CRLF. RFC 5321 §4.5.3.1.4 says 512; SMTPUTF8, DSN and SIZE add some 1,200. */
  readonly maxCommandLineBytes: number;
  /** Octets of an AUTH command or of a line that answers a challenge, with its CRLF. As others where there is no AUTH. */
  readonly maxAuthLineBytes: number;
  /** Octets of one overlong command line read on to its end before the connection is closed instead. */
  readonly maxDiscardedLineBytes: number;
  /** Octets of a message after dot-unstuffing; announced by SIZE (RFC 1870). */
  readonly maxMessageBytes: number;
  /** Octets read and thrown away beyond `maxMessageBytes` in order to answer 552, before the connection is closed. */
  readonly maxOverrunBytes: number;
  /** Octets of the header section. Ten thousand addresses in one To field take 400 kB. */
  readonly maxHeaderBytes: number;
  /**
   * Octets of one line of a message without its CRLF. RFC 5322 §2.1.1 says 998, but newsletters hold HTML on one line,
   * and a line broken by us would break its DKIM signature; so only the absurd is refused.
   */
  readonly maxLineBytes: number;
  /** Received fields; RFC 5321 §6.3 asks for at least 100 before a loop is assumed. */
  readonly maxReceivedFields: number;
  /** Octets of a recipient's local part, RFC 5321 §4.5.3.1.1. Senders' may be longer: VERP makes such. */
  readonly maxLocalPartBytes: number;
  /** Accepted recipients in one transaction; RFC 5321 §4.5.3.1.8 asks for at least 100. Announced as RCPTMAX. */
  readonly maxRecipients: number;
  /** Transactions in one session, so that a relay reconnects and its load spreads. Announced as MAILMAX. */
  readonly maxTransactions: number;
  /** Wrong commands in one session: past this it is no mail client. */
  readonly maxErrors: number;
  /** Refused sign-ins in one session: past this somebody is guessing. How often in all is the directory's business. */
  readonly maxSignInFailures: number;
  /** Sessions of one account at a time: a stolen password must not take every place. */
  readonly maxSessionsPerAccount: number;
  /** Seconds for which a sender may have a message held (RFC 4865): the holidays ahead, but not for ever in the queue. */
  readonly maxHoldS: number;
  /** Recipients refused in one session: past this somebody is guessing addresses. */
  readonly maxRefusedRecipients: number;
  /** Failed sign-ins in one session: a person who mistypes gets so many, a guesser has to come again. */
  readonly maxLoginFailures: number;
  /** Commands other than RCPT, DATA and BDAT since the last accepted message: NOOP keeps no place for ever. */
  readonly maxCommandsWithoutMail: number;
  /** Commands of any kind in one session. */
  readonly maxCommands: number;
  /** For a whole command line to come in; RFC 5321 §4.5.3.2.7 asks for five minutes. Dripping octets does not extend it. */
  readonly commandTimeoutMs: number;
  /** Between two arrivals of message octets; RFC 5321 §4.5.3.2.5 gives the client three minutes for a block. */
  readonly dataTimeoutMs: number;
  /** For one DATA or BDAT in all, however steadily octets drip: 100 MB over a 1 Mbit/s line takes 14 minutes. */
  readonly dataDurationMs: number;
  /** For a peer to take our replies when its window is closed. */
  readonly replyTimeoutMs: number;
  /** For a TLS handshake. */
  readonly handshakeTimeoutMs: number;
  /** After our last reply, for the peer to close its side; what it still sends is thrown away. */
  readonly lingerMs: number;
  /** Connections in all. */
  readonly maxConnections: number;
  /** Connections from one IPv4 address or one IPv6 /64: a site's usual allotment, so one host cannot hop through it. */
  readonly maxConnectionsPerAddress: number;
  /**
   * Octets of messages held in memory at once, in all: from arrival until the receiver has answered.
   * While a message is joined from its pieces it takes twice its size for a moment, one message at a time.
   */
  readonly maxBytesInFlight: number;
}

const MIB = 1024 * 1024;

/** The defaults. LMTP's peer is one mail system of ours on one address, so it is not limited by address. */
export function defaultSmtpLimits(protocol: SmtpPeer['protocol']): SmtpLimits {
  return {
    maxCommandLineBytes: 2048,
    maxAuthLineBytes: protocol === 'submission' ? MAX_LINE_OCTETS + 64 : 2048,
    maxDiscardedLineBytes: 64 * 1024,
    maxMessageBytes: 100 * MIB,
    maxOverrunBytes: 100 * MIB,
    maxHeaderBytes: MIB,
    maxLineBytes: MIB,
    maxReceivedFields: 100,
    maxLocalPartBytes: 64,
    maxRecipients: 1000,
    maxTransactions: 1000,
    maxErrors: 20,
    maxSignInFailures: 5,
    maxSessionsPerAccount: 50,
    maxHoldS: 60 * 24 * 3600,
    maxRefusedRecipients: 100,
    maxLoginFailures: 3,
    maxCommandsWithoutMail: 100,
    maxCommands: 100_000,
    commandTimeoutMs: 5 * 60_000,
    dataTimeoutMs: 5 * 60_000,
    dataDurationMs: 60 * 60_000,
    replyTimeoutMs: 60_000,
    handshakeTimeoutMs: 60_000,
    lingerMs: 5_000,
    maxConnections: 2000,
    maxConnectionsPerAddress: protocol === 'lmtp' ? 2000 : 50,
    maxBytesInFlight: 256 * MIB,
  };
}

/** Octets of a reply line with its CRLF, RFC 5321 §4.5.3.1.5. */
export const MAX_REPLY_LINE_BYTES = 512;
/** Octets of a domain, RFC 5321 §4.5.3.1.2. */
export const MAX_DOMAIN_BYTES = 255;
/** Octets of `localPart@domain`: a path of 256 (RFC 5321 §4.5.3.1.3) without its angle brackets. */
export const MAX_ADDRESS_BYTES = 254;
/** Characters of ENVID and ORCPT as sent, RFC 3461 §5.4. */
export const MAX_ENVID_CHARS = 100;
export const MAX_ORCPT_CHARS = 500;
/** Characters of replies gathered before they are written even though more commands wait. */
export const REPLY_BURST_CHARS = 16 * 1024;
