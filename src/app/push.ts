/** Push by way of push services: composes what sends, and by which key they know us. */
import { createECDH } from 'node:crypto';
import type { AccountId } from '#base/ids.ts';
import { createHttpsClient } from '#http/https-client.ts';
import { PushSender, type VapidIdentity } from '#jmap/push-sender.ts';
import { createAddressFinder } from './public-addresses.ts';
import { deriveSecret } from './secret.ts';
import type { ThreadSystem } from './system.ts';

/** Who owns what programs register that sign in with the account's password; of browsers it is the session. */
export const OWNER_BY_PASSWORD = 'password';

const GRANT_OWNER = 'grant ';

/** And of programs that come by a token it is the grant. */
export function ownerByGrant(grantId: string): string {
  return `${GRANT_OWNER}${grantId}`;
}

/** The same for as long as data_dir's secret is, and for all front-ends that share it. */
export function deriveVapidKeys(dataDir: string): Pick<VapidIdentity, 'publicKey' | 'privateKey'> {
  const privateKey = deriveSecret(dataDir, 'push services');
  const curve = createECDH('prime256v1');
  // One of 2^32 is no key of the curve, and throws.
  curve.setPrivateKey(privateKey);
  return {
    publicKey: curve.getPublicKey('base64url'),
    privateKey: Buffer.from(privateKey).toString('base64url'),
  };
}

/** Calls back once when the account's password is another than now, or opens nothing any more. Until unsubscribed. */
function watchPassword(
  { directory, log }: Pick<ThreadSystem, 'directory' | 'log'>,
  accountId: AccountId,
  onEnded: () => void,
): () => void {
  const first = directory.provenSince(accountId);
  const look = async (): Promise<void> => {
    const [before, now] = await Promise.all([first, directory.provenSince(accountId)]);
    if (isOver || (now !== undefined && now === before)) return;
    end();
    onEnded();
  };
  let isOver = false;
  const lookAgain = (): void => {
    look().catch((error: unknown) => log.error({ err: error, accountId }, 'a password could not be reviewed'));
  };
  const unwatch = directory.watchAccounts((changed) => {
    if (changed === accountId) lookAgain();
  });
  const end = (): void => {
    isOver = true;
    unwatch();
  };
  lookAgain();
  return end;
}

/** Resolves once what changes is pushed. */
export async function startPush(system: ThreadSystem): Promise<PushSender> {
  const { config, jmapRecords, directory, sessions, grants, mail, clock, random, log, metrics } = system;
  const sender = new PushSender({
    records: jmapRecords,
    directory,
    openAccount: (accountId) => mail.account(accountId),
    watchOwner(accountId, owner, onEnded) {
      if (owner === OWNER_BY_PASSWORD) return watchPassword(system, accountId, onEnded);
      if (!owner.startsWith(GRANT_OWNER)) return sessions.watch({ accountId, sessionId: owner }, onEnded);
      return grants.watch({ accountId, grantId: owner.slice(GRANT_OWNER.length) }, onEnded);
    },
    ask: createHttpsClient({ clock, findAddresses: createAddressFinder(system) }),
    vapid: {
      ...deriveVapidKeys(config.dataDir),
      contact: `mailto:${config.auth.postmaster || `postmaster@${config.hostname}`}`,
    },
    clock,
    random,
    log: log.child({ part: 'push' }),
    metrics,
  });
  await sender.start();
  return sender;
}
