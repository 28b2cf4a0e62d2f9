/** Keeps this browser's subscription to the push service as the preferences want it (RFC 8620 §7.2, RFC 9749). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { PushSubscriptionGetResponse } from '#contract/jmap/push.ts';
import type { Connection } from '#web/jmap/connection.ts';
import { failureOf } from '#web/jmap/failures.ts';
import { currentPreferences } from './preferences.ts';

const STORED_AS = 'campusmail.push';

/** What this browser told the server last. */
interface Told {
  readonly deviceClientId: string;
  readonly endpoint: string;
}

/** Now, and after each change of the preferences. Without a push service all is as it was: mail is announced while a page is open. */
export function keepPushSubscription(connection: Connection): void {
  let last: string | undefined;
  const keep = () => {
    const { notify } = currentPreferences.getSnapshot();
    if (notify === last) return;
    last = notify;
    (notify === 'off' ? unsubscribe(connection) : subscribe(connection, notify === 'full')).catch(() => undefined);
  };
  currentPreferences.subscribe(keep);
  keep();
}

async function subscribe(connection: Connection, withSubject: boolean): Promise<void> {
  const { capabilities } = await connection.session();
  const vapid: { readonly applicationServerKey?: string } | undefined = capabilities[CAPABILITIES.webPushVapid];
  const worker = await navigator.serviceWorker?.ready;
  if (vapid?.applicationServerKey === undefined || worker === undefined || Notification.permission !== 'granted')
    return;
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: vapid.applicationServerKey,
  });
  const { endpoint, keys } = subscription.toJSON();
  if (endpoint === undefined || keys?.['p256dh'] === undefined || keys['auth'] === undefined) return;
  const told = read();
  const [id] = await ownIds(connection, told.deviceClientId);
  if (id !== undefined && told.endpoint === endpoint) {
    // RFC 8620 §7.2: asked for anew, it holds as long again as the server lets it.
    await set(connection, { update: { [id]: { withSubject, expires: null } } });
    return;
  }
  await set(connection, {
    ...(id !== undefined && { destroy: [id] }),
    create: {
      own: {
        deviceClientId: told.deviceClientId,
        url: endpoint,
        keys: { p256dh: keys['p256dh'], auth: keys['auth'] },
        types: ['EmailDelivery'],
        withSubject,
      },
    },
  });
  write({ ...told, endpoint });
}

async function unsubscribe(connection: Connection): Promise<void> {
  const told = read();
  if (told.endpoint === '') return;
  const worker = await navigator.serviceWorker?.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  await subscription?.unsubscribe();
  const destroy = await ownIds(connection, told.deviceClientId);
  if (destroy.length > 0) await set(connection, { destroy });
  write({ ...told, endpoint: '' });
}

async function ownIds(connection: Connection, deviceClientId: string): Promise<readonly string[]> {
  const { list } = (await connection.call('PushSubscription/get', { ids: null })) as PushSubscriptionGetResponse;
  return list.flatMap((one) => (one.deviceClientId === deviceClientId && one.id !== undefined ? [one.id] : []));
}

async function set(connection: Connection, args: Readonly<Record<string, unknown>>): Promise<void> {
  await connection.call('PushSubscription/set', args).catch(failureOf);
}

function read(): Told {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS) ?? '') as Told;
  } catch {
    return { deviceClientId: crypto.randomUUID(), endpoint: '' };
  }
}

function write(told: Told): void {
  localStorage.setItem(STORED_AS, JSON.stringify(told));
}
