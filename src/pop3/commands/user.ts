/** USER (RFC 1939 §7): the first half of the plain sign-in. */
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

function run(session: Session, argument: string): void {
  // Before the name is kept, so that no client goes on and sends a password in the open.
  if (!session.allowsPlaintext) {
    return session.fail({ code: 'AUTH', text: 'plain sign-in only after TLS, use STLS or the TLS port' });
  }
  const name = argument.trim();
  if (name === '') return session.reject('USER needs a name');
  session.userName = name;
  // Never says whether there is such a user: that would help whoever guesses.
  session.succeed('send PASS');
}

export const user: Pop3Command = {
  verb: 'USER',
  states: ['authorization'],
  capabilities: (session) => (session.allowsPlaintext ? ['USER'] : []),
  run,
};
