/** AUTH (RFC 4954) as the client. */
import type { Random } from '#base/random.ts';
import { chooseClientMechanism } from '#sasl/client.ts';
import type { SaslCredential } from '#sasl/client.ts';
import { decodeBase64 } from '#sasl/line.ts';

import type { Channel } from './channel.ts';
import { isSuccess } from './reply.ts';
import type { ConnectionFailure, Reply } from './reply.ts';

/** Signs in by the strongest mechanism that both know; undefined when that is done. */
export async function authenticate(
  channel: Channel,
  credential: SaslCredential,
  offered: ReadonlySet<string>,
  random: Random,
): Promise<ConnectionFailure | undefined> {
  const timeoutMs = channel.limits.helloTimeoutMs;
  const mechanism = chooseClientMechanism(offered);
  if (mechanism === undefined) {
    const list = [...offered].join(' ') || 'nothing';
    return channel.fail('auth', 'noMechanism', `cannot sign in: the server offers ${list}`.slice(0, 200));
  }
  const script = mechanism.run(credential, random);
  const first = mechanism.isClientFirst ? await script.next() : undefined;
  const initial = first?.done === false ? ` ${encode(first.value)}` : '';
  let reply: Reply | ConnectionFailure = await channel.ask('auth', `AUTH ${mechanism.name}${initial}`, timeoutMs);
  while (reply.kind === 'reply' && reply.code === 334) {
    const challenge = decodeBase64(reply.text);
    const step = challenge === undefined ? undefined : await script.next(challenge);
    // RFC 4954 §4: what is malformed or not to be believed is answered by `*`.
    if (step === undefined || step.done === true) {
      await channel.ask('auth', '*', timeoutMs);
      return channel.fail('auth', 'garbage', `${mechanism.name}: the server's challenge will not do`, reply);
    }
    reply = await channel.ask('auth', encode(step.value), timeoutMs);
  }
  if (reply.kind === 'connectionFailed') return reply;
  if (!isSuccess(reply)) return channel.failWithReply('auth', reply);
  // Success before the server has proved what its mechanism has it prove (SCRAM) is a lie.
  const { done, value } = await script.next(Buffer.alloc(0));
  if (done === true && value) return undefined;
  return channel.fail('auth', 'garbage', `${mechanism.name}: success before the end`, reply);
}

/** RFC 4954 §4: as an initial response, no octets are written `=`; ours always have some. */
function encode(octets: Buffer): string {
  return octets.toString('base64');
}
