/** One protocol thread: its own readers, caches and engines, listening on ports it shares with its siblings. */
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { errorText, MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { isLoopback } from '#base/network-address.ts';
import { collectGarbageAtRest } from '#base/rest.ts';
import type { AuthenticationSurroundings, ReportSurroundings } from '#delivery/delivery.ts';
import { createDeliveryReceiver } from '#delivery/receiver.ts';
import { createNetworkTest } from '#directory/address-range.ts';
import { ImapServer } from '#imap/server.ts';
import type { MailAccount } from '#mail/account.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import { Pop3Server } from '#pop3/server.ts';
import type { Receiver } from '#smtp/receiver.ts';
import { SmtpServer } from '#smtp/server.ts';
import { Overuse } from '#submission/overuse.ts';
import { createSubmissionReceiver } from '#submission/receiver.ts';
import { CertificateSource } from './certificates.ts';
import { ConfigError, type Config, type ListenerName } from './config.ts';
import { askForGuesses } from './guesses.ts';
import { openLog } from './log.ts';
import { describePlan, listenTrouble } from './listen-trouble.ts';
import { createOthersMail } from './others-mail.ts';
import { createPost, openForwarding, openReporter } from './outbound.ts';
import { openReportReader } from './read-report.ts';
import { openStores } from './storage.ts';
import { alertOwner } from './sign-in-alert.ts';
import { composeThreadSystem, type ThreadSystem } from './system.ts';
import type { Answers, FromThread, ListenerPlan, ProtocolThreadData, ToThread } from './thread-messages.ts';
import { createWebRoutes, createWebServer, type WebRoutes } from './web.ts';

/** What every engine offers the house. */
interface ProtocolServer {
  listen(options: { readonly host: string; readonly port: number; readonly reusePort: boolean }): Promise<AddressInfo>;
  close(options: { readonly drainMs: number }): Promise<void>;
}

const { name, config } = workerData as ProtocolThreadData;
const port = parentPort;
if (port === null) throw new Error('a protocol thread runs in a worker');

const log = openLog(config.log.level, name);
const servers = new Map<ListenerName, ProtocolServer>();
/** Set by the first `listen`: modules are loaded while the main thread opens the store. */
let parts: { readonly system: ThreadSystem; readonly certificates: CertificateSource } | undefined;

collectGarbageAtRest();
port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'listen':
      return void listen(message);
    case 'metrics':
      return void answerMetrics(message.id);
    case 'answer':
      return questions.get(message.id)?.(message.value);
    case 'reload':
      return parts?.certificates.reload();
    case 'close':
      return void close(message.drainMs);
  }
});

function tell(message: FromThread): void {
  port?.postMessage(message);
}

/** Asked of the main thread and not yet answered. */
const questions = new Map<number, (value: unknown) => void>();
let lastQuestion = 0;

/** Throws `unavailable` when the main thread cannot tell. */
async function ask<Name extends keyof Answers>(name: Name): Promise<Answers[Name]> {
  return (await question(name, (id) => ({ kind: 'question', id, name }))) as Answers[Name];
}

async function question(what: string, of: (id: number) => FromThread): Promise<unknown> {
  const id = ++lastQuestion;
  const value = await new Promise<unknown>((resolve) => {
    questions.set(id, resolve);
    tell(of(id));
  });
  questions.delete(id);
  if (value === undefined) throw new MailError('unavailable', `${what} is not to be had`);
  return value;
}

async function listen(supplies: Extract<ToThread, { kind: 'listen' }>): Promise<void> {
  try {
    const guesses = askForGuesses(supplies.guessKey, (call) =>
      question('guesses', (id) => ({ kind: 'guess', id, call })),
    );
    const system = composeThreadSystem(config, await openStores(config, supplies.store, log), log, guesses);
    system.journal.listen(alertOwner(system));
    const certificates = new CertificateSource(supplies.certificates, log);
    parts = { system, certificates };
    const plans: ListenerPlan[] = [];
    for (const plan of supplies.plans) {
      let server = servers.get(plan.name);
      if (server === undefined) {
        server = composeServer(plan.name, config, system, (serverName) => certificates.contextFor(serverName));
        servers.set(plan.name, server);
      }
      plans.push({ ...plan, port: await listenOn(server, plan) });
    }
    tell({ kind: 'listening', plans });
  } catch (error) {
    tell({ kind: 'refused', message: errorText(error), isConfig: error instanceof ConfigError });
  }
}

async function listenOn(server: ProtocolServer, plan: ListenerPlan): Promise<number> {
  try {
    return (await server.listen({ host: plan.host, port: plan.port, reusePort: true })).port;
  } catch (error) {
    throw new Error(`cannot listen on ${describePlan(plan)}: ${listenTrouble(error)}`, { cause: error });
  }
}

/** One for both ports. */
let submission: Receiver | undefined;

function openSubmission(config: Config, system: ThreadSystem): Receiver {
  return (submission ??= createSubmission(config, system, {
    via: 'smtp',
    savesSent: config.submission.saveSent === 'on',
  }));
}

function createSubmission(
  config: Config,
  system: ThreadSystem,
  { via, savesSent }: { readonly via: 'smtp' | 'jmap'; readonly savesSent: boolean },
): Receiver {
  const { mail, directory, queue, ledger, trace, dkim } = system;
  const common = {
    directory,
    queue,
    ledger,
    hostname: config.hostname,
    clock: system.clock,
    random: system.random,
    metrics: system.metrics,
    log: log.child({ listener: 'submission' }),
  };
  return createSubmissionReceiver({
    ...common,
    mail,
    forwarding: openForwarding(system),
    overuse: new Overuse({ ...common, trace, post: createPost(system), suspendAfter: config.submission.suspendAfter }),
    trace,
    reporter: openReporter(system),
    sign: (octets) => dkim.sign(octets),
    savesSent,
    savesOwn: config.submission.sentCopies === 'both',
    onWrittenAs: ({ by, as, from, queueId }) =>
      system.audit.record({
        action: 'identity.delegated-act',
        actor: { kind: 'account', accountId: by.accountId, name: by.loginAddress },
        accountId: as,
        subject: from,
        detail: { act: 'send', queueId },
      }),
    onSenderRefused: (attempt) => system.refusedSenders.note({ ...attempt, via }),
    limits: config.class,
  });
}

/** How mail from other servers is judged. */
function openAuthentication(config: Config, system: ThreadSystem): AuthenticationSurroundings {
  const { trust } = config;
  return {
    resolver: system.resolver,
    dmarc: {
      atMost: trust.dmarc,
      tempfailsOnTemperror: trust.dmarcTempfail,
      trustedSealers: trust.trustedSealers,
    },
    isExempt: createNetworkTest(trust.exemptNetworks),
    observer: system.observer,
  };
}

/** One for both listeners: reports are read one after another. */
let reports: ReportSurroundings | undefined;

/** What becomes of reports on our domains. */
function openReports({ trustStore }: ThreadSystem): ReportSurroundings {
  reports ??= {
    ...openReportReader(),
    keep: async (report) => (await trustStore.run('addDmarcReport', { report })) === true,
  };
  return reports;
}

/** One table for both listeners. */
let web: WebRoutes | undefined;

function composeServer(
  listener: ListenerName,
  config: Config,
  system: ThreadSystem,
  tls: ServerContexts,
): ProtocolServer {
  const { hostname, auth, limits } = config;
  const { clock, random, metrics, mail, directory, grants, queue, trace } = system;
  const common = {
    hostname,
    clock,
    random,
    metrics,
    log: log.child({ listener }),
    tls,
  };
  const connections = {
    maxConnections: limits.connections,
    maxConnectionsPerAddress: limits.connectionsPerAddress,
  };
  const accounts = {
    async openAccount(accountId: AccountId): Promise<MailAccount> {
      const account = mail.account(accountId);
      // Created in the directory, and the server stopped before its mailboxes were.
      if ((await account.modSeq()) === 0) await account.provision({ quotaBytes: limits.quotaBytes || null });
      return account;
    },
    watchSignIn: (accountId: AccountId, onRevoked: () => void, grantId?: string) =>
      grantId === undefined
        ? directory.watchSignIn(accountId, onRevoked)
        : grants.watch({ accountId, grantId }, onRevoked),
    allowPlaintext: (remoteAddress: string) => auth.plaintextOnLoopback && isLoopback(remoteAddress),
  };
  const signInBy =
    (protocol: 'imap' | 'pop3' | 'smtp') =>
    ({ remoteAddress, serverName }: { readonly remoteAddress: string; readonly serverName?: string | undefined }) => {
      const source = { protocol, remoteAddress, host: serverName };
      const bearer = grants.bearerFor(source);
      return { ...directory.saslAuthority(source), ...(bearer === undefined ? {} : { bearer }) };
    };
  switch (listener) {
    case 'smtp':
    case 'lmtp':
      return new SmtpServer({
        ...common,
        protocol: listener,
        receiver: createDeliveryReceiver({
          directory,
          mail,
          queue,
          forwarding: openForwarding(system),
          trace,
          reporter: openReporter(system),
          hostname,
          clock,
          random,
          metrics,
          log: common.log,
          reports: openReports(system),
          ...(listener === 'smtp' ? { authentication: openAuthentication(config, system) } : {}),
        }),
        limits: { ...connections, maxMessageBytes: limits.messageBytes, maxRecipients: limits.recipients },
      });
    case 'submission':
    case 'submissions':
      return new SmtpServer({
        ...common,
        protocol: 'submission',
        receiver: openSubmission(config, system),
        implicitTls: listener === 'submissions',
        requireTls: true,
        authenticate: signInBy('smtp'),
        allowPlaintext: accounts.allowPlaintext,
        watchSignIn: accounts.watchSignIn,
        limits: { ...connections, maxMessageBytes: limits.messageBytes, maxRecipients: limits.recipients },
      });
    case 'imap':
    case 'imaps':
      return new ImapServer({
        ...common,
        ...accounts,
        search: system.search,
        others: createOthersMail(directory, system.audit, system.delegatedActs),
        implicitTls: listener === 'imaps',
        authenticate: signInBy('imap'),
        limits: {
          connections: limits.connections,
          connectionsPerAddress: limits.connectionsPerAddress,
          messageBytes: limits.messageBytes,
        },
      });
    case 'pop3':
    case 'pop3s':
      return new Pop3Server({
        ...common,
        ...accounts,
        implicitTls: listener === 'pop3s',
        authenticate: signInBy('pop3'),
        limits: connections,
      });
    case 'http':
    case 'https':
      web ??= createWebRoutes({
        config,
        system,
        ask,
        submission: createSubmission(config, system, { via: 'jmap', savesSent: false }),
        openAccount: (accountId) => accounts.openAccount(accountId),
      });
      return createWebServer(web, config, system, common.log, listener === 'https' ? tls : undefined);
    case 'managesieve':
      throw new Error(`${listener} is not a protocol thread's`);
  }
}

async function answerMetrics(id: number): Promise<void> {
  tell({ kind: 'metrics', id, snapshot: (await parts?.system.metrics.snapshot()) ?? [] });
}

async function close(drainMs: number): Promise<void> {
  await Promise.all(Array.from(servers.values(), (server) => server.close({ drainMs })));
  await parts?.system.close();
  parts?.certificates.close();
  tell({ kind: 'closed' });
  port?.close();
}
