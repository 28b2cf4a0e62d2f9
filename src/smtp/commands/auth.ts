/** AUTH (RFC 4954) with an initial response: the dialogue; mechanisms are sasl/'s. */
import type { SmtpCommand } from '#smtp/command.ts';
import type { Session } from '#smtp/session.ts';
import { encodeChallenge } from '#sasl/line.ts';
import { findMechanism, listMechanismNames, startSasl } from '#sasl/registry.ts';

async function run(session: Session, argument: string): Promise<void> {
  // RFC 4954 §4: once, and not within a transaction (`states` sees to that).
  if (session.account !== undefined) return session.fail(503, '5.5.1', 'Already signed in');
  const [name = '', initialResponse, ...rest] = argument.split(/[ \t]+/);
  if (name === '' || rest.length > 0) return session.fail(501, '5.5.4', 'Syntax: AUTH mechanism [initial-response]');
  const mechanism = findMechanism(name);
  if (mechanism === undefined) return session.fail(504, '5.5.4', 'No such mechanism');
  // RFC 4954 §6: 538.
  if (mechanism.plaintext && !session.allowsPlaintext) return session.fail(538, '5.7.11', 'Use STARTTLS first');
  const authority = session.authority();
  const exchange = authority && startSasl(name, authority, session.surroundings.random);
  if (exchange === undefined) return session.fail(502, '5.5.1', 'AUTH is not offered');
  let step = await exchange.begin(initialResponse);
  while (step.kind === 'challenge') {
    session.reply(334, undefined, encodeChallenge(step.challenge));
    const line = await session.nextAnswer();
    if (line === undefined) return;
    step = await exchange.respondLine(line);
  }
  session.signIn(step.outcome);
}

export const auth: SmtpCommand = {
  verb: 'AUTH',
  protocols: ['submission'],
  states: ['ready'],
  beforeSignIn: true,
  keywords: (session) =>
    session.account === undefined ? [`AUTH ${listMechanismNames(session.allowsPlaintext).join(' ')}`] : [],
  run,
};
