/** Did it arrive, taking it back, and rules for what comes: over the real server in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, LI, openCampus, PASSWORD, submit, ZHANG, type Campus } from '#test/harness/campus.ts';
import { buildWeb } from '#web/build.ts';
import { openMailOf } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

let campus: Campus;
let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus({
    settings: {
      CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
      CAMPUSMAIL_SUBMISSION_SAVE_SENT: 'on',
      CAMPUSMAIL_SITE_MAIL: LI,
    },
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

const origin = () => `http://127.0.0.1:${campus.server.ports['http']}`;

const openMail = (login: string): Promise<Page> => openMailOf(browser, origin(), login, PASSWORD);

const rowOf = (page: Page, subject: string) => page.getByRole('row').filter({ hasText: subject });
const send = async (subject: string) =>
  assert.equal(await submit(campus.server.ports['submission'] ?? 0, [LI], subject), 250);

test('the sender sees that it arrived and was read; what is unread is taken back', async () => {
  await send('first');
  await send('second');
  const li = await openMail(LI);
  await rowOf(li, 'first').click();
  const imap = await campus.openImap(LI);
  await eventually('it counts as read', async () => {
    const [status = ''] = await imap.command('STATUS INBOX (UNSEEN)');
    return status.includes('UNSEEN 1');
  });

  const zhang = await openMail(ZHANG);
  await zhang.goto(`${origin()}/mail/sent`);
  await rowOf(zhang, 'first').locator('.delivery-mark--good').waitFor();
  await rowOf(zhang, 'first').click();
  await zhang.locator('.delivery', { hasText: '已读' }).waitFor();
  await rowOf(zhang, 'second').click();
  await zhang.locator('.delivery', { hasText: '已送达' }).waitFor();
  await zhang.locator('.delivery').getByRole('button', { name: '撤回邮件' }).click();
  const dialog = zhang.getByRole('dialog', { name: '撤回邮件' });
  await dialog.getByRole('button', { name: '撤回', exact: true }).click();
  await dialog.getByText('已撤回').waitFor();
  await dialog.getByRole('button', { name: '完成' }).click();
  await zhang.locator('.delivery', { hasText: '已撤回' }).waitFor();
  await rowOf(li, 'second').waitFor({ state: 'detached' });

  await zhang.goto(`${origin()}/settings/lookup`);
  await zhang.locator('.lookup__entry', { hasText: 'second' }).waitFor();
  await zhang.getByRole('tab', { name: '收信查询' }).click();
  await zhang.getByText('没有记录').waitFor();
});

test('a problem with a letter is reported where it is seen, and the help desk learns which it is, not what it says', async () => {
  await send('unlucky');
  const zhang = await openMail(ZHANG);
  await zhang.goto(`${origin()}/settings/lookup`);
  const entry = zhang.locator('.lookup__entry', { hasText: 'unlucky' });
  await entry.locator('summary').click();
  await entry.getByRole('button', { name: '反馈问题' }).click();
  const dialog = zhang.getByRole('dialog', { name: '反馈问题' });
  await dialog.getByLabel('补充说明').fill('对方说没有收到');
  await dialog.getByRole('button', { name: '发送' }).click();
  const said = (await dialog.getByText('工单号').textContent()) ?? '';
  const ticket = /\d{8}-[A-Z0-9]{6}/.exec(said)?.[0] ?? assert.fail(said);
  const li = await openMail(LI);
  await rowOf(li, ticket).click();
  const letter = li.locator('article').filter({ hasText: '对方说没有收到' });
  await letter.getByText('Message-ID').waitFor();
  assert.equal((await letter.textContent())?.includes('unlucky'), false);

  await zhang.goto(`${origin()}/help`);
  await zhang.getByRole('button', { name: '反馈问题' }).click();
  await zhang.getByRole('dialog', { name: '反馈问题' }).getByText('服务台').waitFor();
});

test('a rule made from a letter is kept, tried, done to what is there, and to what comes', async () => {
  await send('report 1');
  const page = await openMail(LI);
  await page.goto(`${origin()}/settings/folders`);
  await page.getByRole('button', { name: '新建文件夹' }).click();
  await page.getByLabel('名称').fill('课程');
  await page.getByRole('button', { name: '保存' }).click();
  await page.locator('.folders__row', { hasText: '课程' }).waitFor();
  await page.goto(`${origin()}/mail/inbox`);
  await rowOf(page, 'report 1').click();
  await page.locator('article').getByRole('button', { name: '更多' }).click();
  await page.getByRole('menuitem', { name: '按此发件人新建规则' }).click();
  const dialog = page.getByRole('dialog', { name: '新建规则' });
  await dialog.getByLabel('移动到').selectOption({ label: '课程' });
  await dialog.getByRole('button', { name: '试一试' }).click();
  await dialog.locator('.rule__tried', { hasText: 'report 1' }).waitFor();
  await dialog.getByText('保存后也应用到收件箱里已有的邮件').click();
  await dialog.getByRole('button', { name: '保存' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: /已处理 \d+ 封邮件/ })
    .waitFor();
  await page.locator('.filters__rule', { hasText: '移到“课程”' }).waitFor();
  await page.reload();
  await page.locator('.filters__rule', { hasText: ZHANG }).waitFor();

  await send('report 2');
  await page.getByRole('link', { name: '课程' }).click();
  await rowOf(page, 'report 2').waitFor();
  await rowOf(page, 'report 1').waitFor();
});

test('whom one blocks is heard no more in the inbox', async () => {
  const page = await openMail(LI);
  await page.goto(`${origin()}/settings/filters`);
  await page.getByRole('tab', { name: '黑名单' }).click();
  await page.getByLabel('邮件地址或域名').fill(ZHANG.toUpperCase());
  await page.getByRole('button', { name: '添加' }).click();
  await page.getByRole('listitem').filter({ hasText: ZHANG }).waitFor();
  await send('unwanted');
  await page.goto(`${origin()}/mail/junk`);
  await rowOf(page, 'unwanted').waitFor();
});
