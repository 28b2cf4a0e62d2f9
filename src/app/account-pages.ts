/** Accounts some at a time, however many there are. */
import type { AccountId } from '#base/ids.ts';

/** `read`: those beyond an id, ascending; none, when that was all. */
export async function* accountPages(
  read: (after: AccountId) => Promise<readonly AccountId[]>,
): AsyncGenerator<readonly AccountId[]> {
  for (let after = 0 as AccountId; ;) {
    const accountIds = await read(after);
    const last = accountIds.at(-1);
    if (last === undefined) return;
    yield accountIds;
    after = last;
  }
}
