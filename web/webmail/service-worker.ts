/**
 * The service worker: the application's shell without a network, and new mail announced while no page is open. It keeps no mail: what is
 * read offline is in the client core's cache. It imports nothing that pages import, so that it stays one file.
 */
import { noticesOf, readPushed, type OpenPage } from './push-notice.ts';

/** Put in by the build: every file of the shell. */
declare const __SHELL__: readonly string[];
/** Put in by the build: another for another shell. */
declare const __SHELL_VERSION__: string;

// As the browser has it; the pages' types know nothing of workers.
interface WaitableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends WaitableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface PushEvent extends WaitableEvent {
  readonly data: { text(): string } | null;
}
interface NotificationClickEvent extends WaitableEvent {
  readonly notification: Notification;
}
interface WindowClient {
  focus(): Promise<WindowClient>;
  postMessage(message: OpenPage): void;
}
interface Worker {
  addEventListener(type: 'install' | 'activate', listener: (event: WaitableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: NotificationClickEvent) => void): void;
  readonly registration: ServiceWorkerRegistration;
  readonly navigator: { setAppBadge?(): Promise<void> };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { readonly type: 'window' }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<WindowClient | null>;
  };
}
const worker = self as unknown as Worker;

const SHELL = `campusmail-shell-${__SHELL_VERSION__}`;

/** The page itself, whatever its address: it finds out by itself what to show. */
const PAGE = '/';

const FILES = new Set(__SHELL__);

// The next version waits until the pages of this one are closed: they may still load parts of it.
worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([PAGE, ...FILES])));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('campusmail-shell-') && name !== SHELL)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (FILES.has(url.pathname)) event.respondWith(fromShell(url.pathname, request));
  else if (request.mode === 'navigate' && request.destination === 'document' && isPage(url.pathname))
    event.respondWith(fetch(request).catch(() => fromShell(PAGE, request)));
});

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  return (await cache.match(path)) ?? fetch(request);
}

/** The server's own addresses are not for us; nor is what has an ending, which is a file. */
function isPage(path: string): boolean {
  return (
    !/^\/(?:jmap|auth|status|metrics|site|mail-frame|\.well-known|autodiscover)(?:\/|$)/.test(path) &&
    !/\.[^/]*$/.test(path)
  );
}

worker.addEventListener('push', (event) => {
  const pushed = readPushed(event.data?.text() ?? '');
  if (pushed === undefined) return;
  if (pushed['@type'] === 'PushVerification')
    event.waitUntil(verify(pushed.pushSubscriptionId, pushed.verificationCode));
  else
    event.waitUntil(
      Promise.all([
        ...noticesOf(pushed).map(({ title, body, tag, path }) =>
          worker.registration.showNotification(title, {
            body,
            tag,
            icon: '/icon-192.png',
            badge: '/badge.png',
            data: path,
          }),
        ),
        // How many there are the page knows, once it is opened.
        worker.navigator.setAppBadge?.().catch(() => undefined),
      ]),
    );
});

/** RFC 8620 §7.2.2: says the code back, so that the server knows that its messages arrive. */
async function verify(id: string, verificationCode: string): Promise<void> {
  await fetch('/jmap/api', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      using: ['urn:ietf:params:jmap:core'],
      methodCalls: [['PushSubscription/set', { update: { [id]: { verificationCode } } }, '0']],
    }),
  });
}

worker.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(show(typeof notification.data === 'string' ? notification.data : '/'));
});

async function show(path: string): Promise<void> {
  const [open] = await worker.clients.matchAll({ type: 'window' });
  if (open === undefined) {
    await worker.clients.openWindow(path);
    return;
  }
  // The page goes there itself: loaded anew it would lose what is being written in it.
  open.postMessage({ openPage: path });
  await open.focus();
}
