/** AUTHENTICATE PLAIN and LOGIN (RFC 9051 §6.2.2, §6.2.3) as the client. */
import { MailError } from '#base/errors.ts';
import type { Random } from '#base/random.ts';
import { plain, type SaslCredential } from '#sasl/client.ts';
import type { Commands } from './commands.ts';
import type { Response } from './response.ts';

/** RFC 5530 §3: it is not the password that is at fault. */
const PASSING = /^(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\b/;
/** What is said without a code by those who would let us in at another time: Gmail's, Exchange's and Coremail's words. */
const BUSY = /\btoo many\b|\btemporar|\btry again\b|\blater\b|过于频繁|稍后/i;

/** Throws `forbidden`: it does not let us in; `unavailable`: it may another time, or cannot. */
export async function signIn(
  commands: Commands,
  credential: SaslCredential,
  capabilities: ReadonlySet<string>,
  random: Random,
): Promise<void> {
  if (capabilities.has('AUTH=PLAIN')) return authenticatePlain(commands, credential, capabilities, random);
  if (credential.actingFor !== undefined)
    throw commands.fail('the server offers no AUTH=PLAIN, by which alone one can act for another');
  if (capabilities.has('LOGINDISABLED')) throw commands.fail('the server offers no way to sign in that we know');
  const { login, password } = credential;
  judge(commands, await commands.run(['LOGIN ', Buffer.from(login), ' ', Buffer.from(password)]));
}

async function authenticatePlain(
  commands: Commands,
  credential: SaslCredential,
  capabilities: ReadonlySet<string>,
  random: Random,
): Promise<void> {
  const first = await plain.run(credential, random).next();
  const response = (first.value as Buffer).toString('base64');
  // RFC 4959 §3: where it may be said at once.
  if (capabilities.has('SASL-IR')) return judge(commands, await commands.run([`AUTHENTICATE PLAIN ${response}`]));
  const tag = await commands.send(['AUTHENTICATE PLAIN']);
  const asked = await commands.continuation(tag);
  if (asked !== undefined) return judge(commands, asked);
  await commands.say(`${response}\r\n`);
  judge(commands, await commands.finish(tag));
}

function judge(commands: Commands, result: Response & { kind: 'status' }): void {
  const { status, code, text } = result;
  if (status === 'OK') return;
  if (status !== 'NO' || PASSING.test(code) || BUSY.test(text)) throw commands.fail(`not signed in: ${status} ${text}`);
  throw new MailError('forbidden', `the server refuses the sign-in: ${text}`);
}
