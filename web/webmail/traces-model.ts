/** What became of letters, in the screens' words, beside model.ts. */
import type { RecallResult, RecipientState } from '#contract/jmap/message-trace.ts';
import type { Live } from './live.ts';

export interface RecipientTraceView {
  readonly address: string;
  readonly state: RecipientState;
  readonly at: Date | undefined;
  /** undefined: nobody knows, or tells. */
  readonly isRead: boolean | undefined;
  readonly server: string | undefined;
  /** What that server said. */
  readonly words: string | undefined;
  /** What it means, where something went wrong. */
  readonly reason: { readonly zh: string; readonly en: string } | undefined;
  readonly nextTryAt: Date | undefined;
}

export interface TraceView {
  readonly id: string;
  readonly at: Date;
  readonly from: string;
  readonly subject: string;
  readonly recipients: readonly RecipientTraceView[];
  /** Till when it can be taken back; undefined: not any more, or never. */
  readonly recallableUntil: Date | undefined;
}

export type RecallOutcome =
  | { readonly results: readonly RecallResult[] }
  | { readonly why: 'forbidden' | 'offline' | 'failed' };

export interface TracesModel {
  /** Of a letter one sent; undefined: not known (yet), or from too long ago. */
  ofLetter(id: string): Live<TraceView | undefined>;
  /** Asks anew. */
  refresh(letterId: string): void;
  /** Takes it out of mailboxes here. `notifies`: their owners are told. */
  recall(letterId: string, traceId: string, notifies: boolean): Promise<RecallOutcome>;
  /** What one sent, or what was sent to one: the latest, or those before. */
  list(direction: 'out' | 'in', before?: Date): Promise<readonly TraceView[] | 'failed'>;
}
