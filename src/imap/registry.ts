/** The commands of the engine, in the order in which CAPABILITY prints what they bring. */
import type { ImapCommand } from './command.ts';
import { deleteacl, getacl, listrights, myrights, setacl } from './commands/acl.ts';
import { append } from './commands/append.ts';
import { authenticate } from './commands/authenticate.ts';
import { capability } from './commands/capability.ts';
import { check } from './commands/check.ts';
import { close } from './commands/close.ts';
import { copy } from './commands/copy.ts';
import { create } from './commands/create.ts';
import { deleteCommand } from './commands/delete.ts';
import { enable } from './commands/enable.ts';
import { examine, select } from './commands/select.ts';
import { expunge } from './commands/expunge.ts';
import { fetch } from './commands/fetch.ts';
import { getquota, getquotaroot, setquota } from './commands/quota.ts';
import { id } from './commands/id.ts';
import { idle } from './commands/idle.ts';
import { list } from './commands/list.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { lsub } from './commands/lsub.ts';
import { move } from './commands/move.ts';
import { namespace } from './commands/namespace.ts';
import { noop } from './commands/noop.ts';
import { rename } from './commands/rename.ts';
import { search } from './commands/search.ts';
import { starttls } from './commands/starttls.ts';
import { status } from './commands/status.ts';
import { store } from './commands/store.ts';
import { subscribe, unsubscribe } from './commands/subscribe.ts';
import { unselect } from './commands/unselect.ts';

const commands: readonly ImapCommand[] = [
  starttls,
  authenticate,
  login,
  capability,
  noop,
  logout,
  id,
  enable,
  select,
  examine,
  create,
  deleteCommand,
  rename,
  subscribe,
  unsubscribe,
  list,
  lsub,
  namespace,
  status,
  append,
  idle,
  getquota,
  getquotaroot,
  setquota,
  getacl,
  setacl,
  deleteacl,
  listrights,
  myrights,
  check,
  close,
  unselect,
  expunge,
  search,
  fetch,
  store,
  copy,
  move,
];

const byName: ReadonlyMap<string, ImapCommand> = new Map(commands.map((command) => [command.name, command]));

/** The command of that name (upper case), if it may come so. */
export function findCommand(name: string, byUid: boolean): ImapCommand | undefined {
  const command = byName.get(name);
  return command === undefined || (byUid && command.takesUid !== true) ? undefined : command;
}

export function listCommands(): readonly ImapCommand[] {
  return commands;
}
