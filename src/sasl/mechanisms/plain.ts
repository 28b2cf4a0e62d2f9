/** PLAIN (RFC 4616): `[authzid] NUL authcid NUL passwd` in one message. */
import { MAX_IDENTITY_OCTETS, MAX_PASSWORD_OCTETS } from '#sasl/limits.ts';
import { malformed, receive, verifyPassword } from '#sasl/mechanism.ts';
import type { SaslMechanism } from '#sasl/mechanism.ts';
import { decodeText } from '#sasl/text.ts';

export const plain: SaslMechanism = {
  name: 'PLAIN',
  plaintext: true,
  *run() {
    const message = yield* receive(Buffer.alloc(0));
    const firstNul = message.indexOf(0);
    const secondNul = message.indexOf(0, firstNul + 1);
    if (firstNul === -1 || secondNul === -1) return malformed;
    const authzid = decodeText(message.subarray(0, firstNul), MAX_IDENTITY_OCTETS);
    const login = decodeText(message.subarray(firstNul + 1, secondNul), MAX_IDENTITY_OCTETS);
    const password = decodeText(message.subarray(secondNul + 1), MAX_PASSWORD_OCTETS);
    if (authzid === undefined || !login || !password) return malformed;
    return yield* verifyPassword(login, password, authzid);
  },
};
