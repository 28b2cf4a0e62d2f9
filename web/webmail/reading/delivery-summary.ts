/** What became of a letter in a word: the worst that happened to any of its recipients, and how many are how far. Pure. */
import type { LabelKey } from '#web/locales/texts.ts';
import type { IconName } from '#web/ui/icons.ts';
import type { RecipientTraceView, TraceView } from '#web/webmail/traces-model.ts';

export type DeliveryState = 'failed' | 'waiting' | 'recalled' | 'read' | 'arrived' | 'unknown';

export interface DeliverySummary {
  readonly state: DeliveryState;
  readonly total: number;
  /** Those a server has, ours or another. */
  readonly arrived: number;
  readonly read: number;
  readonly waiting: number;
  readonly failed: number;
  readonly recalled: number;
}

export const DELIVERY_LOOKS: Readonly<
  Record<DeliveryState, { readonly icon: IconName; readonly label: LabelKey; readonly tone: string }>
> = {
  failed: { icon: 'warning', label: 'delivery.failed', tone: 'bad' },
  waiting: { icon: 'clock', label: 'delivery.waiting', tone: 'warn' },
  recalled: { icon: 'undo', label: 'delivery.recalled', tone: 'quiet' },
  read: { icon: 'checks', label: 'delivery.read', tone: 'good' },
  arrived: { icon: 'check', label: 'delivery.arrived', tone: 'quiet' },
  unknown: { icon: 'help', label: 'delivery.unknown', tone: 'quiet' },
};

/** Of one recipient. */
export function stateOf({ state, isRead }: RecipientTraceView): DeliveryState {
  switch (state) {
    case 'delivered':
      return isRead === true ? 'read' : 'arrived';
    case 'posted':
    case 'relayed':
      return 'arrived';
    case 'waiting':
    case 'failed':
    case 'recalled':
    case 'unknown':
      return state;
  }
}

export function summariseDelivery({ recipients }: Pick<TraceView, 'recipients'>): DeliverySummary {
  const states = recipients.map(stateOf);
  const count = (...wanted: readonly DeliveryState[]) => states.filter((state) => wanted.includes(state)).length;
  const counts = {
    total: states.length,
    arrived: count('arrived', 'read'),
    read: count('read'),
    waiting: count('waiting'),
    failed: count('failed'),
    recalled: count('recalled'),
  };
  return { ...counts, state: worstOf(counts) };
}

function worstOf({ total, arrived, read, waiting, failed, recalled }: Omit<DeliverySummary, 'state'>): DeliveryState {
  if (failed > 0) return 'failed';
  if (waiting > 0) return 'waiting';
  if (recalled > 0) return 'recalled';
  if (total > 0 && read === total) return 'read';
  return arrived > 0 ? 'arrived' : 'unknown';
}
