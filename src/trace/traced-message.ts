/** Makes the record of a message from what SMTP and its digest know of it. */
import type { AccountId, QueueId } from '#base/ids.ts';
import type { Direction, TracedMessage } from './types.ts';

export interface TraceFacts {
  readonly queueId: QueueId;
  readonly at: number;
  readonly direction: Direction;
  readonly transaction: {
    readonly peer: {
      readonly remoteAddress: string;
      readonly helo: string;
      readonly account?: { readonly accountId: AccountId };
    };
    readonly reversePath: { readonly address: string };
    readonly forwardPaths: readonly { readonly address: string }[];
  };
  readonly summary: { readonly messageId: readonly string[]; readonly subject: string };
  readonly sizeBytes: number;
}

/** People search by the beginning of a subject; the rest is in the message. */
const MAX_SUBJECT_CHARS = 200;

export function traceMessage({ queueId, at, direction, transaction, summary, sizeBytes }: TraceFacts): TracedMessage {
  const { peer, reversePath, forwardPaths } = transaction;
  return {
    queueId,
    at,
    direction,
    accountId: peer.account?.accountId ?? null,
    sender: reversePath.address,
    recipients: forwardPaths.map(({ address }) => address),
    messageId: summary.messageId[0] ?? '',
    subject: summary.subject.slice(0, MAX_SUBJECT_CHARS).toWellFormed(),
    sizeBytes,
    remoteAddress: peer.remoteAddress,
    helo: peer.helo,
  };
}
