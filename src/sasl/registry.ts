/** Every SASL mechanism we speak, strongest first: capability lists are printed from it. */
import { SaslExchange } from './exchange.ts';
import type { SaslConnection, SaslMechanism } from './mechanism.ts';
import { oauthBearer, xoauth2 } from './mechanisms/bearer.ts';
import { login } from './mechanisms/login.ts';
import { plain } from './mechanisms/plain.ts';
import { scramSha256, scramSha256Plus } from './mechanisms/scram.ts';

const saslMechanisms: readonly SaslMechanism[] = [scramSha256Plus, scramSha256, oauthBearer, xoauth2, plain, login];

const byName: ReadonlyMap<string, SaslMechanism> = new Map(
  saslMechanisms.map((mechanism) => [mechanism.name, mechanism]),
);

/** The names to advertise on a connection as it is now. */
export function listMechanismNames(connection: SaslConnection): readonly string[] {
  return saslMechanisms
    .filter((mechanism) => isSupported(mechanism, connection) && isAllowed(mechanism, connection))
    .map((mechanism) => mechanism.name);
}

/**
 * A new exchange; or `unknown` for a mechanism that is none or that the connection has nothing for, `needsTls` for one
 * that would show a secret to whoever listens: each protocol answers those in its own codes. RFC 4422 §3.1: names are
 * upper case; clients' letters are taken in either.
 */
export function startSasl(name: string, connection: SaslConnection): SaslExchange | 'unknown' | 'needsTls' {
  const mechanism = byName.get(name.toUpperCase());
  if (mechanism === undefined || !isSupported(mechanism, connection)) return 'unknown';
  if (!isAllowed(mechanism, connection)) return 'needsTls';
  return new SaslExchange(mechanism.run(connection), connection.authority);
}

function isSupported({ needs }: SaslMechanism, { authority, bindChannel }: SaslConnection): boolean {
  if (needs === 'bearer') return authority.bearer !== undefined;
  return needs === undefined || bindChannel !== undefined;
}

function isAllowed({ plaintext }: SaslMechanism, { allowsPlaintext }: SaslConnection): boolean {
  return allowsPlaintext || !plaintext;
}
