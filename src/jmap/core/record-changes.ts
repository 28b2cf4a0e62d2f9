/** `/changes` of the types that JMAP alone keeps (RFC 8620 §5.2). */
import type { ChangesResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { formatRowId } from '#jmap/row-ids.ts';
import type { JmapType } from '#jmap/types.ts';
import { MethodError } from './errors.ts';
import { parseState } from './ids.ts';
import type { MethodContext } from './method.ts';

/** Throws `cannotCalculateChanges`. */
export async function readRecordChanges(
  { services: { records }, accountId }: MethodContext,
  args: { readonly accountId: Id; readonly sinceState: string; readonly maxChanges: number | null },
  type: JmapType,
): Promise<ChangesResponse> {
  const since = parseState(args.sinceState);
  const limit = Math.min(args.maxChanges ?? JMAP_LIMITS.changesAtOnce, JMAP_LIMITS.changesAtOnce);
  const changes = since === undefined ? undefined : await records.changes(accountId, type, since, limit);
  if (changes === undefined) throw new MethodError('cannotCalculateChanges');
  const format = (id: number): Id => formatRowId(type, accountId, id as never);
  return {
    accountId: args.accountId,
    oldState: args.sinceState,
    newState: String(changes.newState),
    hasMoreChanges: changes.hasMoreChanges,
    created: changes.created.map(format),
    updated: changes.updated.map(format),
    destroyed: changes.destroyed.map(format),
  };
}
