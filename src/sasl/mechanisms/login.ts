/**
 * LOGIN (draft-murchison-sasl-login-00, never an RFC): user name, then password. Kept because Outlook and many
 * devices speak nothing else over SMTP.
 */
import { MAX_IDENTITY_OCTETS, MAX_PASSWORD_OCTETS } from '#sasl/limits.ts';
import { malformed, receive, verifyPassword } from '#sasl/mechanism.ts';
import type { SaslMechanism } from '#sasl/mechanism.ts';
import { decodeText } from '#sasl/text.ts';

// Not the draft's `User Name` and `Password` with NUL: clients compare with what servers have always sent.
const ASK_USER_NAME = Buffer.from('Username:');
const ASK_PASSWORD = Buffer.from('Password:');

export const login: SaslMechanism = {
  name: 'LOGIN',
  plaintext: true,
  *run() {
    const userName = decodeText(yield* receive(ASK_USER_NAME), MAX_IDENTITY_OCTETS);
    if (!userName) return malformed;
    const password = decodeText(yield* receive(ASK_PASSWORD), MAX_PASSWORD_OCTETS);
    if (!password) return malformed;
    return yield* verifyPassword(userName, password, '');
  },
};
