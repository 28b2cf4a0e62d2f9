/** An account's name, state, stage, class of service, and whether it receives and sends. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { isFrozen, rulesOfStage } from '#directory/stages.ts';
import type { AfterSuspension, DirectoryAccountRow } from '#directory/types.ts';
import { noteThawed } from './advance-idle.ts';
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
  /** What its owner has to do once a suspension is over, or sending is stopped. */
  readonly afterSuspension?: AfterSuspension;
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
  const changed = {
    ...current,
    displayName: displayName === undefined ? current.displayName : requireDisplayName(displayName),
    state: state ?? current.state,
    receives: receives ?? current.receives,
    serviceClass: serviceClass === undefined ? current.serviceClass : serviceClass,
    sending: sending ?? current.sending,
    sendingNote: sendingNote === undefined ? current.sendingNote : requireNote(sendingNote),
    stage: stage ?? current.stage,
  };
  await tx.updateAccount(changed);
  await noteThawed(tx, current, changed.stage);
  const isSendingChanged = changed.sending !== current.sending;
  const wasShut = current.state === 'disabled' || current.stage === 'suspended' || isFrozen(current.stage);
  const isSuspicious = wasShut ? isOpen(changed) : isSendingChanged && changed.sending === 'suspended';
  if (isSuspicious) await distrust(tx, args);
  return { isSendingChanged };
}

function isOpen({ state, stage }: DirectoryAccountRow): boolean {
  return state === 'active' && rulesOfStage(stage).signsIn;
}

/** Somebody else may know its password. */
async function distrust(
  tx: DirectoryTransaction,
  { accountId, afterSuspension = 'nothing' }: UpdateAccountArgs,
): Promise<void> {
  if (afterSuspension === 'nothing') return;
  const unused = { name: '', secret: '', usedAt: null, usedFrom: '' };
  await tx.lockFactors(accountId);
  await tx.putFactor({ accountId, factorId: 'alarm', kind: 'alarm', createdAt: tx.nowMs, ...unused });
  if (afterSuspension !== 'password') return;
  for (const credential of await tx.credentialsOf(accountId))
    if (credential.kind === 'password') await tx.updateCredential({ ...credential, mustChange: true });
}
