/** The parts put together for one thread: mailbox, directory and what they stand on. */
import { Audit } from '#audit/audit.ts';
import type { AuditStore } from '#audit/ports/audit-store.ts';
import { DelegatedActs } from '#audit/delegated-acts.ts';
import { RefusedSenders } from '#audit/refused-senders.ts';
import { SignInAudit } from '#audit/sign-ins.ts';
import { systemClock, type Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import { isLoopback } from '#base/network-address.ts';
import { systemRandom, type Random } from '#base/random.ts';
import { createNetworkTest } from '#directory/address-range.ts';
import { AddressBook } from '#directory/address-book.ts';
import { Directory } from '#directory/directory.ts';
import type { Resolver } from '#dns/resolver.ts';
import { SelfService } from '#directory/self-service.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import { JmapRecords } from '#jmap/records.ts';
import { Uploads } from '#jmap/uploads.ts';
import type { GuessStore } from '#guesses/ports/guess-store.ts';
import { Mail } from '#mail/mail.ts';
import type { MailStore } from '#mail/ports/mail-store.ts';
import { Notices } from '#notices/notices.ts';
import { LastSessions } from '#queue/last-sessions.ts';
import { Queue } from '#queue/queue.ts';
import type { SessionStore } from '#signin/ports/session-store.ts';
import { Journal } from '#signin/journal.ts';
import { createPlaceFinder } from '#signin/places.ts';
import { Sessions } from '#signin/sessions.ts';
import { Grants } from '#oauth/grants.ts';
import type { MigrationStore } from '#migration/ports/migration-store.ts';
import type { SsoStore } from '#sso/ports/sso-store.ts';
import type { OutboxRow } from '#sms/ports/sms-store.ts';
import { Sms } from '#sms/sms.ts';
import { openVendors } from '#sms/vendors.ts';
import { SendingLedger } from '#submission/sending-ledger.ts';
import type { TraceStore } from '#trace/ports/trace-store.ts';
import { Search } from '#search/search.ts';
import type { SearchIndex } from '#search/ports/search-index.ts';
import { TraceRecorder } from '#trace/recorder.ts';
import { DkimSigners } from '#trust/dkim-signers.ts';
import { Observer } from '#trust/observer.ts';
import type { TrustStore } from '#trust/ports/trust-store.ts';
import type { Config } from './config.ts';
import { prepareDataDir } from './data-dir.ts';
import { keepGuesses, shareGuesses, type Guesses } from './guesses.ts';
import { writeChangesDown, writeEndedDown } from './identity-audit.ts';
import { openIndexing, type Indexing } from './indexing.ts';
import { openResolver } from './open-resolver.ts';
import { ThreadMetrics } from './metrics.ts';
import { openOldServer } from './old-server.ts';
import { metadataUrlOf } from './site.ts';
import { deriveSecret } from './secret.ts';
import { isShared, openStorage, type Maintenance, type StoreClient } from './storage.ts';

const DAY_MS = 86_400_000;

export interface System {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: ThreadMetrics;
  readonly mail: Mail;
  readonly mailStore: MailStore;
  readonly directory: Directory;
  readonly directoryStore: DirectoryStore;
  /** What owners do to their accounts themselves. */
  readonly selfService: SelfService;
  readonly sms: Sms;
  readonly addressBook: AddressBook;
  readonly guesses: Guesses;
  readonly guessStore: GuessStore;
  readonly journal: Journal;
  /** What JMAP keeps beside mail. */
  readonly jmapRecords: JmapRecords;
  readonly uploads: Uploads;
  /** Of browsers. */
  readonly sessions: Sessions;
  /** Of programs that were let in by a token. */
  readonly grants: Grants;
  readonly migrationStore: MigrationStore;
  /** 通知公告. */
  readonly notices: Notices;
  readonly ssoStore: SsoStore;
  readonly signinStore: SessionStore;
  readonly queue: Queue;
  /** With whom the queue's sender of this thread spoke. */
  readonly lastSessions: LastSessions;
  readonly ledger: SendingLedger;
  readonly trace: TraceRecorder;
  /** Who did what. */
  readonly audit: Audit;
  /** Acts of people in mailboxes of others. */
  readonly delegatedActs: DelegatedActs;
  readonly refusedSenders: RefusedSenders;
  readonly auditStore: AuditStore;
  readonly traceStore: TraceStore;
  readonly search: Search;
  readonly searchIndex: SearchIndex;
  /** For commands that want the index brought up to the mail. */
  readonly indexing: Indexing;
  readonly trustStore: TrustStore;
  /** What is seen of others' policies, for the reports they ask for. */
  readonly observer: Observer;
  readonly dkim: DkimSigners;
  /** The thread's: whoever asks shares its cache. */
  readonly resolver: Resolver;
  readonly maintenance: Maintenance;
  close(): Promise<void>;
}

/** A thread's system without what only the main thread does. */
export type ThreadSystem = Omit<System, 'maintenance' | 'indexing'>;

/** `guesses`: asked of another thread; otherwise opened here, as in the main thread, which answers for all. */
export function composeThreadSystem(
  config: Config,
  stores: StoreClient,
  log: Logger,
  guesses: Guesses = openGuesses(config, stores, log),
): ThreadSystem {
  const metrics = new ThreadMetrics();
  const { auth } = config;
  const trace = new TraceRecorder(stores.trace, log);
  const dkim = new DkimSigners({ store: stores.trust, clock: systemClock, log });
  const observer = new Observer({ store: stores.trust, clock: systemClock, log });
  const audit = new Audit({ store: stores.audit, clock: systemClock, log });
  const signIns = new SignInAudit(audit, systemClock);
  const journal = new Journal({
    store: stores.signin,
    findPlace: createPlaceFinder(),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  const oldServer = openOldServer(auth.oldServer, auth.oldServerCa);
  const directory = new Directory({
    store: stores.directory,
    ...(oldServer === undefined ? {} : { oldServer }),
    clock: systemClock,
    random: systemRandom,
    log,
    metrics,
    limits: guesses.passwords,
    onChanged: writeChangesDown(audit),
    onSignIn: ({ source, accountId, loginAddress, result }) => {
      const outcome = result.ok ? 'ok' : result.reason;
      signIns.tell({ ...source, accountId, loginAddress, outcome });
      const { protocol, remoteAddress: address, isForm = false } = source;
      // At our own page that the password is right is not yet a sign-in: signin/ says when it is.
      if (accountId !== undefined && !(isForm && result.ok))
        journal.note({
          accountId,
          protocol: protocol === 'http' && !isForm ? 'jmap' : protocol,
          address,
          agent: '',
          outcome,
        });
    },
    settings: {
      defaultDomain: auth.defaultDomain === '' ? null : auth.defaultDomain,
      argon2id: { memoryKib: auth.argon2MemoryKib, iterations: auth.argon2Passes, parallelism: 1 },
      decoyKey: deriveSecret(config.dataDir, 'sign-in decoys'),
      initialPasswordKey: deriveSecret(config.dataDir, 'initial passwords'),
      realms: config.realms,
      domainPlans: config.domainPlans,
      postmasterAddress: auth.postmaster === '' ? null : auth.postmaster,
      forwarding: config.forwarding,
      maxGroupMembers: config.groups.maxMembers,
      largeGroupMembers: config.groups.largeMembers,
      guessKey: guesses.key,
      phoneKey: auth.phoneLogins ? deriveSecret(config.dataDir, 'telephones') : null,
      factorKey: deriveSecret(config.dataDir, 'second factors'),
      afterSuspension: config.signin.afterSuspension,
      clientPasswordDomains: new Set(auth.clientPasswordDomains),
    },
  });
  const selfService = new SelfService({
    store: stores.directory,
    directory,
    clock: systemClock,
    random: systemRandom,
    phoneKey: deriveSecret(config.dataDir, 'telephones'),
    reservedAliases: config.alias.reserved,
  });
  const addressBook = new AddressBook({ store: stores.directory, clock: systemClock, log });
  const mail = new Mail(stores.mail, undefined, config.mail.deletedDays > 0);
  const sessions = new Sessions({
    store: stores.signin,
    directory,
    clock: systemClock,
    random: systemRandom,
    log,
    metrics,
    idleMs: config.signin.idleDays * DAY_MS,
    absoluteMs: config.signin.absoluteDays * DAY_MS,
    onEnded: writeEndedDown(audit),
  });
  const grants = new Grants({
    store: stores.oauth,
    directory,
    clients: new Map(config.oauthClients.map((client) => [client.clientId, client])),
    key: deriveSecret(config.dataDir, 'tokens of programs'),
    metadataUrl: (host) => metadataUrlOf(config, host),
    clock: systemClock,
    random: systemRandom,
    log,
    metrics,
  });
  return {
    config,
    clock: systemClock,
    random: systemRandom,
    log,
    metrics,
    mail,
    mailStore: stores.mail,
    directory,
    directoryStore: stores.directory,
    selfService,
    sms: openSms(config, stores, log, metrics),
    addressBook,
    guesses,
    guessStore: stores.guesses,
    journal,
    sessions,
    grants,
    migrationStore: stores.migration,
    notices: new Notices({
      store: stores.notices,
      clock: systemClock,
      viewKey: deriveSecret(config.dataDir, 'views of notices'),
    }),
    ssoStore: stores.sso,
    signinStore: stores.signin,
    jmapRecords: new JmapRecords({ store: stores.jmap, clock: systemClock, random: systemRandom }),
    uploads: new Uploads({
      store: stores.jmap,
      prepareMessage: (octets) => mail.prepareMessage(octets),
      clock: systemClock,
      maxBytes: config.jmap.maxUploadBytes,
      quotaBytes: config.jmap.uploadQuotaBytes,
    }),
    queue: new Queue({ store: stores.queue, clock: systemClock }),
    lastSessions: new LastSessions(),
    ledger: new SendingLedger({
      store: stores.sending,
      whoWrote: (senders, recipients) => stores.trace.reader.whoWrote(senders, recipients),
      clock: systemClock,
    }),
    trace,
    traceStore: stores.trace,
    audit,
    delegatedActs: new DelegatedActs(audit, systemClock),
    refusedSenders: new RefusedSenders(audit, systemClock),
    auditStore: stores.audit,
    search: new Search(stores.search, stores.mail.reader, log),
    searchIndex: stores.search,
    trustStore: stores.trust,
    observer,
    dkim,
    resolver: openResolver(config, log, metrics),
    async close() {
      sessions.close();
      grants.close();
      directory.close();
      addressBook.close();
      dkim.close();
      await Promise.all([trace.flush(), observer.flush(), audit.close()]);
      await stores.close();
    },
  };
}

/** The counts of this server, or, where others may have the same store, of them all. */
function openGuesses(config: Config, stores: StoreClient, log: Logger): Guesses {
  const parts = { clock: systemClock, random: systemRandom, log };
  if (!isShared(config)) return keepGuesses(config, parts);
  return shareGuesses(config, { ...parts, store: stores.guesses, key: deriveSecret(config.dataDir, 'guesses') });
}

function openSms(config: Config, stores: StoreClient, log: Logger, metrics: ThreadMetrics): Sms {
  const { auth, sms, dataDir } = config;
  const isShared = createNetworkTest(auth.sharedNetworks);
  const keep = async (row: OutboxRow): Promise<void> => void (await stores.sms.run('keepInOutbox', row));
  return new Sms({
    store: stores.sms,
    providers: openVendors(sms, { log, clock: systemClock, keep }),
    key: deriveSecret(dataDir, 'SMS codes'),
    clock: systemClock,
    random: systemRandom,
    log,
    metrics,
    settings: sms,
    isShared: (address) => isShared(address) || (isLoopback(address) && !auth.limitsOnLoopback),
  });
}

export function composeSystem(
  config: Config,
  stores: StoreClient,
  log: Logger,
  supplies: Pick<System, 'maintenance' | 'indexing'>,
): System {
  return { ...composeThreadSystem(config, stores, log), ...supplies };
}

/** The whole system in this process alone, for a command while no server runs. */
export async function openSystem(config: Config, log: Logger): Promise<System> {
  prepareDataDir(config.dataDir);
  const storage = await openStorage(config, log);
  const stores = storage.connect();
  const indexing = openIndexing(stores, log);
  const system = composeSystem(config, stores, log, { maintenance: storage.maintenance, indexing });
  return {
    ...system,
    async close() {
      await indexing.close();
      await system.close();
      await storage.close();
    },
  };
}
