/** The commands of the engine, in the order in which CAPA prints what they bring. */
import { auth } from './commands/auth.ts';
import { capa } from './commands/capa.ts';
import { dele } from './commands/dele.ts';
import { list } from './commands/list.ts';
import { noop } from './commands/noop.ts';
import { pass } from './commands/pass.ts';
import { quit } from './commands/quit.ts';
import { retr } from './commands/retr.ts';
import { rset } from './commands/rset.ts';
import { stat } from './commands/stat.ts';
import { stls } from './commands/stls.ts';
import { top } from './commands/top.ts';
import { uidl } from './commands/uidl.ts';
import { user } from './commands/user.ts';
import { utf8 } from './commands/utf8.ts';
import type { Pop3Command } from './command.ts';

export const pop3Commands: readonly Pop3Command[] = [
  capa,
  stls,
  user,
  pass,
  auth,
  utf8,
  stat,
  list,
  uidl,
  retr,
  top,
  dele,
  rset,
  noop,
  quit,
];

const byVerb: ReadonlyMap<string, Pop3Command> = new Map(pop3Commands.map((command) => [command.verb, command]));

/** The command of that verb (upper case). */
export function findCommand(verb: string): Pop3Command | undefined {
  return byVerb.get(verb);
}
