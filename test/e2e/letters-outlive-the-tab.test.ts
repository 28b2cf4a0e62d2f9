/** Writing over the real server in a real browser: what was written is there again, and what was sent can be called back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { LI, openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { buildWeb } from '#web/build.ts';
import { enter, openMailOf, openPage } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

let campus: Campus;
let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus({ settings: { CAMPUSMAIL_SIGNIN_CAPTCHA_AFTER: '1' } });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

const origin = () => `http://127.0.0.1:${campus.server.ports['http']}`;

const openSignIn = (): Promise<Page> => openPage(browser, origin());
const openMail = (login: string): Promise<Page> => openMailOf(browser, origin(), login, PASSWORD);

async function begin(page: Page, subject: string, text: string): Promise<void> {
  await page.getByRole('button', { name: '写信' }).click();
  await page.getByRole('combobox', { name: '收件人' }).fill(LI);
  await page.getByLabel('主题').fill(subject);
  await page.locator('.editor__text').click();
  await page.keyboard.type(text);
}

const kept = (page: Page) => page.locator('.compose__state', { hasText: '已保存' }).waitFor();
const rowOf = (page: Page, subject: string) => page.getByRole('row').filter({ hasText: subject });

test('after failed sign-ins the browser does some work and is let in', async () => {
  const page = await openSignIn();
  const asked = page.waitForRequest('**/auth/captcha');
  for (let tries = 0; tries < 2; tries++) {
    const answered = page.waitForResponse('**/auth/sign-in');
    await enter(page, LI, 'wrong');
    await answered;
    await page.getByRole('alert').or(page.locator('.banner')).first().waitFor();
  }
  await enter(page, LI, PASSWORD);
  await page.waitForSelector('.list-pane');
  await asked;
});

test('a letter half written, with a file and a picture, is there again after the tab is gone', async () => {
  const page = await openMail(ZHANG);
  await begin(page, '组会安排', '第一稿');
  await page.locator('.compose input[type=file]').setInputFiles({
    name: '课表 2026.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('周一'),
  });
  await page.locator('.files__size').waitFor();
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    const octets = Uint8Array.from(atob('R0lGODlhAQABAAAAACwAAAAAAQABAAA='), (one) => one.charCodeAt(0));
    clipboardData.items.add(new File([octets], '点.gif', { type: 'image/gif' }));
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.querySelector('.editor__text')?.dispatchEvent(event);
  });
  await page.locator('.editor__text img[alt]:not([alt=""])').waitFor();
  await kept(page);
  await page.close();

  const again = await openMail(ZHANG);
  await again.goto(`${origin()}/mail/drafts`);
  await rowOf(again, '组会安排').click();
  await again.getByRole('button', { name: `移除 ${LI}` }).waitFor();
  assert.match(await again.locator('.editor__text').innerText(), /第一稿/);
  assert.deepEqual(await again.locator('.files__name').allInnerTexts(), ['课表 2026.txt']);
  assert.match(
    (await again.locator('.editor__text img[alt]:not([alt=""])').getAttribute('src')) ?? '',
    /\/jmap\/download\//,
  );
  // Written on, it is still one draft.
  await again.locator('.editor__text').click();
  await again.keyboard.press('End');
  await again.keyboard.type('，第二稿');
  await again.locator('.compose__state', { hasText: '正在保存' }).waitFor();
  await kept(again);
  await again.keyboard.press('Escape');
  await again.locator('.compose').waitFor({ state: 'detached' });
  await rowOf(again, '第二稿').waitFor();
  assert.equal(await rowOf(again, '组会安排').count(), 1);
});

test('a letter that speaks of an attachment is held up, sent anyway, and called back from the server', async () => {
  const page = await openMail(ZHANG);
  await begin(page, '通知', '请见附件');
  await page.keyboard.press('Control+Enter');
  await page.getByText('正文提到了附件，但没有添加附件。').waitFor();
  const submitted = page.waitForResponse(
    async (response) => response.url().endsWith('/jmap/api') && (await response.text()).includes('EmailSubmission/set'),
  );
  await page.getByRole('button', { name: '仍然发送' }).click();
  await submitted;
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await page.locator('.editor__text', { hasText: '请见附件' }).waitFor();
  await kept(page);
  await page.goto(`${origin()}/mail/sent`);
  await page.getByText('这里没有邮件').waitFor();
  await page.goto(`${origin()}/mail/drafts`);
  await rowOf(page, '通知').waitFor();
  assert.equal(await rowOf(page, '通知').count(), 1);
});

test('what the server refuses comes back to be written on, with the reason', async () => {
  const page = await openMail(ZHANG);
  await begin(page, '退回', '好');
  await page.getByRole('combobox', { name: '收件人' }).fill('nobody@-bad-.example,');
  await page.route('**/jmap/api', async (route) => {
    const body = route.request().postData() ?? '';
    // As a server answers that knows one of the addresses to be wrong.
    if (!body.includes('"EmailSubmission/set"')) return route.continue();
    const changed = body.replaceAll('"rcptTo":[', '"rcptTo":[{"email":"not an address","parameters":null},');
    return route.continue({ postData: changed });
  });
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await page.getByRole('button', { name: '仍然发送' }).click();
  await page.locator('.banner', { hasText: '这封邮件没有发出' }).waitFor();
  assert.match(await page.locator('.compose .banner').innerText(), /收件人地址有误/);
  assert.match(await page.locator('.editor__text').innerText(), /好/);
});
