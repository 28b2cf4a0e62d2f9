/** What is to be sent, and what came of it. */
import type { ForwardPath, ReversePath } from '#smtp/receiver.ts';

import type { MessageContent } from './content.ts';
import type { ConnectionFailure, Reply } from './reply.ts';

export interface OutgoingMessage {
  /** `smtpUtf8`: the sender asked for it. With `requireTls` it goes only to a verified server that offers REQUIRETLS. */
  readonly reversePath: Pick<ReversePath, 'address' | 'smtpUtf8' | 'requireTls' | 'dsn'>;
  readonly forwardPaths: readonly ForwardPath[];
  readonly content: MessageContent;
  /**
   * A server without 8BITMIME gets 8-bit octets all the same, as Exim does it. RFC 6152 §3 forbids that; Postfix
   * converts to quoted-printable instead, which is for the caller to do (and to sign again).
   */
  readonly sends8bitAnyway?: boolean;
  /** RFC 2852: seconds left, and whether to return the message then or only to notify. Passed on where offered. */
  readonly deliverBy?: { readonly seconds: number; readonly mode: 'R' | 'N' };
  /** RFC 4865: seconds to hold it. Passed on where offered. */
  readonly holdForS?: number;
  /** RFC 6710: -9 … 9. Passed on where offered. */
  readonly priority?: number;
}

export type RecipientOutcome =
  /** The server has taken responsibility; `reply` is that to the message. */
  | { readonly kind: 'accepted'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly isPermanent: boolean; readonly reply: Reply }
  /**
   * Nothing was sent for it. `limit`: the server takes no more in one transaction; it may go in the next, at once.
   * `connection`: see `failure`.
   */
  | { readonly kind: 'notTried'; readonly why: 'limit' | 'connection' }
  /** The message was sent and the answer did not come: it may have been delivered. Temporary. */
  | { readonly kind: 'unknown' };

/** The message as a whole was refused: all its recipients that were tried are `refused` alike. */
export interface MessageFailure {
  readonly kind: 'messageRefused';
  /** `server`: it said so. All else we judged by what it had announced, and nothing was sent. */
  readonly why:
    | 'server'
    | 'needs8bit'
    | 'needsBinary'
    | 'needsSmtpUtf8'
    | 'tooLarge'
    | 'needsTls'
    | 'needsRequireTls'
    | 'badSender';
  readonly isPermanent: boolean;
  readonly reply: Reply;
}

export interface SendResult {
  /** One for each forward path, in order. */
  readonly recipients: readonly RecipientOutcome[];
  readonly failure?: MessageFailure | ConnectionFailure;
}
