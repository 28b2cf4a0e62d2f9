/**
 * UTF8 (RFC 6856 §2). Names and passwords are taken as UTF-8 with or without it, and messages are sent as they are:
 * a header in raw UTF-8 is shown by every client of today, while refusing it to those that do not say UTF8 (§3 lets
 * us) would make one such message block a person's whole maildrop.
 */
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

function run(session: Session, argument: string): void {
  if (argument.trim() !== '') return session.reject('UTF8 takes no argument');
  session.succeed('UTF-8 it is');
}

export const utf8: Pop3Command = {
  verb: 'UTF8',
  states: ['authorization'],
  capabilities: () => ['UTF8 USER'],
  run,
};
