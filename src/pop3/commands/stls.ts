/** STLS (RFC 2595 §4). */
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

function isOffered(session: Session): boolean {
  return session.surroundings.tls !== undefined && !session.isSecure && session.state === 'authorization';
}

async function run(session: Session, argument: string): Promise<void> {
  if (argument.trim() !== '') return session.reject('STLS takes no argument');
  if (session.isSecure) return session.reject('TLS is already active');
  if (!isOffered(session)) return session.reject('STLS is not offered');
  session.succeed('begin TLS');
  await session.startTls();
}

export const stls: Pop3Command = {
  verb: 'STLS',
  states: ['authorization'],
  capabilities: (session) => (isOffered(session) ? ['STLS'] : []),
  run,
};
