/** Every action, in the order in which they are shown. */
import type { Action } from './action.ts';
import {
  backToList,
  goToArchive,
  goToDrafts,
  goToHelp,
  goToInbox,
  goToJunk,
  goToSent,
  goToContacts,
  goToSettings,
  goToSetup,
  openNext,
  openPrevious,
  showScheduled,
} from './go.ts';
import { archive, flag, junk, label, markRead, markUnread, move, notJunk, remove, unflag } from './organise.ts';
import { openPalette, search, selectAll, selectNone, showShortcuts, toggleTheme } from './view.ts';
import { compose, forward, reply, replyAll } from './write.ts';

export const ACTIONS: readonly Action[] = [
  compose,
  reply,
  replyAll,
  forward,
  archive,
  remove,
  junk,
  notJunk,
  move,
  label,
  markRead,
  markUnread,
  flag,
  unflag,
  goToInbox,
  goToDrafts,
  goToSent,
  goToArchive,
  goToJunk,
  showScheduled,
  openNext,
  openPrevious,
  backToList,
  goToContacts,
  goToSettings,
  goToSetup,
  goToHelp,
  search,
  openPalette,
  showShortcuts,
  selectAll,
  selectNone,
  toggleTheme,
];

/** The toolbar above a list with a selection, and above an open conversation. */
export const TOOLBAR: readonly Action[] = [
  archive,
  remove,
  junk,
  notJunk,
  move,
  label,
  markRead,
  markUnread,
  flag,
  unflag,
];
