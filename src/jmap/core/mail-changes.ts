/** `/changes` of the types that the mailbox's change log tells of (RFC 8620 §5.2). */
import type { ChangesResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import type { ChangeRecord, ModSeq } from '#mail/types.ts';
import { MethodError } from './errors.ts';
import { formatState, parseState } from './ids.ts';
import type { MethodContext } from './method.ts';

export interface ChangeLists<Key> {
  readonly created: readonly Key[];
  readonly updated: readonly Key[];
  readonly destroyed: readonly Key[];
}

export interface ChangesArguments {
  readonly accountId: Id;
  readonly sinceState: string;
  readonly maxChanges: number | null;
}

/**
 * What happened since, each object once: made and removed in between is not told, made and changed is made. Answers the
 * records, too, for whoever has more to say. Throws `cannotCalculateChanges`.
 */
export async function readChanges<Key extends number>(
  { account }: MethodContext,
  { accountId, sinceState, maxChanges }: ChangesArguments,
  listsOf: (record: ChangeRecord) => ChangeLists<Key>,
  format: (key: Key) => Id,
): Promise<{ readonly response: ChangesResponse; readonly records: readonly ChangeRecord[] }> {
  const since = parseState(sinceState);
  if (since === undefined || since > (await account.modSeq())) throw new MethodError('cannotCalculateChanges');
  const records: ChangeRecord[] = [];
  const net = new NetChanges<Key>();
  let newState: ModSeq = since;
  let hasMoreChanges = false;
  const most = Math.min(maxChanges ?? JMAP_LIMITS.changesAtOnce, JMAP_LIMITS.changesAtOnce);
  reading: for (;;) {
    const batch = await account.changes(newState, BATCH);
    if (batch === undefined) throw new MethodError('cannotCalculateChanges');
    for (const record of batch) {
      const lists = listsOf(record);
      const size = lists.created.length + lists.updated.length + lists.destroyed.length;
      if (size > 0 && net.size > 0 && net.size + size > most) {
        hasMoreChanges = true;
        break reading;
      }
      net.add(lists);
      records.push(record);
      newState = record.modSeq;
    }
    if (batch.length < BATCH) break;
  }
  // RFC 8620 §5.2: never more than were asked for. One operation's changes have one state and cannot be parted.
  if (maxChanges !== null && net.size > maxChanges) throw new MethodError('cannotCalculateChanges');
  const { created, updated, destroyed } = net;
  return {
    records,
    response: {
      accountId,
      oldState: sinceState,
      newState: formatState(newState),
      hasMoreChanges,
      created: Array.from(created, format),
      updated: Array.from(updated, format),
      destroyed: Array.from(destroyed, format),
    },
  };
}

/** Records read at once: some hundred octets each. */
const BATCH = 500;

class NetChanges<Key> {
  readonly created = new Set<Key>();
  readonly updated = new Set<Key>();
  readonly destroyed = new Set<Key>();

  get size(): number {
    return this.created.size + this.updated.size + this.destroyed.size;
  }

  add({ created, updated, destroyed }: ChangeLists<Key>): void {
    for (const key of created) this.created.add(key);
    for (const key of updated) if (!this.created.has(key)) this.updated.add(key);
    for (const key of destroyed) {
      this.updated.delete(key);
      if (!this.created.delete(key)) this.destroyed.add(key);
    }
  }
}
