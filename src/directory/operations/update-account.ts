/** An account's name, state, stage, class of service, and whether it receives and sends. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { requireAccount, requireDisplayName, requireNote } from './require.ts';

export interface UpdateAccountArgs {
  readonly accountId: AccountId;
  /** What is left out stays as it is. */
  readonly displayName?: string;
  readonly state?: DirectoryAccountRow['state'];
  readonly receives?: boolean;
  readonly serviceClass?: DirectoryAccountRow['serviceClass'];
  readonly sending?: DirectoryAccountRow['sending'];
  readonly sendingNote?: string;
  readonly stage?: DirectoryAccountRow['stage'];
}

/**
 * Renames, disables, enables, stops or resumes receiving or sending. Whether sending was changed is answered, so that
 * of several who suspend an account at once one tells of it. `notFound`, `invalid`.
 */
export async function updateAccount(
  tx: DirectoryTransaction,
  args: UpdateAccountArgs,
): Promise<{ readonly isSendingChanged: boolean }> {
  const current = await requireAccount(tx, args.accountId);
  const { displayName, state, receives, serviceClass, sending, sendingNote, stage } = args;
  await tx.updateAccount({
    ...current,
    displayName: displayName === undefined ? current.displayName : requireDisplayName(displayName),
    state: state ?? current.state,
    receives: receives ?? current.receives,
    serviceClass: serviceClass === undefined ? current.serviceClass : serviceClass,
    sending: sending ?? current.sending,
    sendingNote: sendingNote === undefined ? current.sendingNote : requireNote(sendingNote),
    stage: stage ?? current.stage,
  });
  return { isSendingChanged: sending !== undefined && sending !== current.sending };
}
