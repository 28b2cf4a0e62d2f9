/** A network that is cut and a server that is killed in the middle of things, in a real browser: it is said clearly, and nothing is lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page, Route } from 'playwright-core';
import { DOMAIN, eventually, LI, openCampus, PASSWORD, WANG, ZHANG, type Campus } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';
import { buildWeb } from '#web/build.ts';
import { openMailOf, signIn, type PageSettings } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

let campus: Campus;
let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus();
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

const port = () => campus.server.ports['http'] ?? 0;
const origin = () => `http://127.0.0.1:${port()}`;

/** As a machine that loses power, and comes back under its address. */
async function killAndStart(meanwhile: () => Promise<void>): Promise<void> {
  const httpPort = port();
  await campus.server.kill();
  await meanwhile();
  await campus.start({ ...campus.settings, CAMPUSMAIL_LISTEN_HTTP: `127.0.0.1:${httpPort}` });
}

const openMail = (login: string, options: PageSettings = {}): Promise<Page> =>
  openMailOf(browser, origin(), login, PASSWORD, options);

async function begin(page: Page, to: string, subject: string, text: string): Promise<void> {
  await page.getByRole('button', { name: '写信' }).click();
  await page.getByRole('combobox', { name: '收件人' }).fill(`${to},`);
  await page.getByLabel('主题').fill(subject);
  await page.locator('.editor__text').click();
  await page.keyboard.type(text);
}

const kept = (page: Page) => page.locator('.compose__state', { hasText: '已保存' }).waitFor();

/** Subjects of an inbox's mail. */
async function subjectsOf(login: string): Promise<readonly string[]> {
  const imap = await campus.openImap(login);
  await imap.command('SELECT INBOX');
  const lines = (await imap.command('UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]')).join('\n');
  imap.close();
  return Array.from(lines.matchAll(/^Subject: (.*?)\r?$/gm), ([, subject]) => subject ?? '');
}

const isSending = (route: Route) => (route.request().postData() ?? '').includes('"EmailSubmission/set"');

test('a letter whose answer got lost, from a server that was killed, goes once', async () => {
  const page = await openMail(ZHANG);
  await begin(page, LI, 'killed', 'hello');
  await kept(page);
  const lost = Promise.withResolvers<void>();
  let isLost = false;
  // It is done, and nobody hears of it.
  await page.route('**/jmap/api', async (route) => {
    if (isLost || !isSending(route)) return route.continue();
    isLost = true;
    await route.fetch();
    await route.abort('connectionreset');
    lost.resolve();
  });
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await lost.promise;
  await killAndStart(async () => {
    await page.getByRole('link', { name: /^已发送/ }).click();
  });
  await eventually('the letter', async () => (await subjectsOf(LI)).includes('killed'), 90_000);
  await page.getByRole('row').filter({ hasText: 'killed' }).waitFor({ timeout: 90_000 });
  assert.deepEqual(
    (await subjectsOf(LI)).filter((subject) => subject === 'killed'),
    ['killed'],
  );
  assert.equal(await page.getByRole('row').filter({ hasText: 'killed' }).count(), 1);
  await page.context().close();
});

test('what is written in a lift is sent after it, and it is said that it waits', async () => {
  const page = await openMail(WANG);
  // The shell is kept from here on; what a letter is written in has not been loaded yet.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.getByText('网络已断开').waitFor();
  await begin(page, LI, 'lift', 'from the lift');
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await page.getByRole('status').filter({ hasText: '没有网络，恢复后会自动发出' }).waitFor();
  await page.context().setOffline(false);
  await eventually('the letter', async () => (await subjectsOf(LI)).includes('lift'), 90_000);
  await page.context().close();
});

test('a part of the page that a cut line kept away is there when the line is', async () => {
  const page = await openMail(WANG, { serviceWorkers: 'block' });
  await page.context().setOffline(true);
  await page.getByRole('button', { name: '写信' }).click();
  await page.getByText('网络已断开').waitFor();
  await page.context().setOffline(false);
  await page.getByRole('combobox', { name: '收件人' }).waitFor();
  await page.context().close();
});

test('a page that breaks says so, and is whole again after a reload', async () => {
  const page = await openMail(WANG, { serviceWorkers: 'block' });
  await page.route('**/assets/ComposeDock-*.js', (route) => route.fulfill({ status: 404 }));
  await page.clock.install();
  await page.getByRole('button', { name: '写信' }).click();
  await eventually('the trouble', async () => {
    await page.clock.fastForward(1500);
    return page.getByText('页面没有加载完整').isVisible();
  });
  await page.unroute('**/assets/ComposeDock-*.js');
  await page.getByRole('button', { name: '重新加载' }).click();
  await page.getByRole('button', { name: '写信' }).click();
  await page.getByRole('combobox', { name: '收件人' }).waitFor();
  await page.context().close();
});

test('a draft outlives the server and the tab together', async () => {
  const page = await openMail(ZHANG);
  await begin(page, LI, '草稿', '第一句');
  await kept(page);
  await killAndStart(async () => {
    await page.locator('.editor__text').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('，第二句');
    await page.locator('.compose .banner', { hasText: '尚未保存到服务器，将自动重试' }).waitFor({ timeout: 60_000 });
    await page.close({ runBeforeUnload: false });
  });
  const again = await browser.contexts().at(-1)!.newPage();
  await again.goto(origin());
  await again.getByText('这封信上次没来得及保存，已从这台设备恢复。').waitFor();
  assert.match(await again.locator('.editor__text').innerText(), /第一句，第二句/);
  await again.context().close();
});

test('a file on a line that is cut goes on where it was, and what arrived is not sent again', async () => {
  const page = await openMail(ZHANG);
  let pieces = 0;
  let isCut = false;
  await page.route('**/jmap/upload/**', async (route) => {
    pieces += 1;
    if (pieces === 3) isCut = true;
    return isCut ? route.abort('internetdisconnected') : route.continue();
  });
  await begin(page, LI, '照片', '见附件');
  const buffer = Buffer.alloc(9 * 1024 * 1024, 7);
  await page.locator('.compose input[type=file]').setInputFiles({ name: '照片.bin', mimeType: 'image/x-raw', buffer });
  await page.getByRole('alert').filter({ hasText: '连不上服务器' }).waitFor({ timeout: 60_000 });
  isCut = false;
  const before = pieces;
  await page.locator('.files').getByRole('button', { name: '重试' }).click();
  await page.locator('.files__size').waitFor();
  // Of five pieces two had arrived.
  assert.equal(pieces - before, 3);
  await page.context().close();
});

test('a thousand letters moved while the line is cut are all moved in the end', async () => {
  const imap = await campus.openImap(WANG);
  const letter = (n: number) => `From: ${LI}\r\nTo: ${WANG}\r\nSubject: many ${n}\r\n\r\nx\r\n`;
  const literals = Array.from({ length: 1200 }, (_, n) => letter(n)).map(
    (text) => ` {${Buffer.byteLength(text)}+}\r\n${text}`,
  );
  await imap.command(`APPEND INBOX${literals.join('')}`);
  const page = await openMail(WANG);
  await page.getByText('many 1199').first().waitFor();
  await page.locator('[role=grid]').focus();
  await page.keyboard.press('Control+a');
  await page
    .getByRole('status')
    .filter({ hasText: /^已选 1,2\d\d 个$/ })
    .waitFor({ timeout: 60_000 });
  let sets = 0;
  await page.route('**/jmap/api', async (route) => {
    if (!(route.request().postData() ?? '').includes('"Email/set"') || ++sets !== 2) return route.continue();
    return route.abort('connectionreset');
  });
  await page.getByRole('button', { name: '归档', exact: true }).click();
  await page.getByText('这里没有邮件').waitFor();
  await eventually('all of them in the archive', async () => (await subjectsOf(WANG)).length === 0, 90_000);
  assert.ok(sets > 2, `${sets}`);
  await page.context().close();
});

test('one draft in two tabs becomes two, and neither is overwritten', async () => {
  const page = await openMail(LI);
  await begin(page, ZHANG, '同一封', '甲');
  await kept(page);
  const other = await page.context().newPage();
  await other.goto(`${origin()}/mail/drafts`);
  await other.getByRole('row').filter({ hasText: '同一封' }).click();
  await other.getByText('这封草稿正在另一个标签页中编辑').waitFor();
  await page.context().close();
});

test('five thousand recipients are pasted at once, and the page goes on', async () => {
  const page = await openMail(LI);
  await page.getByRole('button', { name: '写信' }).click();
  const field = page.getByRole('combobox', { name: '收件人' });
  const text = Array.from({ length: 5000 }, (_, n) => `学生${n} <s${n}@${DOMAIN}>`).join(';');
  const startedAt = performance.now();
  await field.evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
  await page.getByText(/4,?940/).waitFor();
  assert.ok(performance.now() - startedAt < 10_000);
  await kept(page);
  await page.context().close();
});

test('who is signed out while writing is told so, signs in again and goes on', async () => {
  const page = await openMail(ZHANG);
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.type());
    void dialog.dismiss();
  });
  await begin(page, LI, '报告', '写了一半');
  await kept(page);
  const password = 'Neu-密码-8';
  await mustRun(campus.dataDir, ['account', 'password', ZHANG, '--password', password]);
  await page.locator('.editor__text').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('，还有一句');
  await page.getByRole('dialog', { name: '登录已失效' }).getByRole('button', { name: '重新登录' }).last().click();
  await page.waitForURL('**/sign-in?**');
  await signIn(page, ZHANG, password);
  await page.getByText('已从这台设备恢复').waitFor();
  assert.match(await page.locator('.editor__text').innerText(), /写了一半，还有一句/);
  await kept(page);
  assert.deepEqual(dialogs, []);
  await mustRun(campus.dataDir, ['account', 'password', ZHANG, '--password', PASSWORD]);
  await page.context().close();
});

test('who is signed out by somebody who signs in in another tab finds the letter again', async () => {
  const page = await openMail(ZHANG);
  await begin(page, LI, '两个人', '写了一半');
  await kept(page);
  // With the first answer comes the news of who is signed in.
  await page.route('**/jmap/**', (route) => route.abort('internetdisconnected'));
  const other = await page.context().newPage();
  await other.goto(`${origin()}/sign-in`);
  await signIn(other, LI, PASSWORD);
  await page.locator('.editor__text').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('，还有一句');
  await page.unroute('**/jmap/**');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.getByRole('dialog', { name: '登录已失效' }).getByRole('button', { name: '重新登录' }).last().click();
  await page.waitForURL('**/sign-in?**');
  await signIn(page, ZHANG, PASSWORD);
  await page.getByText('已从这台设备恢复').waitFor();
  assert.match(await page.locator('.editor__text').innerText(), /写了一半，还有一句/);
  await page.context().close();
});
