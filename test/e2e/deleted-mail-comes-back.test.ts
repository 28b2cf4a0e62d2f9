/** What was deleted by a program or with the trash is listed, comes back, or goes for good: over the real server in a real browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { LI, openCampus, PASSWORD, submit, WANG, type Campus } from '#test/harness/campus.ts';
import { buildWeb } from '#web/build.ts';
import { openMailOf } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

let campus: Campus;
let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus({ settings: { CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0' } });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

const origin = () => `http://127.0.0.1:${campus.server.ports['http']}`;

const openMail = (login: string): Promise<Page> => openMailOf(browser, origin(), login, PASSWORD);

const rowOf = (page: Page, subject: string) => page.getByRole('row').filter({ hasText: subject });

test('a letter that a program expunged and those of the emptied trash come back, or go for good', async () => {
  for (const subject of ['by program', 'by hand', 'for good'])
    assert.equal(await submit(campus.server.ports['submission'] ?? 0, [LI], subject), 250);
  const imap = await campus.openImap(LI);
  await imap.command('ID ("name" "Foxmail" "version" "7.2")');
  await imap.command('SELECT INBOX');
  await imap.command('STORE 1 +FLAGS (\\Deleted)');
  await imap.command('EXPUNGE');

  const page = await openMail(LI);
  for (const subject of ['by hand', 'for good']) {
    await rowOf(page, subject).click();
    await page.locator('article').waitFor();
    await page.keyboard.press('#');
    await rowOf(page, subject).waitFor({ state: 'detached' });
  }
  await page.goto(`${origin()}/mail/trash`);
  await page.getByText('邮件在这里保留 30 天，期满自动删除。').waitFor();
  await page.getByRole('button', { name: '清空' }).click();
  const asked = page.getByRole('dialog', { name: '清空“已删除”' });
  await asked.getByText('30 天内可以在').waitFor();
  await asked.getByRole('button', { name: '清空', exact: true }).click();
  await page.getByText('已清空 2 封邮件，30 天内可以恢复').waitFor();
  await page.getByRole('button', { name: '查看', exact: true }).click();

  const entry = (subject: string) => page.locator('.deletions__row', { hasText: subject });
  await entry('by program').filter({ hasText: 'Foxmail 7.2' }).waitFor();
  await entry('by hand').filter({ hasText: '网页邮箱' }).filter({ hasText: '已删除' }).waitFor();
  await page.getByLabel('查找主题或发件人').fill('good');
  await entry('by hand').waitFor({ state: 'detached' });
  await page.getByLabel('选择“for good”').check();
  await page.getByRole('button', { name: '彻底删除' }).click();
  const sure = page.getByRole('dialog', { name: '彻底删除' });
  await sure.getByRole('button', { name: '彻底删除' }).click();
  await page.getByText('已彻底删除 1 封邮件').waitFor();
  await page.getByLabel('查找主题或发件人').fill('');
  await page.getByLabel('选择“by program”').check();
  await page.getByLabel('选择“by hand”').check();
  await page.getByRole('button', { name: '恢复', exact: true }).click();
  await page.getByText('已恢复 2 封邮件').waitFor();
  await page.getByText('没有可以恢复的邮件').waitFor();
  await page.goto(`${origin()}/mail/inbox`);
  await rowOf(page, 'by program').waitFor();
  await rowOf(page, 'by hand').waitFor();
});

test('letters that are chosen are saved as files: one as it is, several in one', async () => {
  for (const subject of ['开题: 报告', '开题: 报告'])
    assert.equal(await submit(campus.server.ports['submission'] ?? 0, [WANG], subject), 250);
  const page = await openMail(WANG);
  const rows = page.getByRole('row').filter({ hasText: '开题: 报告' });
  const save = async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: '更多' }).first().click();
    await page.getByRole('menuitem', { name: '另存为文件' }).click();
    const file = await download;
    return { name: file.suggestedFilename(), octets: readFileSync(await file.path()) };
  };
  await rows.first().getByRole('checkbox').check();
  const one = await save();
  assert.match(one.name, /^\d{8}-\d{4} 开题_ 报告\.eml$/);
  assert.match(one.octets.toString(), /^Subject: /m);
  await rows.last().getByRole('checkbox').check();
  const many = await save();
  assert.equal(many.name, '邮件 2 封.zip');
  const inside = Object.entries(unzipSync(many.octets));
  assert.deepEqual(
    inside.map(([name]) => name.slice(14)),
    ['开题_ 报告.eml', '开题_ 报告 (2).eml'],
  );
  for (const [, octets] of inside) assert.match(Buffer.from(octets).toString(), /^Subject: /m);
  await page.context().close();
});
