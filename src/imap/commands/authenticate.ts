/** AUTHENTICATE (RFC 9051 §6.2.2) with an initial response (RFC 4959): the dialogue; mechanisms are sasl/'s. */
import { bad, defineCommand, no, type Reply } from '#imap/command.ts';
import { MAX_LINE_OCTETS } from '#sasl/limits.ts';
import { listMechanismNames, startSasl } from '#sasl/registry.ts';

export const authenticate = defineCommand({
  name: 'AUTHENTICATE',
  states: ['notAuthenticated'],
  capabilities: (session) =>
    session.state === 'notAuthenticated' ? listMechanismNames(session.sasl).map((name) => `AUTH=${name}`) : [],
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
    const exchange = startSasl(mechanism, session.sasl);
    if (exchange === 'unknown') return no('No such mechanism', 'CANNOT');
    if (exchange === 'needsTls') return no('Use TLS first', 'PRIVACYREQUIRED');
    const outcome = await exchange.converse(initialResponse, async (challenge) => {
      session.continuation(challenge);
      const line = await session.connection.nextLine(MAX_LINE_OCTETS);
      if (line !== 'tooLong') return line;
      session.end('Authentication line too long');
      return undefined;
    });
    if (outcome !== undefined) return session.signIn(outcome);
    session.end();
    return bad('Authentication not finished');
  },
});
