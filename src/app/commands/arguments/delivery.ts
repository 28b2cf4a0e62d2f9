/** Deliveries of the queue: which ones a person names, and how they are shown. */
import { CommandFailure, EXIT, type CommandArguments } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { QueueId } from '#base/ids.ts';
import { isQueueId } from '#base/queue-id.ts';
import { canonicalDestination } from '#queue/destination.ts';
import type { DeliverySelection, QueueTotals } from '#queue/ports/queue-store.ts';
import { NEVER } from '#queue/types.ts';
import type { DeliveryFailure, QueuedDelivery } from '#queue/types.ts';
import { requireAccount } from './account.ts';
import { textOption } from './options.ts';
import { formatCount, formatNumberOf } from './size.ts';
import { toPrintable } from './table.ts';
import { formatTime } from './time.ts';

export const selectionOptions = { account: { type: 'string' }, destination: { type: 'string' } } as const;

/** What a server answers is told in some hundred characters; a longer text is cut. */
const MAX_WORDS = 1000;

/** By the options above; all that is given must hold, and nothing given selects everything. Throws CommandFailure. */
export async function readSelection(system: System, args: CommandArguments): Promise<DeliverySelection> {
  const account = textOption(args, 'account');
  const destination = textOption(args, 'destination');
  return {
    ...(account === undefined ? {} : { accountId: (await requireAccount(system, account)).accountId }),
    ...(destination === undefined ? {} : { destination: readDestination(destination) }),
  };
}

function readDestination(text: string): string {
  // An address would select its whole domain, which is more than was meant.
  if (text === '' || text.includes('@')) {
    throw new CommandFailure(`"${text}" is no destination: write a domain, as queue list shows it`, EXIT.usage);
  }
  return canonicalDestination(text);
}

/** Throws CommandFailure (usage) unless it can be the id of a message. */
export function requireQueueId(text: string): QueueId {
  if (!isQueueId(text)) {
    throw new CommandFailure(`"${text}" is no id of a message: it has 13 letters and digits`, EXIT.usage);
  }
  return text;
}

/** `3 messages wait in 5 deliveries, 1 held, 2 under way`. */
export function formatTotals({ messages, deliveries, held, underWay }: QueueTotals): string {
  const wait = `${formatNumberOf(messages, 'message')} wait${messages === 1 ? 's' : ''}`;
  const where = deliveries === 1 ? '1 delivery' : `${formatCount(deliveries)} deliveries`;
  return `${wait} in ${where}, ${formatCount(held)} held, ${formatCount(underWay)} under way`;
}

/** When it is tried next, or why it is not. */
export function formatTurn({ state, owner, dueAt }: QueuedDelivery, nowMs: number): string {
  if (owner !== null) return 'under way';
  return state === 'held' ? 'held' : formatDue(dueAt, nowMs);
}

export function formatDue(dueAt: number, nowMs: number): string {
  if (dueAt === NEVER) return 'held or under way';
  return dueAt <= nowMs ? 'now' : formatTime(dueAt);
}

/** `mx.example.edu (192.0.2.1)  450 4.2.0 Mailbox busy`; empty where nothing went wrong. */
export function formatFailure(failure: DeliveryFailure | null): string {
  if (failure === null) return '';
  const { remote, code, enhanced, text } = failure;
  const words = [code, enhanced, text].filter((word) => word !== undefined && word !== '').join(' ');
  return toPrintable(remote === undefined ? words : `${remote}  ${words}`, MAX_WORDS);
}

/** `1 delivery`, `2 deliveries`. */
export function formatDeliveries(count: number): string {
  return count === 1 ? '1 delivery' : `${formatCount(count)} deliveries`;
}
