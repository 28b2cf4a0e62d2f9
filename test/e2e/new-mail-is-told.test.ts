/** What the push service brings is shown as the settings have it, leads to the letter, and disturbs nothing that is being written. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, CDPSession, Page, Worker } from 'playwright-core';
import { eventually, openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { buildWeb } from '#web/build.ts';
import { enter } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

let campus: Campus;
let browser: Browser;
let page: Page;
let worker: Worker;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus();
  browser = await launchBrowser();
  await campus.deliver(ZHANG, `From: 李四 <li@elsewhere.example>\r\nTo: ${ZHANG}\r\nSubject: 开会\r\n\r\n下午三点\r\n`);
  const origin = `http://127.0.0.1:${campus.server.ports['http']}`;
  const context = await browser.newContext({ locale: 'zh-CN' });
  // What the page puts on its icon no test can see: it is written down instead.
  await context.addInitScript(() => {
    const badges: number[] = [];
    Object.assign(window, { badges });
    Object.assign(navigator, { setAppBadge: async (count: number) => void badges.push(count) });
  });
  page = await context.newPage();
  await page.goto(origin);
  await enter(page, ZHANG, PASSWORD);
  await page.waitForSelector('[role=row]');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

/** As the browser's push service hands it to the worker, opened. */
async function deliver(pushed: unknown): Promise<void> {
  const devtools: CDPSession = await page.context().newCDPSession(page);
  const registered = Promise.withResolvers<string>();
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [registration] }) => {
    if (registration !== undefined) registered.resolve(registration.registrationId);
  });
  await devtools.send('ServiceWorker.enable');
  const registrationId = await registered.promise;
  const { origin } = new URL(page.url());
  const data = JSON.stringify(pushed);
  await devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
  await devtools.detach();
}

interface Notice {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly data: string;
}

/** The worker's world, as far as it is looked at; the types here are those of a page. */
interface WorkerWorld {
  told: Notice[];
  marks: number;
  registration: { showNotification: (title: string, options: Omit<Notice, 'title'>) => Promise<void> };
  navigator: { setAppBadge: () => Promise<void> };
}

/** A browser without a screen shows no notices and has no icon: what the worker asks of it is written down. */
const writeDown = () =>
  worker.evaluate(() => {
    const world = self as unknown as WorkerWorld;
    world.told = [];
    world.marks = 0;
    world.registration.showNotification = async (title, { body, tag, data }) =>
      void world.told.push({ title, body, tag, data });
    world.navigator.setAppBadge = async () => void (world.marks += 1);
  });

const told = () => worker.evaluate(() => (self as unknown as WorkerWorld).told);

/** As the browser says that the notice was pressed. Only its own events may be waited for. */
const press = (data: string) =>
  worker.evaluate((data) => {
    const notification = { close: () => undefined, data };
    dispatchEvent(Object.assign(new Event('notificationclick'), { notification, waitUntil: () => undefined }));
  }, data);

test('who wrote and about what, or only that somebody did; a press leads to the letter and leaves what is written alone', async () => {
  await writeDown();
  await page.locator('[role=row]').first().click();
  await page.getByText('下午三点').first().waitFor();
  const path = new URL(page.url()).pathname;
  const id = path.split('/').at(-1) ?? '';
  const from = { name: '李四', email: 'li@elsewhere.example' };
  await deliver({ '@type': 'StateChange', changed: {}, newEmails: [{ id, from, subject: '开会' }] });
  await eventually('the notice', async () => (await told()).length === 1);
  assert.deepEqual(await told(), [{ title: '李四', body: '开会', tag: id, data: path }]);

  await page.getByRole('link', { name: /^已发送/ }).click();
  await page.getByRole('button', { name: '写信' }).click();
  await page.getByLabel('主题').fill('写了一半');
  await press(path);
  await page.waitForURL(`**${path}`);
  await page.getByText('下午三点').first().waitFor();
  assert.equal(await page.getByLabel('主题').inputValue(), '写了一半');

  await deliver('none of ours');
  await deliver({ '@type': 'StateChange', changed: {} });
  await eventually('the second notice', async () => (await told()).length === 2);
  const quiet = { title: '有新邮件', body: 'You have new mail', tag: 'new-mail', data: '/mail/inbox' };
  assert.deepEqual((await told())[1], quiet);
  assert.equal(await worker.evaluate(() => (self as unknown as WorkerWorld).marks), 2);
});

test('the icon tells how many are unread, and nothing when all are read', async () => {
  const badges = () => page.evaluate(() => (window as unknown as { badges: readonly number[] }).badges);
  await eventually('all read', async () => (await badges()).at(-1) === 0);
  await campus.deliver(ZHANG, `From: li@elsewhere.example\r\nTo: ${ZHANG}\r\nSubject: again\r\n\r\nx\r\n`);
  await eventually('one unread', async () => (await badges()).at(-1) === 1);
});
