/** An account goes for good, with its mail and all else that is kept of it. */
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { ThreadSystem } from './system.ts';

/** When it is interrupted, again does the rest: the address is let go last, so that the account can still be named. */
export async function deleteAccount(system: ThreadSystem, accountId: AccountId): Promise<void> {
  const { directory } = system;
  // Mail is refused first, for a delivery in between would begin the account anew.
  if ((await directory.account(accountId)) !== undefined) {
    await directory.disableAccount(accountId);
    await directory.setReceives(accountId, false);
  }
  await system.mail.account(accountId).deleteAll();
  await directory.deleteAccount(accountId).catch((error: unknown) => {
    if (!isMailError(error, 'notFound')) throw error;
  });
  await forgetAccount(system, accountId);
}

/** What is left of an account that is gone from the directory. */
export async function forgetAccount(system: ThreadSystem, accountId: AccountId): Promise<void> {
  await system.ledger.forget(accountId);
  await system.jmapRecords.forgetAccount(accountId);
  await system.journal.forgetAccount(accountId);
  await system.migrationStore.run('forget', { accountId });
  // Also a delivery that had passed RCPT before.
  await system.mail.account(accountId).deleteAll();
}
