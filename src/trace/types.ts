/**
 * What became of a message, in or out, as one timeline. Addresses, sizes and the servers' words are kept; the content
 * never is (the subject is, because people name a message by it).
 */
import type { AccountId, QueueId } from '#base/ids.ts';

export type Direction = 'in' | 'out';

/** What is known when a message is taken. */
export interface TracedMessage {
  readonly queueId: QueueId;
  /** Milliseconds since the epoch, as all instants here. */
  readonly at: number;
  readonly direction: Direction;
  /** Who submitted it; null for mail from outside. */
  readonly accountId: AccountId | null;
  /** The reverse-path, empty for the null path. */
  readonly sender: string;
  /** The forward paths, as given. */
  readonly recipients: readonly string[];
  /** Without its angle brackets; empty when it has none. */
  readonly messageId: string;
  readonly subject: string;
  readonly sizeBytes: number;
  /** Numeric address of the client. */
  readonly remoteAddress: string;
  readonly helo: string;
}

/** One thing that happened. `recipients` are those it happened for; absent: all of the message's. */
export interface TraceEvent {
  readonly at: number;
  readonly kind:
    /** Put into a mailbox here. */
    | 'delivered'
    /** The verdict on who sent it; `text` is the Authentication-Results' substance. */
    | 'judged'
    /** Waits to be sent on. */
    | 'queued'
    /** Sent on under other addresses: a group's members, a forward. */
    | 'redirected'
    /** Somebody is away: the sender was told. */
    | 'answered'
    /** Another server took it; `text` is its reply. */
    | 'relayed'
    /** Not now; it is tried again at `until`. */
    | 'deferred'
    /** Never; the sender was told or could not be. */
    | 'failed'
    /** The sender was told of a delay or a failure. */
    | 'reported'
    /** Its sender took it out of mailboxes here again; `text` says of how many. */
    | 'recalled'
    /** Somebody held, released, retried or cancelled it; `text` says which, and who. */
    | 'managed';
  readonly recipients?: readonly string[];
  /** Whose mailboxes here a group's mail was put into, as `formatMembers` writes them. */
  readonly members?: string;
  /** The server that said it. */
  readonly remote?: string;
  /** How the way there was protected: `TLS 1.3, verified by DANE`. */
  readonly tls?: string;
  /** RFC 3463. */
  readonly enhanced?: string;
  readonly text?: string;
  readonly until?: number;
}

export interface Trace {
  readonly message: TracedMessage;
  /** In the order they were recorded. */
  readonly events: readonly TraceEvent[];
}
