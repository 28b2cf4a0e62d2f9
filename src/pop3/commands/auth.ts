/** AUTH (RFC 5034): sign-in by SASL. */
import { splitWords } from '#pop3/arguments.ts';
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';
import { encodeChallenge } from '#sasl/line.ts';
import { findMechanism, listMechanismNames, startSasl } from '#sasl/registry.ts';

async function run(session: Session, argument: string): Promise<void> {
  const [name, initialResponse, ...rest] = splitWords(argument);
  const names = listMechanismNames(session.allowsPlaintext);
  // Older than CAPA and in no RFC, but Outlook asks for the list so.
  if (name === undefined) return session.write(['+OK mechanisms follow', ...names, '.', ''].join('\r\n'));
  if (rest.length > 0) return session.reject('AUTH takes a mechanism and one initial response');
  const mechanism = findMechanism(name);
  if (mechanism === undefined) return session.reject('unknown mechanism');
  if (mechanism.plaintext && !session.allowsPlaintext) {
    return session.fail({ code: 'AUTH', text: `${mechanism.name} only after TLS, use STLS or the TLS port` });
  }
  const exchange = startSasl(name, session.authority, session.surroundings.random);
  if (exchange === undefined) return session.reject('unknown mechanism');
  let step = await exchange.begin(initialResponse);
  while (step.kind === 'challenge') {
    await session.write(`+ ${encodeChallenge(step.challenge)}\r\n`);
    const answer = await session.nextAnswer();
    if (answer === undefined) return;
    step = await exchange.respondLine(answer);
  }
  await session.finishSignIn(step.outcome);
}

export const auth: Pop3Command = {
  verb: 'AUTH',
  states: ['authorization'],
  takesLongLines: true,
  capabilities: (session) => [`SASL ${listMechanismNames(session.allowsPlaintext).join(' ')}`],
  run,
};
