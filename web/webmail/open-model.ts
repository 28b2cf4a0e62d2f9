/** The mail of who is signed in, from the server and from what this browser has kept. */
import { findAccount, openClient } from '#web/jmap/client.ts';
import { Connection } from '#web/jmap/connection.ts';
import { browserPlatform } from '#web/jmap/platform.ts';
import { createJmapModel } from './jmap-model.ts';
import type { MailModel } from './model.ts';
import { forgetSearches } from './recent-searches.ts';
import { signOut, type Session } from './sign-in/auth.ts';

/** Rejects with JmapError when the server does not say which account it is. */
export async function openModel(session: Session): Promise<MailModel> {
  const platform = browserPlatform();
  const connection = new Connection(platform);
  const accountId = await findAccount(platform, connection);
  const client = await openClient(platform, connection, accountId);
  const leave = () => location.assign('/sign-in');
  connection.signedOut.add(leave);
  return {
    ...createJmapModel(client, session),
    signOut() {
      forgetSearches();
      void Promise.allSettled([signOut(), client.signOut()]).then(leave);
    },
  };
}
