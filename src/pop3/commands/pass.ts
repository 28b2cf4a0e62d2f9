/** PASS (RFC 1939 §7): the second half of the plain sign-in. */
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

/** `argument` is the password as it stands: blanks belong to it (§7). */
async function run(session: Session, argument: string): Promise<void> {
  const name = session.userName;
  if (!session.allowsPlaintext || name === undefined) return session.reject('send USER first');
  if (argument === '') return session.reject('PASS needs a password');
  await session.finishSignIn(await session.authority.verifyPassword(name, argument, ''));
}

export const pass: Pop3Command = { verb: 'PASS', states: ['authorization'], run };
