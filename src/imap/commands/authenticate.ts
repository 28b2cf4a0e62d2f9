/** AUTHENTICATE (RFC 9051 §6.2.2) with an initial response (RFC 4959): the dialogue; mechanisms are sasl/'s. */
import { bad, defineCommand, no, type Reply } from '#imap/command.ts';
import { encodeChallenge } from '#sasl/line.ts';
import { MAX_LINE_OCTETS } from '#sasl/limits.ts';
import { findMechanism, listMechanismNames, startSasl } from '#sasl/registry.ts';

export const authenticate = defineCommand({
  name: 'AUTHENTICATE',
  states: ['notAuthenticated'],
  capabilities: (session) =>
    session.state === 'notAuthenticated'
      ? listMechanismNames(session.isPlaintextAllowed).map((name) => `AUTH=${name}`)
      : [],
  parse(input) {
    input.space();
    const mechanism = input.keyword();
    let initialResponse: string | undefined;
    if (input.take(' ')) {
      // `=`, the empty response, is an atom too; base64 has no characters that are none.
      initialResponse = input.atom();
    }
    return { mechanism, initialResponse };
  },
  async run(session, { mechanism, initialResponse }): Promise<Reply> {
    const found = findMechanism(mechanism);
    if (found === undefined) return no('No such mechanism', 'CANNOT');
    if (found.plaintext && !session.isPlaintextAllowed) return no('Use TLS first', 'PRIVACYREQUIRED');
    const exchange = startSasl(mechanism, session.authority(), session.surroundings.random);
    if (exchange === undefined) return no('No such mechanism', 'CANNOT');
    let step = await exchange.begin(initialResponse);
    while (step.kind === 'challenge') {
      session.continuation(encodeChallenge(step.challenge));
      const line = await session.connection.nextLine(MAX_LINE_OCTETS);
      if (line === 'tooLong' || line === undefined) {
        session.end(line === undefined ? undefined : 'Authentication line too long');
        return bad('Authentication not finished');
      }
      step = await exchange.respondLine(line);
    }
    return session.signIn(step.outcome);
  },
});
