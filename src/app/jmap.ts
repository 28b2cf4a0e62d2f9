/** JMAP put together for one protocol thread. */
import type { MailAccount } from '#mail/account.ts';
import { jmapRoutes, type JmapRoutes } from '#jmap/routes.ts';
import { createHttpsClient } from '#http/https-client.ts';
import { OneClickSender } from '#jmap/one-click-sender.ts';
import { OwnMoves } from '#migration/own-move.ts';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Receiver } from '#smtp/receiver.ts';
import { defaultSmtpLimits } from '#smtp/limits.ts';
import type { ThreadSystem } from './system.ts';
import { createPost } from './outbound.ts';
import { createAddressFinder } from './public-addresses.ts';
import { deriveVapidKeys, OWNER_BY_PASSWORD, ownerByGrant } from './push.ts';

export interface JmapParts {
  readonly system: ThreadSystem;
  readonly signIn: WebSignIn;
  /** Submission, which saves no copy in Sent: a JMAP client says where its drafts go. */
  readonly submission: Receiver;
  /** Made ready for mail. */
  readonly openAccount: (accountId: AccountId) => Promise<MailAccount>;
}

export function createJmapRoutes({ system, signIn, submission, openAccount }: JmapParts): JmapRoutes {
  const {
    config,
    mail,
    uploads,
    jmapRecords,
    directory,
    addressBook,
    queue,
    search,
    trace,
    traceStore,
    clock,
    random,
    log,
  } = system;
  return jmapRoutes({
    services: {
      mail,
      uploads,
      records: jmapRecords,
      directory,
      addressBook,
      submission,
      queue,
      audit: system.audit,
      delegatedActs: system.delegatedActs,
      trace,
      traces: traceStore.reader,
      moves: new OwnMoves(system.migrationStore),
      messages: {
        shownMs: config.trace.shownDays * DAY_MS,
        showsRead: config.trace.readStatus === 'on',
        recall: {
          isOn: config.recall.mode !== 'off',
          windowMs: config.recall.days * DAY_MS,
          unreadOnly: config.recall.mode === 'unread',
        },
      },
      openAccount,
      search,
      clock,
      random,
      log: log.child({ listener: 'jmap' }),
      hostname: config.hostname,
      maxUploadBytes: config.jmap.maxUploadBytes,
      maxMessageBytes: config.limits.messageBytes,
      maxDelayedSend: defaultSmtpLimits('submission').maxHoldS,
      kept: { keptDays: config.mail.deletedDays, trashDays: config.mail.trashDays, junkDays: config.mail.junkDays },
      helpDesk: { address: config.site.mail === '' ? null : config.site.mail, post: createPost(system) },
      oneClick: new OneClickSender({
        ask: createHttpsClient({ clock, findAddresses: createAddressFinder(system) }),
        clock,
        log: log.child({ listener: 'jmap' }),
      }),
      applicationServerKey: deriveVapidKeys(config.dataDir).publicKey,
    },
    async authenticate(request) {
      const caller = await signIn.authenticate(request, { takesTokens: true });
      if ('status' in caller) return caller;
      const { accountId, login, sessionId, grantId } = caller;
      // What a program registers that comes by a password is its account's, whichever of its programs asks.
      return {
        accountId,
        login,
        owner: sessionId ?? (grantId === undefined ? OWNER_BY_PASSWORD : ownerByGrant(grantId)),
        way: sessionId === undefined ? 'jmap' : 'web',
        agent: request.header('user-agent') ?? '',
        remoteAddress: request.remoteAddress,
        admit: () => signIn.admit(caller),
        watch: (onEnded) => signIn.watch(caller, onEnded),
      };
    },
    async nameOf(accountId) {
      const account = await directory.account(accountId);
      return account?.displayName ?? '';
    },
    maxUploadBytes: config.jmap.maxUploadBytes,
  });
}
