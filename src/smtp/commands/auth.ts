/** AUTH (RFC 4954 §4): the command; mechanisms are sasl/'s, the dialogue's lines the session's. */
import { listMechanismNames, startSasl } from '#sasl/registry.ts';
import type { SmtpCommand } from '#smtp/command.ts';
import type { Session } from '#smtp/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const [name = '', initialResponse, ...rest] = argument.split(/ +/);
  if (name === '' || rest.length > 0) {
    return session.fail(501, '5.5.4', 'Syntax: AUTH mechanism [initial-response]');
  }
  if (session.isSignedIn) return session.fail(503, '5.5.1', 'Already signed in');
  const exchange = startSasl(name, session.sasl);
  if (exchange === 'unknown') return session.fail(504, '5.5.4', 'Mechanism not known here');
  if (exchange === 'needsTls') return session.fail(538, '5.7.11', 'This mechanism needs TLS, use STARTTLS first');
  await session.signIn((ask) => exchange.converse(initialResponse, ask));
}

export const auth: SmtpCommand = {
  verb: 'AUTH',
  protocols: ['submission'],
  // Not within a transaction.
  states: ['ready'],
  takesLongLines: true,
  beforeAuth: true,
  keywords(session) {
    const names = session.isSignedIn || session.needsTls ? [] : listMechanismNames(session.sasl);
    return names.length === 0 ? [] : [`AUTH ${names.join(' ')}`];
  },
  run,
};
