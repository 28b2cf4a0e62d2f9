/** AUTH (RFC 5034): sign-in by SASL. */
import { splitWords } from '#pop3/arguments.ts';
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';
import { listMechanismNames, startSasl } from '#sasl/registry.ts';

async function run(session: Session, argument: string): Promise<void> {
  const [name, initialResponse, ...rest] = splitWords(argument);
  const { sasl } = session;
  // Older than CAPA and in no RFC, but Outlook asks for the list so.
  if (name === undefined) {
    return session.write(['+OK mechanisms follow', ...listMechanismNames(sasl), '.', ''].join('\r\n'));
  }
  if (rest.length > 0) return session.reject('AUTH takes a mechanism and one initial response');
  const exchange = startSasl(name, sasl);
  if (exchange === 'unknown') return session.reject('unknown mechanism');
  if (exchange === 'needsTls') {
    return session.fail({ code: 'AUTH', text: `${name.toUpperCase()} only after TLS, use STLS or the TLS port` });
  }
  const outcome = await exchange.converse(initialResponse, async (challenge) => {
    await session.write(`+ ${challenge}\r\n`);
    return session.nextAnswer();
  });
  if (outcome !== undefined) await session.finishSignIn(outcome);
}

export const auth: Pop3Command = {
  verb: 'AUTH',
  states: ['authorization'],
  takesLongLines: true,
  capabilities: (session) => [`SASL ${listMechanismNames(session.sasl).join(' ')}`],
  run,
};
