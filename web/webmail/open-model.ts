/** The mail of who is signed in, from the server. */
import { createLive } from './live.ts';
import type { ConversationView, ListView, MailboxView, MailModel } from './model.ts';
import type { Session } from './sign-in/auth.ts';
import { signOut } from './sign-in/auth.ts';

/** An account without mail: what there is to see until the client core (web/jmap) stands behind the screens. */
export function openModel(session: Session): MailModel {
  const list = createLive<ListView>({ state: 'ready', total: 0 });
  const me = { name: session.name, address: session.login };
  return {
    account: createLive({ ...me, identities: [me], quota: undefined, labels: [] }),
    mailboxes: createLive<readonly MailboxView[]>([]),
    connection: createLive<'online' | 'offline'>('online'),
    list: () => ({ ...list, rowAt: () => undefined, indexOf: () => -1, show: () => undefined }),
    conversation: () => createLive<ConversationView | 'loading' | 'missing'>('missing'),
    change: () => () => undefined,
    setDefaultIdentity: () => undefined,
    send: () => () => undefined,
    signOut: () => void signOut().finally(() => location.assign('/sign-in')),
  };
}
