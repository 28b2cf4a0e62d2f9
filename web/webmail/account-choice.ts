/**
 * Which account a tab shows: one's own, or one that others share. The tab alone remembers it, so that beside it another
 * can show one's own; and who signs in anew begins with that.
 */
import type { Session } from '#contract/jmap/core.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { AccountChoice } from './model.ts';

const CHOSEN = 'campusmail shared account';

export function chosenAccount(): string | undefined {
  return sessionStorage.getItem(CHOSEN) ?? undefined;
}

export function forgetChoice(): void {
  sessionStorage.removeItem(CHOSEN);
}

/** Shows another account, from its inbox on; undefined: one's own. */
export function showAccount(id: string | undefined): void {
  if (id === undefined) forgetChoice();
  else sessionStorage.setItem(CHOSEN, id);
  location.assign('/');
}

/** One's own first, then those of others by name. */
export function listAccounts({ accounts, primaryAccounts }: Session, currentId: string): readonly AccountChoice[] {
  const ownId = primaryAccounts[CAPABILITIES.mail];
  return Object.entries(accounts)
    .map(([id, { name, isReadOnly, accountCapabilities }]) => ({
      id,
      name,
      isOwn: id === ownId,
      isCurrent: id === currentId,
      isReadOnly,
      maySend: Object.hasOwn(accountCapabilities, CAPABILITIES.submission),
      mayManage: Object.hasOwn(accountCapabilities, CAPABILITIES.delegation),
    }))
    .toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.name.localeCompare(b.name));
}
