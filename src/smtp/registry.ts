/** The commands of the engine, in the order in which HELP names them and EHLO prints what they bring. */
import { auth } from './commands/auth.ts';
import { bdat } from './commands/bdat.ts';
import { data } from './commands/data.ts';
import { ehlo, lhlo } from './commands/ehlo.ts';
import { expn } from './commands/expn.ts';
import { helo } from './commands/helo.ts';
import { help } from './commands/help.ts';
import { mail } from './commands/mail.ts';
import { noop } from './commands/noop.ts';
import { quit } from './commands/quit.ts';
import { rcpt } from './commands/rcpt.ts';
import { rset } from './commands/rset.ts';
import { starttls } from './commands/starttls.ts';
import { vrfy } from './commands/vrfy.ts';
import type { SmtpCommand } from './command.ts';
import type { SmtpPeer } from './receiver.ts';

const commands: readonly SmtpCommand[] = [
  ehlo,
  lhlo,
  helo,
  starttls,
  auth,
  mail,
  rcpt,
  data,
  bdat,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  help,
];

const byVerb: Readonly<Record<SmtpPeer['protocol'], ReadonlyMap<string, SmtpCommand>>> = {
  smtp: mapByVerb('smtp'),
  lmtp: mapByVerb('lmtp'),
  submission: mapByVerb('submission'),
};

function mapByVerb(protocol: SmtpPeer['protocol']): ReadonlyMap<string, SmtpCommand> {
  return new Map(commands.filter((one) => one.protocols.includes(protocol)).map((one) => [one.verb, one]));
}

/** The command of that verb (upper case) in that protocol. */
export function findCommand(protocol: SmtpPeer['protocol'], verb: string): SmtpCommand | undefined {
  return byVerb[protocol].get(verb);
}

export function listCommands(protocol: SmtpPeer['protocol']): Iterable<SmtpCommand> {
  return byVerb[protocol].values();
}
