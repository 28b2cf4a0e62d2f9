/** Mailbox/query and Mailbox/queryChanges (RFC 8621 §2.3, 2.4). */
import { CAPABILITIES, type FilterOf, type QueryChangesResponse } from '#contract/jmap/core.ts';
import {
  MailboxQuery,
  MailboxQueryChanges,
  type Mailbox,
  type MailboxComparator,
  type MailboxFilterCondition,
} from '#contract/jmap/mailbox.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { formatMailboxId, formatState } from '#jmap/core/ids.ts';
import { answerQuery, isFound, sortItems } from '#jmap/core/list.ts';
import { readChanges } from '#jmap/core/mail-changes.ts';
import { defineMethod } from '#jmap/core/method.ts';
import type { MailboxId } from '#mail/types.ts';
import { readMailboxes } from './read-mailboxes.ts';

interface ListArguments {
  readonly filter: FilterOf<MailboxFilterCondition> | null;
  readonly sort: readonly MailboxComparator[] | null;
  readonly sortAsTree: boolean;
  readonly filterAsTree: boolean;
}

export const mailboxQuery = defineMethod({
  name: 'Mailbox/query',
  capability: CAPABILITIES.mail,
  arguments: MailboxQuery,
  async run(context, args) {
    const { account } = context;
    const state = formatState(await account.modSeq());
    return answerQuery(args, listMailboxes(await readMailboxes(context), args), state, true);
  },
});

/**
 * Those that changed, and all below them, are taken out and put in where they are now: the others keep their order, for what
 * sorts, filters and shows them as a tree is theirs and of those above. Counts are no part of it.
 */
export const mailboxQueryChanges = defineMethod({
  name: 'Mailbox/queryChanges',
  capability: CAPABILITIES.mail,
  arguments: MailboxQueryChanges,
  async run(context, args): Promise<QueryChangesResponse> {
    const { account, accountId } = context;
    const { response } = await readChanges<MailboxId>(
      context,
      { accountId: args.accountId, sinceState: args.sinceQueryState, maxChanges: null },
      ({ mailboxes: { created, updated, destroyed } }) => ({ created, updated, destroyed }),
      (mailboxId) => formatMailboxId(accountId, mailboxId),
    );
    const mailboxes = await readMailboxes(context);
    // What changed between the two is told when it is asked for again.
    if (response.newState !== formatState(await account.modSeq())) throw new MethodError('cannotCalculateChanges');
    const changed = new Set([...response.created, ...response.updated]);
    for (const { id, parentId } of mailboxes) if (parentId !== null && changed.has(parentId)) changed.add(id);
    const ids = listMailboxes(mailboxes, args);
    const removed = [...changed, ...response.destroyed];
    const added = ids.flatMap((id, index) => (changed.has(id) ? [{ id, index }] : []));
    if (args.maxChanges !== null && removed.length + added.length > args.maxChanges)
      throw new MethodError('tooManyChanges');
    return {
      accountId: args.accountId,
      oldQueryState: args.sinceQueryState,
      newQueryState: response.newState,
      removed,
      added,
      ...(args.calculateTotal ? { total: ids.length } : {}),
    };
  },
});

function listMailboxes(mailboxes: readonly Mailbox[], { filter, sort, sortAsTree, filterAsTree }: ListArguments): Id[] {
  const sorted = sortItems(mailboxes, sort, SORTABLE, compareMailboxes);
  const found = new Set(sorted.filter((mailbox) => isFound(mailbox, filter, meetsCondition)).map(({ id }) => id));
  const parents = new Map(mailboxes.map(({ id, parentId }) => [id, parentId]));
  // RFC 8621 §2.3: with filterAsTree, a mailbox below one that is not found is not found either.
  const isShown = (id: Id): boolean => {
    const parentId = parents.get(id) ?? null;
    return found.has(id) && (!filterAsTree || parentId === null || isShown(parentId));
  };
  return (sortAsTree ? inTreeOrder(sorted) : sorted.map(({ id }) => id)).filter(isShown);
}

/** Each after the one above it, siblings in their order. */
function inTreeOrder(sorted: readonly Mailbox[]): Id[] {
  const below = Map.groupBy(sorted, ({ parentId }) => parentId);
  const walk = (parentId: Id | null): Id[] => (below.get(parentId) ?? []).flatMap(({ id }) => [id, ...walk(id)]);
  return walk(null);
}

const collator = new Intl.Collator('zh-CN', { numeric: true });

const SORTABLE = ['sortOrder', 'name', 'parentId'] as const;

function compareMailboxes(a: Mailbox, b: Mailbox, property: (typeof SORTABLE)[number]): number {
  if (property === 'sortOrder') return a.sortOrder - b.sortOrder;
  if (property === 'name') return collator.compare(a.name, b.name);
  return collator.compare(a.parentId ?? '', b.parentId ?? '');
}

function meetsCondition(mailbox: Mailbox, condition: MailboxFilterCondition): boolean {
  const { parentId, name, role, hasAnyRole, isSubscribed } = condition;
  if (parentId !== undefined && mailbox.parentId !== parentId) return false;
  if (name !== undefined && !mailbox.name.toLowerCase().includes(name.toLowerCase())) return false;
  if (role !== undefined && mailbox.role !== role) return false;
  if (hasAnyRole !== undefined && (mailbox.role !== null) !== hasAnyRole) return false;
  return isSubscribed === undefined || mailbox.isSubscribed === isSubscribed;
}
