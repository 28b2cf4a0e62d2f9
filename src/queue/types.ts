/**
 * What waits to leave, as plain records. A message is queued once; it has one delivery for each destination, which is
 * the unit that is scheduled, tried and put off: all its recipients there travel in one SMTP transaction.
 */
import type { AccountId, BlobKey, QueueId } from '#base/ids.ts';

export type NotifyWord = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

/** An instant that never comes: `dueAt` of what is held or under way. */
export const NEVER = 9_000_000_000_000_000;

/** The destination of recipients that have their mailbox here: for them the delivery pipeline is asked again. */
export const LOCAL = '.local';

/** RFC 2852: until when, and what then: `R` returns the message, `N` only tells the sender. */
export interface DeliverBy {
  readonly until: number;
  readonly mode: 'R' | 'N';
}

/** What a message travels with beside its octets; the same for all its recipients. */
export interface QueuedEnvelope {
  /** Empty for the null path. */
  readonly reversePath: string;
  readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME';
  readonly smtpUtf8: boolean;
  readonly requireTls: boolean;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  readonly deliverBy?: DeliverBy;
  /** Who sent or forwarded it here; null for our own reports and for mail that only passes. */
  readonly accountId: AccountId | null;
  /** RFC 6710, -9 … 9. */
  readonly priority: number;
  /**
   * Set on mail that an account forwards: a failure is told to the account, not to the stranger who wrote
   * (domain.md 4.11).
   */
  readonly forwardedBy?: AccountId;
}

export interface QueuedMessage extends QueuedEnvelope {
  readonly queueId: QueueId;
  readonly blobKey: BlobKey;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, as all instants here. */
  readonly createdAt: number;
  /** After this it is returned to the sender. */
  readonly expiresAt: number;
}

export interface QueuedRecipient {
  readonly address: string;
  readonly orcpt?: string;
  /** RFC 3461; absent: failures are told, delays too. */
  readonly notify?: readonly NotifyWord[];
}

/** The last thing that went wrong, in the remote's words where it had any. */
export interface DeliveryFailure {
  readonly at: number;
  /** `example.edu (192.0.2.1)`; absent where nobody was reached. */
  readonly remote?: string;
  /** The reply code; absent where there was no reply. */
  readonly code?: number;
  /** RFC 3463. */
  readonly enhanced: string;
  /** One line, harmless. */
  readonly text: string;
}

export type DeliveryState = 'waiting' | 'held';

export interface QueuedDelivery {
  readonly queueId: QueueId;
  /** A domain in lower-case A-labels, an address literal, or `LOCAL`. */
  readonly destination: string;
  /** 0 urgent, 1 ordinary, 2 bulk: see `urgencyOf`. */
  readonly urgency: number;
  readonly state: DeliveryState;
  /** When to try next; `NEVER` while held or under way. */
  readonly dueAt: number;
  /** When the sender has to be told something whether or not it was tried again: a delay, or the end. */
  readonly attentionAt: number;
  readonly attempts: number;
  /** Who is trying it now. */
  readonly owner: string | null;
  /** Those still to be reached; never empty. */
  readonly recipients: readonly QueuedRecipient[];
  readonly lastFailure: DeliveryFailure | null;
}

/** A delivery with what an attempt needs of its message. */
export interface LeasedDelivery extends QueuedDelivery {
  readonly message: QueuedMessage;
}

/** One that somebody is trying. */
export interface TakenDelivery extends LeasedDelivery {
  readonly owner: string;
}

/** RFC 6710 priorities in three classes: finer ones would only make the queue slower to read. */
export function urgencyOf(priority: number): number {
  return priority > 0 ? 0 : priority < 0 ? 2 : 1;
}
