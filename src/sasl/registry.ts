/** Every SASL mechanism we speak, strongest first: capability lists are printed from it. */
import type { Random } from '#base/random.ts';
import { SaslExchange } from './exchange.ts';
import type { SaslAuthority, SaslMechanism } from './mechanism.ts';
import { login } from './mechanisms/login.ts';
import { plain } from './mechanisms/plain.ts';
import { scramSha256 } from './mechanisms/scram.ts';

export const saslMechanisms: readonly SaslMechanism[] = [scramSha256, plain, login];

const byName: ReadonlyMap<string, SaslMechanism> = new Map(
  saslMechanisms.map((mechanism) => [mechanism.name, mechanism]),
);
const allNames: readonly string[] = saslMechanisms.map((mechanism) => mechanism.name);
const namesWithoutPlaintext: readonly string[] = saslMechanisms
  .filter((mechanism) => !mechanism.plaintext)
  .map((mechanism) => mechanism.name);

/** The names to advertise. `plaintextAllowed`: the connection is encrypted, or loopback and set so. */
export function listMechanismNames(plaintextAllowed: boolean): readonly string[] {
  return plaintextAllowed ? allNames : namesWithoutPlaintext;
}

/** RFC 4422 §3.1: names are upper case; clients' letters are taken in either. */
export function findMechanism(name: string): SaslMechanism | undefined {
  return byName.get(name.toUpperCase());
}

/**
 * A new exchange, or undefined when the mechanism is unknown. Whether `plaintext` ones are allowed on this
 * connection is the engine's to check first (`findMechanism`), since each protocol answers that in its own code.
 */
export function startSasl(name: string, authority: SaslAuthority, random: Random): SaslExchange | undefined {
  const mechanism = findMechanism(name);
  return mechanism && new SaslExchange(mechanism.run({ random }), authority);
}
