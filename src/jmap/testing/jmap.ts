/** JMAP without the web, over a store in memory: for the methods' own tests. */
import { createHash } from 'node:crypto';
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { CAPABILITIES, type Invocation } from '#contract/jmap/core.ts';
import type { JmapServices } from '#jmap/core/method.ts';
import { processRequest } from '#jmap/core/process-request.ts';
import { readRequest } from '#jmap/core/read-request.ts';
import { KNOWN_CAPABILITIES } from '#jmap/core/session.ts';
import { methods } from '#jmap/registry.ts';
import { Mail } from '#mail/mail.ts';
import { openTestStore } from '#test/harness/stores.ts';

export const ACCOUNT = 7 as AccountId;
export const ACCOUNT_ID = 'A7';

/** What a method answers, looked into without saying what it is: a test that is wrong about it fails. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = Record<string, any>;

export async function openJmap() {
  const clock = new FakeClock();
  const store = await openTestStore('memory', { clock });
  const mail = new Mail(store.mail);
  const account = mail.account(ACCOUNT);
  await account.provision();
  const uploaded = new Map<string, Buffer>();
  const services: JmapServices = {
    mail,
    uploads: {
      async put(accountId, octets) {
        const hash = createHash('sha256').update(octets).digest('hex');
        uploaded.set(`${accountId} ${hash}`, Buffer.from(octets));
        return hash;
      },
      read: async (accountId, hash) => uploaded.get(`${accountId} ${hash}`),
    },
    openAccount: async (accountId) => mail.account(accountId),
    clock,
    random: systemRandom,
    log: silentLog,
    hostname: 'mail.kust.example',
    maxMessageBytes: 1_000_000,
  };

  /** The answers in order; `accountId` is put where it is missing. */
  async function request(
    calls: readonly (readonly [string, Readonly<Record<string, unknown>>, string?])[],
    using: readonly string[] = Object.values(CAPABILITIES).filter((one) => KNOWN_CAPABILITIES.has(one)),
  ): Promise<readonly Invocation[]> {
    const methodCalls = calls.map(([name, args, callId], i) => [
      name,
      name.startsWith('Core/') ? args : { accountId: ACCOUNT_ID, ...args },
      callId ?? String(i),
    ]);
    const parsed = readRequest(Buffer.from(JSON.stringify({ using, methodCalls })));
    const surroundings = { methods, capabilities: KNOWN_CAPABILITIES, services, accountId: ACCOUNT, sessionState: 's' };
    return (await processRequest(surroundings, parsed)).methodResponses;
  }

  /** One call's answer; rejects when it is an error. */
  async function call(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const [response] = await request([[name, args]]);
    if (response === undefined || response[0] === 'error') throw new Error(JSON.stringify(response?.[1]));
    return response[1] as Answer;
  }

  /** The error of one call. */
  async function refusal(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const [response] = await request([[name, args]]);
    if (response?.[0] !== 'error') throw new Error(`not refused: ${JSON.stringify(response)}`);
    return response[1];
  }

  return { store, mail, account, services, clock, request, call, refusal };
}

/** An RFC 5322 message; lines end in CRLF whatever they end in here. */
export function message(text: string): Buffer {
  return Buffer.from(text.replace(/\r?\n/g, '\r\n'));
}
