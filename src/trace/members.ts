/**
 * Who got a message by a group, in the trace's own narrow spelling: ascending account ids, each as its distance from the
 * one before, in base 36. A campus of 60,000 is some 120 kB, kept once for a message.
 */
import type { AccountId } from '#base/ids.ts';

export function formatMembers(accountIds: readonly AccountId[]): string {
  let before = 0;
  return accountIds
    .toSorted((a, b) => a - b)
    .map((accountId) => {
      const gap = accountId - before;
      before = accountId;
      return gap.toString(36);
    })
    .join(' ');
}

export function isMember(members: string, accountId: AccountId): boolean {
  let at = 0;
  for (const gap of members === '' ? [] : members.split(' ')) {
    at += Number.parseInt(gap, 36);
    if (at >= accountId) return at === accountId;
  }
  return false;
}
