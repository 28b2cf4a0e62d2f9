/** The mail of who is signed in, from the server and from what this browser has kept. */
import { findAccount, openClient, rememberedAccount } from '#web/jmap/client.ts';
import { Connection } from '#web/jmap/connection.ts';
import { failureOf, isTransient } from '#web/jmap/failures.ts';
import { browserPlatform } from '#web/jmap/platform.ts';
import { chosenAccount, forgetChoice, listAccounts, showAccount } from './account-choice.ts';
import { announceArrivals, followNotices, forgetBadge, showBadge } from './arrivals.ts';
import { createJmapModel } from './jmap-model.ts';
import { createLive } from './live.ts';
import type { MailModel } from './model.ts';
import { keepPushSubscription } from './push-subscription.ts';
import { forgetSearches } from './recent-searches.ts';
import { formatRoute } from './routes.ts';
import { signOut, type Session } from './sign-in/auth.ts';

/** Without a network the mail that was read here last. Rejects with JmapError when there is no telling which account it is. */
export async function openModel(session: Session): Promise<MailModel> {
  const platform = browserPlatform();
  const connection = new Connection(platform);
  const accountId = await findAccount(platform, connection).catch((error: unknown) => {
    const remembered = isTransient(failureOf(error)) ? rememberedAccount(platform) : undefined;
    if (remembered === undefined) throw error;
    return remembered;
  });
  const leave = (address: string) => {
    forgetChoice();
    location.assign(address);
  };
  const leaveByChoice = (next?: string) =>
    leave(next === undefined ? '/sign-in?signedOut' : formatRoute({ screen: 'signIn', next }));
  const known = await connection.session().catch(() => undefined);
  const sharedId = chosenAccount();
  const isShared = known !== undefined && sharedId !== undefined && Object.hasOwn(known.accounts, sharedId);
  const shownId = isShared ? sharedId : accountId;
  const accounts = {
    accounts: createLive(known === undefined ? [] : listAccounts(known, shownId)),
    showAccount,
  };
  if (isShared) {
    // What others share is not kept in this browser: it may be theirs alone again tomorrow.
    const client = await openClient({ ...platform, indexedDB: undefined, storage: undefined }, connection, shownId);
    connection.signedOut.add(() => showAccount(undefined));
    return {
      ...createJmapModel(client, { login: '', name: known.accounts[shownId]?.name ?? '' }, accounts),
      signOut(next) {
        forgetSearches();
        const eraseOwn = openClient(platform, connection, accountId).then((own) => own.signOut());
        void Promise.allSettled([signOut(), client.close(), eraseOwn]).then(() => leaveByChoice(next));
      },
    };
  }
  const client = await openClient(platform, connection, accountId);
  announceArrivals(client);
  followNotices();
  keepPushSubscription(connection);
  const model = createJmapModel(client, session, accounts);
  showBadge(model.mailboxes);
  return {
    ...model,
    signInAgain: (next) => leave(formatRoute({ screen: 'signIn', next })),
    signOut(next) {
      forgetSearches();
      forgetBadge();
      void Promise.allSettled([signOut(), client.signOut()]).then(() => leaveByChoice(next));
    },
  };
}
