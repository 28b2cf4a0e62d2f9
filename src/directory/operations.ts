/** Every change that can be made to the directory, by name: the one list that backends run from. */
import { activateAccount } from './operations/activate-account.ts';
import { addAlias } from './operations/add-alias.ts';
import { addDomain } from './operations/add-domain.ts';
import { addToGroup } from './operations/add-to-group.ts';
import { advanceIdle, thaw } from './operations/advance-idle.ts';
import { advanceLife, setHold } from './operations/advance-life.ts';
import { applyRoster, beginRosterRun, endRosterRun } from './operations/apply-roster.ts';
import { bindPhone, unbindPhone } from './operations/bind-phone.ts';
import { chooseAlias, retireAliases } from './operations/choose-alias.ts';
import { agree } from './operations/agree.ts';
import { adoptPassword } from './operations/adopt-password.ts';
import { claimNotice } from './operations/claim-notice.ts';
import { createAccount } from './operations/create-account.ts';
import { createGroup } from './operations/create-group.ts';
import { deleteAccount } from './operations/delete-account.ts';
import { deleteGroup } from './operations/delete-group.ts';
import { enrolPeople } from './operations/enrol-people.ts';
import { linkPerson } from './operations/link-person.ts';
import { recoverAccount } from './operations/recover-account.ts';
import { addFactor, noteFactorUse, removeFactors, useFactor } from './operations/factors.ts';
import { removeAlias } from './operations/remove-alias.ts';
import { removeDomain } from './operations/remove-domain.ts';
import { removeFromGroup } from './operations/remove-from-group.ts';
import { setFilter } from './operations/set-filter.ts';
import { dropForwardTargets, setForwarding } from './operations/set-forwarding.ts';
import { createBox, setBoxVacant, updateBox } from './operations/set-box.ts';
import { flipDefaultSender, setDefaultSender } from './operations/set-default-sender.ts';
import { setDelegation, setMailboxRights } from './operations/set-delegation.ts';
import { setPassword } from './operations/set-password.ts';
import { undoRoster } from './operations/undo-roster.ts';
import { claimAnswer, endVacation, setVacation } from './operations/set-vacation.ts';
import { updateAccount } from './operations/update-account.ts';
import { updateGroup } from './operations/update-group.ts';
import type { DirectoryOperation, DirectoryTransaction } from './ports/directory-store.ts';

const operations = {
  activateAccount: { run: activateAccount },
  addAlias: { run: addAlias },
  addDomain: { run: addDomain },
  /** False when the name is taken. */
  addScimToken: {
    run: (tx: DirectoryTransaction, args: { readonly name: string; readonly hash: string }): Promise<boolean> =>
      tx.insertScimToken({ ...args, createdAt: tx.nowMs }),
  },
  addFactor: { run: addFactor },
  addToGroup: { run: addToGroup },
  advanceIdle: { run: advanceIdle },
  advanceLife: { run: advanceLife },
  agree: { run: agree },
  applyRoster: { run: applyRoster },
  beginRosterRun: { run: beginRosterRun },
  bindPhone: { run: bindPhone },
  chooseAlias: { run: chooseAlias },
  adoptPassword: { run: adoptPassword },
  claimAnswer: { run: claimAnswer },
  claimNotice: { run: claimNotice },
  createAccount: { run: createAccount },
  createBox: { run: createBox },
  createGroup: { run: createGroup },
  deleteAccount: { run: deleteAccount },
  deleteGroup: { run: deleteGroup },
  dropForwardTargets: { run: dropForwardTargets },
  endVacation: { run: endVacation },
  endRosterRun: { run: endRosterRun },
  flipDefaultSender: { run: flipDefaultSender },
  enrolPeople: { run: enrolPeople },
  /** Answers how many: fewer than `limit` were the last. */
  forgetAnswers: {
    run: (tx: DirectoryTransaction, args: { readonly before: number; readonly limit: number }): Promise<number> =>
      tx.forgetAnswers(args.before, args.limit),
  },
  /** As `forgetAnswers`. */
  forgetRosterChanges: {
    run: (tx: DirectoryTransaction, args: { readonly before: number; readonly limit: number }): Promise<number> =>
      tx.forgetRosterChanges(args.before, args.limit),
  },
  linkPerson: { run: linkPerson },
  recoverAccount: { run: recoverAccount },
  noteFactorUse: { run: noteFactorUse },
  removeAlias: { run: removeAlias },
  removeDomain: { run: removeDomain },
  removeFactors: { run: removeFactors },
  removeFromGroup: { run: removeFromGroup },
  /** False when there is none. */
  removeScimToken: {
    run: (tx: DirectoryTransaction, args: { readonly name: string }): Promise<boolean> => tx.deleteScimToken(args.name),
  },
  retireAliases: { run: retireAliases },
  setBoxVacant: { run: setBoxVacant },
  setDefaultSender: { run: setDefaultSender },
  setDelegation: { run: setDelegation },
  setFilter: { run: setFilter },
  setForwarding: { run: setForwarding },
  setHold: { run: setHold },
  setMailboxRights: { run: setMailboxRights },
  setPassword: { run: setPassword },
  setVacation: { run: setVacation },
  thaw: { run: thaw },
  undoRoster: { run: undoRoster },
  unbindPhone: { run: unbindPhone },
  updateAccount: { run: updateAccount },
  updateBox: { run: updateBox },
  updateGroup: { run: updateGroup },
  useFactor: { run: useFactor },
} satisfies Record<string, DirectoryOperation>;

export type { RosterChange } from './operations/apply-roster.ts';

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type DirectoryOperations = typeof operations;

export const directoryOperations: Readonly<Record<string, DirectoryOperation>> = operations;
