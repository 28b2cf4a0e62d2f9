/** STARTTLS (RFC 3207). */
import type { SmtpCommand } from '#smtp/command.ts';
import type { Session } from '#smtp/session.ts';

function isOffered(session: Session): boolean {
  return session.surroundings.tls !== undefined && !session.isSecure;
}

async function run(session: Session, argument: string): Promise<void> {
  if (argument !== '') return session.fail(501, '5.5.4', 'STARTTLS takes no argument');
  if (session.isSecure) return session.fail(503, '5.5.1', 'TLS already active');
  if (!isOffered(session)) return session.fail(502, '5.5.1', 'STARTTLS is not offered');
  await session.startTls();
}

export const starttls: SmtpCommand = {
  verb: 'STARTTLS',
  protocols: ['smtp', 'lmtp', 'submission'],
  // RFC 3207 §4 wants EHLO first; not within a transaction, which TLS would silently drop.
  states: ['ready'],
  beforeTls: true,
  beforeAuth: true,
  keywords: (session) => (isOffered(session) ? ['STARTTLS'] : []),
  run,
};
