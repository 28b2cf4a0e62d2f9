/** One account in one tab: everything put together, in the order in which it has to start and to end. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { Actions } from './actions.ts';
import { Cache } from './cache.ts';
import { Changes } from './changes.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failures.ts';
import { Outbox } from './outbox.ts';
import { KeptCards } from './kept-cards.ts';
import type { Platform } from './platform.ts';
import { Shelf } from './shelf.ts';
import { Push, type Heard } from './push.ts';
import { EmailLists } from './queries.ts';
import { Store } from './store.ts';
import { isTypeName, TYPE_NAMES, type TypeName } from './types.ts';

export interface Client {
  readonly accountId: string;
  readonly connection: Connection;
  readonly store: Store;
  readonly lists: EmailLists;
  readonly changes: Changes;
  readonly actions: Actions;
  readonly outbox: Outbox;
  readonly shelf: Shelf;
  readonly push: Push;
  readonly keptCards: KeptCards;
  /** Asks the server what is new, and sends what waits. Rejects with JmapError. */
  refresh(): Promise<void>;
  /** Stops listening and writes what has not been written. */
  close(): Promise<void>;
  /** Also erases what the browser keeps, unsent mail with it. */
  signOut(): Promise<void>;
}

const REMEMBERED = 'campusmail account';

/** The account that was read here last and not signed out of: enough to begin with, even without a network. */
export function rememberedAccount({ storage }: Pick<Platform, 'storage'>): string | undefined {
  return storage?.getItem(REMEMBERED) ?? undefined;
}

/** The account whose mail the user who is signed in reads; remembers it. Rejects with JmapError. */
export async function findAccount({ storage }: Pick<Platform, 'storage'>, connection: Connection): Promise<string> {
  const { primaryAccounts, accounts } = await connection.session();
  const accountId = primaryAccounts[CAPABILITIES.mail] ?? Object.keys(accounts)[0] ?? '';
  storage?.setItem(REMEMBERED, accountId);
  return accountId;
}

/**
 * Begins with what the browser has kept, which is readable when this settles, and catches up with the server in the
 * background. Never rejects.
 */
export async function openClient(platform: Platform, connection: Connection, accountId: string): Promise<Client> {
  const store = new Store(connection, accountId);
  const lists = new EmailLists(store, connection);
  const changes = new Changes(store, connection, platform, (type) => catchUp(AFFECTED[type] ?? [type]));
  const actions = new Actions(store, changes);
  const outbox = new Outbox(platform, store, connection, changes, actions, () => catchUp(MAIL));
  const shelf = new Shelf(platform, accountId);
  const cache = new Cache(platform, store, lists, changes);
  const push = new Push(connection, platform, accountId);
  const keptCards = new KeptCards(platform, accountId);

  /** Records and lists in one request; the lists go on by themselves. */
  async function catchUp(types: readonly TypeName[]): Promise<void> {
    const synced = store.sync(types);
    if (types.includes('Email')) lists.refresh().catch(failureOf);
    await synced;
  }

  async function refresh(): Promise<void> {
    if (await isStillOurs()) await Promise.all([catchUp(TYPE_NAMES), changes.resume(), outbox.resume()]);
  }

  /** `false`: somebody else has signed in since. */
  async function isStillOurs(): Promise<boolean> {
    const { accounts } = await connection.session();
    if (Object.hasOwn(accounts, accountId)) return true;
    // What was kept is not theirs to read. What the server has not got yet, a letter in hand or on its way, is nowhere else, and
    // waits for its writer.
    push.stop();
    await Promise.all([cache.erase(), keptCards.erase()]);
    connection.signedOut.emit();
    return false;
  }

  function hear(heard: Heard): void {
    const caughtUp = heard === 'everything' ? refresh() : catchUp(Object.keys(heard).filter(isTypeName));
    caughtUp.catch(failureOf);
  }

  await Promise.all([cache.open(), outbox.open(), shelf.open()]);
  push.heard.add(hear);
  connection.sessionChanged.add(() => void isStillOurs().catch(failureOf));
  push.start();
  refresh().catch(failureOf);

  async function close(): Promise<void> {
    push.stop();
    outbox.close();
    await cache.flush();
  }

  async function signOut(): Promise<void> {
    push.stop();
    // Who has signed in since is remembered instead.
    if (rememberedAccount(platform) === accountId) platform.storage?.removeItem(REMEMBERED);
    await Promise.all([cache.erase(), outbox.erase(), shelf.erase(), keptCards.erase()]);
  }

  return {
    accountId,
    connection,
    store,
    lists,
    changes,
    actions,
    outbox,
    shelf,
    push,
    keptCards,
    refresh,
    close,
    signOut,
  };
}

const MAIL: readonly TypeName[] = ['Email', 'Thread', 'Mailbox'];

/** What a change of one type changes besides. */
const AFFECTED: Partial<Readonly<Record<TypeName, readonly TypeName[]>>> = {
  Email: MAIL,
  Mailbox: ['Mailbox', 'Email', 'Thread'],
};
