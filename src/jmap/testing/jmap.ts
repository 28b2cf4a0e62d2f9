/** JMAP without the web, over a fresh store: for the methods' own tests. */
import { DelegatedActs } from '#audit/delegated-acts.ts';
import type { AuditEvent } from '#audit/types.ts';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { CAPABILITIES, type Invocation } from '#contract/jmap/core.ts';
import { AddressBook } from '#directory/address-book.ts';
import { Directory } from '#directory/directory.ts';
import type { AskHttps, HttpsQuestion } from '#http/https-client.ts';
import type { JmapServices } from '#jmap/core/method.ts';
import { processRequest } from '#jmap/core/process-request.ts';
import { readRequest } from '#jmap/core/read-request.ts';
import { KNOWN_CAPABILITIES } from '#jmap/core/session.ts';
import { OneClickSender } from '#jmap/one-click-sender.ts';
import { JmapRecords } from '#jmap/records.ts';
import { methods } from '#jmap/registry.ts';
import { Uploads } from '#jmap/uploads.ts';
import { Mail } from '#mail/mail.ts';
import { OwnMoves } from '#migration/own-move.ts';
import { Search } from '#search/search.ts';
import { Queue } from '#queue/queue.ts';
import { SendingLedger } from '#submission/sending-ledger.ts';
import { createSubmissionReceiver } from '#submission/receiver.ts';
import { openTestStore, type StoreKind } from '#test/harness/stores.ts';
import { TraceRecorder } from '#trace/recorder.ts';

export const ZHANG = 'zhang@kust.example';
export const LI = 'li@kust.example';
/** ZHANG's account, who asks. */
export const ACCOUNT_ID = 'A1';

/** What a method answers, looked into without saying what it is: a test that is wrong about it fails. */
// oxlint-disable-next-line typescript/no-explicit-any -- what comes back is looked into by each test
export type Answer = Record<string, any>;

export async function openJmap(kind: StoreKind = 'memory') {
  const clock = new FakeClock();
  const store = await openTestStore(kind, { clock });
  const mail = new Mail(store.mail);
  const common = { clock, random: systemRandom, log: silentLog };
  const directory = new Directory({
    ...common,
    store: store.directory,
    settings: { argon2id: { memoryKib: 8, iterations: 1, parallelism: 1 }, scramIterations: 4096 },
  });
  await directory.addDomain('kust.example');
  const accountId = await directory.createAccount(ZHANG, 'Campus-密码-7', { displayName: '张三' });
  const li = await directory.createAccount(LI, 'Campus-密码-7', { displayName: '李四' });
  const account = mail.account(accountId);
  await account.provision();
  await mail.account(li).provision();
  const queue = new Queue({ store: store.queue, clock });
  const trace = new TraceRecorder(store.trace, silentLog);
  const submission = createSubmissionReceiver({
    ...common,
    directory,
    mail,
    queue,
    trace,
    ledger: new SendingLedger({
      store: store.sending,
      whoWrote: (senders, recipients) => store.trace.reader.whoWrote(senders, recipients),
      clock,
    }),
    overuse: { note: async () => {} },
    reporter: { report: async () => false },
    savesSent: false,
    hostname: 'mail.kust.example',
  });
  const audited: AuditEvent[] = [];
  /** To the help desk. */
  const posted: string[] = [];
  /** Lists that were told that somebody leaves them, and what they answer. */
  const lists = { asked: [] as { url: string; question: HttpsQuestion }[], status: 200 as number | 'silent' };
  const askList: AskHttps = async (url, question) => {
    lists.asked.push({ url, question });
    return lists.status === 'silent'
      ? { kind: 'failed', why: 'other', message: 'no answer' }
      : { kind: 'answered', status: lists.status, headers: {}, octets: Buffer.alloc(0) };
  };
  const services: JmapServices = {
    ...common,
    mail,
    uploads: new Uploads({
      store: store.jmap,
      prepareMessage: (octets) => mail.prepareMessage(octets),
      clock,
      maxBytes: 1_000_000,
      quotaBytes: 10_000_000,
    }),
    records: new JmapRecords({ store: store.jmap, clock, random: systemRandom }),
    directory,
    addressBook: new AddressBook({ store: store.directory, clock, log: silentLog }),
    submission,
    queue,
    audit: { record: (event) => void audited.push(event) },
    delegatedActs: new DelegatedActs({ record: (event) => void audited.push(event) }, clock),
    trace,
    traces: store.trace.reader,
    moves: new OwnMoves(store.migration),
    messages: {
      shownMs: 30 * DAY_MS,
      showsRead: true,
      recall: { isOn: true, windowMs: 7 * DAY_MS, unreadOnly: true },
    },
    openAccount: async (id) => mail.account(id),
    search: new Search(store.search, store.mail.reader),
    hostname: 'mail.kust.example',
    maxUploadBytes: 1_000_000,
    maxMessageBytes: 1_000_000,
    maxDelayedSend: 86_400,
    kept: { keptDays: 30, trashDays: 30, junkDays: 15 },
    helpDesk: { address: 'help@kust.example', post: async (octets) => void posted.push(octets.toString()) },
    oneClick: new OneClickSender({ ask: askList, clock, log: silentLog }),
    applicationServerKey: 'BA',
  };

  /** The answers in order; `accountId` is put where it is missing. */
  async function request(
    calls: readonly (readonly [string, Readonly<Record<string, unknown>>, string?])[],
    using: readonly string[] = Object.values(CAPABILITIES).filter((one) => KNOWN_CAPABILITIES.has(one)),
  ): Promise<readonly Invocation[]> {
    const methodCalls = calls.map(([name, args, callId], i) => [
      name,
      /^(?:Core|PushSubscription)\//.test(name) ? args : { accountId: ACCOUNT_ID, ...args },
      callId ?? String(i),
    ]);
    const parsed = readRequest(Buffer.from(JSON.stringify({ using, methodCalls })));
    const caller = {
      accountId,
      login: ZHANG,
      owner: 'test',
      way: 'web' as const,
      agent: 'Firefox',
      remoteAddress: '192.0.2.7',
      admit: () => true,
      watch: () => () => {},
    };
    const surroundings = { methods, capabilities: KNOWN_CAPABILITIES, services, caller, sessionState: 's' };
    return (await processRequest(surroundings, parsed)).methodResponses;
  }

  /** One call's answer; rejects when it is an error. */
  async function call(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const [response] = await request([[name, args]]);
    if (response === undefined || response[0] === 'error') throw new Error(JSON.stringify(response?.[1]));
    return response[1];
  }

  /** The error of one call. */
  async function refusal(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const [response] = await request([[name, args]]);
    if (response?.[0] !== 'error') throw new Error(`not refused: ${JSON.stringify(response)}`);
    return response[1];
  }

  /** Puts a message into mailboxes by role, as IMAP would; its Email's id. */
  async function put(
    text: string,
    {
      role = 'inbox',
      keywords = [],
      receivedAt,
    }: { role?: 'inbox' | 'sent'; keywords?: readonly string[]; receivedAt?: number } = {},
  ): Promise<string> {
    const item = { message: mail.prepareMessage(message(text)), mailboxes: [role], keywords };
    const when = receivedAt === undefined ? {} : { receivedAt };
    const { emails } = await account.append({ items: [{ ...item, ...when }], source: 'migration' });
    return `E${accountId}-${emails[0]?.emailId}`;
  }

  async function mailboxOf(role: string): Promise<string> {
    const { list } = await call('Mailbox/get');
    return (list as readonly Answer[]).find((mailbox) => mailbox['role'] === role)?.['id'] as string;
  }

  return {
    store,
    audited,
    posted,
    lists,
    mail,
    directory,
    account,
    accountId,
    li,
    services,
    clock,
    queue,
    trace,
    request,
    call,
    refusal,
    put,
    mailboxOf,
  };
}

/** An RFC 5322 message; lines end in CRLF whatever they end in here. */
export function message(text: string): Buffer {
  return Buffer.from(text.replace(/\r?\n/g, '\r\n'));
}
