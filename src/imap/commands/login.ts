/** LOGIN (RFC 9051 §6.2.3). */
import { defineCommand, no, type Reply } from '#imap/command.ts';
import { MAX_IDENTITY_OCTETS, MAX_PASSWORD_OCTETS } from '#sasl/limits.ts';

export const login = defineCommand({
  name: 'LOGIN',
  states: ['notAuthenticated'],
  capabilities: (session) =>
    session.state === 'notAuthenticated' && !session.isPlaintextAllowed ? ['LOGINDISABLED'] : [],
  parse(input) {
    input.space();
    const user = input.text();
    input.space();
    const password = input.text();
    if (Buffer.byteLength(user) > MAX_IDENTITY_OCTETS || Buffer.byteLength(password) > MAX_PASSWORD_OCTETS) {
      throw input.error('the user name or password is too long');
    }
    return { user, password };
  },
  async run(session, { user, password }): Promise<Reply> {
    // RFC 9051 §6.2.3, RFC 5530 §3. The password has crossed the wire now; that it was right must not be told.
    if (!session.isPlaintextAllowed) return no('Use TLS first', 'PRIVACYREQUIRED');
    if (user === '') return no('User name or password is wrong', 'AUTHENTICATIONFAILED');
    return session.signIn(await session.authority().verifyPassword(user, password, ''));
  },
});
