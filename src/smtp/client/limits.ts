/** Every limit of the sending engine, each with its unit and reason. */

export interface SmtpClientLimits {
  /** For a connection: RFC 5321 names none; Postfix waits 30 s, and other addresses may be waiting. */
  readonly connectTimeoutMs: number;
  /** From the connection to the first MAIL, in all: each step may take minutes, and another server may be waiting. */
  readonly openTimeoutMs: number;
  /** For the whole greeting, RFC 5321 §4.5.3.2.1: busy servers and tarpits keep us waiting on purpose. */
  readonly greetingTimeoutMs: number;
  /** For the reply to EHLO, STARTTLS, AUTH and RSET: RFC 5321 §4.5.3.2 names none; as for MAIL. */
  readonly helloTimeoutMs: number;
  /** For a TLS handshake. */
  readonly handshakeTimeoutMs: number;
  /** For the reply to MAIL, RFC 5321 §4.5.3.2.2. */
  readonly mailTimeoutMs: number;
  /** For the reply to one RCPT, RFC 5321 §4.5.3.2.3: greylisters and call-outs are slow here. */
  readonly rcptTimeoutMs: number;
  /** For the 354, RFC 5321 §4.5.3.2.4. */
  readonly dataTimeoutMs: number;
  /** For the peer to take a block of the message, RFC 5321 §4.5.3.2.5. */
  readonly blockTimeoutMs: number;
  /** For the reply to the message, RFC 5321 §4.5.3.2.6: giving up earlier delivers twice. */
  readonly contentTimeoutMs: number;
  /**
   * For one transaction in all: a thousand recipients answered after five minutes each would keep a place for days.
   * 100 MB over a 1 Mbit/s line take 14 minutes, the reply may take ten.
   */
  readonly transactionTimeoutMs: number;
  /** For the reply to NOOP and QUIT: whatever it is, nothing depends on it for long. */
  readonly farewellTimeoutMs: number;
  /** Octets of one reply line. RFC 5321 §4.5.3.1.5 says 512; explanations with links are longer. */
  readonly maxReplyLineBytes: number;
  /** Octets of one reply, all its lines: help texts and EHLO have some hundreds. */
  readonly maxReplyBytes: number;
  /** Characters of a reply's text that are kept: it is written to the queue, the log and reports. */
  readonly maxReplyTextChars: number;
}

const MINUTE_MS = 60_000;

export const DEFAULT_CLIENT_LIMITS: SmtpClientLimits = {
  connectTimeoutMs: 30_000,
  openTimeoutMs: 10 * MINUTE_MS,
  greetingTimeoutMs: 5 * MINUTE_MS,
  helloTimeoutMs: 5 * MINUTE_MS,
  handshakeTimeoutMs: MINUTE_MS,
  mailTimeoutMs: 5 * MINUTE_MS,
  rcptTimeoutMs: 5 * MINUTE_MS,
  dataTimeoutMs: 2 * MINUTE_MS,
  blockTimeoutMs: 3 * MINUTE_MS,
  contentTimeoutMs: 10 * MINUTE_MS,
  transactionTimeoutMs: 60 * MINUTE_MS,
  farewellTimeoutMs: 5_000,
  maxReplyLineBytes: 4096,
  maxReplyBytes: 64 * 1024,
  maxReplyTextChars: 2000,
};

/**
 * Characters of commands sent before their replies are read (RFC 2920 §3.1): their replies then fit into what is read
 * ahead, so that neither side waits for the other to read.
 */
export const COMMAND_BURST_CHARS = 16 * 1024;
