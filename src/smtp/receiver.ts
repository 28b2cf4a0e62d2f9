/**
 * What the SMTP and LMTP engines need from whoever takes the mail. The engine knows the protocol and no mailbox;
 * delivery/ implements this. A rejected promise is a bug or an outage: the engine answers 451 4.3.0 with the
 * session id and logs it.
 */
import type { AccountId } from '#base/ids.ts';

export interface SmtpReply {
  /** 200 … 599. */
  readonly code: number;
  /** RFC 3463, `5.1.1`. */
  readonly enhanced?: string;
  /** One or more lines without line ends; may hold UTF-8. */
  readonly text: string;
}

/** What is known of the peer at any moment of a session. */
export interface SmtpPeer {
  readonly sessionId: string;
  /** `smtp` from other servers, `lmtp` from a mail system of ours, `submission` from users (RFC 6409). */
  readonly protocol: 'smtp' | 'lmtp' | 'submission';
  /** Numeric address, IPv4 dotted or IPv6, never the IPv4-mapped form. */
  readonly remoteAddress: string;
  readonly localPort: number;
  readonly helo: string;
  /** `ESMTP`, `ESMTPSA`, `UTF8SMTP`, `LMTPS` … for Received (RFC 3848, RFC 6531 §4.3). */
  readonly withProtocol: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`, when encrypted. */
  readonly tls?: string;
  /** The server that the client named when TLS began. */
  readonly serverName?: string;
  /** Who signed in; with `submission`, and there from MAIL on always. */
  readonly account?: { readonly accountId: AccountId; readonly loginAddress: string };
}

export interface ReversePath {
  /** Empty for the null path `<>`. Otherwise `localPart@domain`, quoted local part unquoted. */
  readonly address: string;
  /** RFC 1870, the client's declared size. */
  readonly sizeBytes?: number;
  readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME';
  readonly smtpUtf8: boolean;
  readonly requireTls: boolean;
  /** RFC 3461. */
  readonly dsn: { readonly ret?: 'FULL' | 'HDRS'; readonly envid?: string };
  /** RFC 4865: not to be released before, epoch milliseconds; may have passed already. Only from `submission`. */
  readonly holdUntil?: number;
  /** RFC 2852. Only from `submission`. */
  readonly deliverBy?: DeliverBy;
  /** RFC 6710: -9 … 9, the larger the sooner; absent as 0. Only from `submission`. */
  readonly priority?: number;
}

export interface DeliverBy {
  /** Epoch milliseconds; may have passed already with `notify`. */
  readonly until: number;
  /** What becomes of what is not delivered by then: sent back, or the sender told of the delay and it goes on. */
  readonly mode: 'return' | 'notify';
  /** Whether each server that takes it on is to tell the sender so. */
  readonly trace: boolean;
}

export interface ForwardPath {
  readonly address: string;
  /** RFC 3461: NOTIFY and ORCPT (`rfc822;…` with xtext decoded). */
  readonly dsn: { readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[]; readonly orcpt?: string };
}

/** One message under way, from MAIL to the end of data. */
export interface SmtpTransaction {
  readonly peer: SmtpPeer;
  readonly reversePath: ReversePath;
  /** The accepted recipients, in order. */
  readonly forwardPaths: readonly ForwardPath[];
}

export interface Receiver {
  /** After a syntactically good MAIL. `undefined` accepts. */
  mail(peer: SmtpPeer, reversePath: ReversePath): Promise<SmtpReply | undefined>;
  /** After a syntactically good RCPT. `undefined` accepts and the path joins the transaction. */
  rcpt(transaction: SmtpTransaction, forwardPath: ForwardPath): Promise<SmtpReply | undefined>;
  /**
   * The whole message, dot-unstuffed, every line end a CRLF, no NULs; only below the header section of a
   * `BODY=BINARYMIME` message any octets may be, and only a message that came by BDAT may lack its last CRLF. It is
   * the receiver's own memory, already held against the limits on size, lines, header section and Received fields.
   *
   * One reply for each forward path, in order; success only after the message is durable. Over SMTP the engine sends
   * the first success, or else the gravest-but-temporary reply (a 4xx if any recipient failed temporarily); over LMTP
   * one reply each (RFC 2033 §4.2).
   */
  data(transaction: SmtpTransaction, message: Buffer): Promise<readonly SmtpReply[]>;
}
