/** The pages of an old mail system over the real server in a real browser (domain.md S-03): what they say, what they offer, and what is not there. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openCampus, PASSWORD, type Campus } from '#test/harness/campus.ts';
import { addArchive, ARCHIVE_DOMAIN as OLD_HOST, archiveSettings } from '#test/harness/school.ts';
import { buildWeb } from '#web/build.ts';
import { enter } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Buttons and links by which something would be changed or sent. */
const CHANGING =
  /^(?:写信|回复|回复全部|转发|删除|移动|移动到|标签|标为已读|标为未读|加星标|取消星标|垃圾邮件举报|新建联系人|导入|账号激活|找回密码|修改密码)$/;

let campus: Campus;
let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  // The last months, in which people are asked to take their mail along.
  const soon = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10);
  campus = await openCampus({ settings: archiveSettings('open', soon), prepare: addArchive });
  browser = await launchBrowser([`--host-resolver-rules=MAP ${OLD_HOST} 127.0.0.1`]);
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run({ iframes: false })).violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`,
    );
  });
}

async function changingThings(page: Page): Promise<readonly string[]> {
  const names = await page
    .locator('button:visible, a:visible')
    .evaluateAll((all) => all.map((one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim()));
  return names.filter((name) => CHANGING.test(name));
}

for (const [width, theme] of [
  [1440, 'light'],
  [390, 'dark'],
] as const)
  test(`what it is stands on every page, and nothing there changes anything (${width}, ${theme})`, async () => {
    const context = await browser.newContext({
      locale: 'zh-CN',
      viewport: { width, height: 900 },
      colorScheme: theme,
      ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400 && !response.url().endsWith('/auth/session')) refused.push(response.url());
    });
    const origin = `https://${OLD_HOST}:${campus.server.ports['https']}`;
    const look = async (name: string): Promise<void> => {
      await page.getByText('老邮件系统：只能查询').waitFor();
      assert.match(
        (await page.getByRole('link', { name: '前往教师邮件系统' }).getAttribute('href')) ?? '',
        /mail\.kust/,
      );
      assert.deepEqual(await changingThings(page), [], name);
      assert.deepEqual(await axe(page), [], name);
    };
    await page.goto(`${origin}/setup`);
    await page.getByText('手机和邮件客户端请设置新邮箱').waitFor();
    await look('setup');
    await page.goto(origin);
    await page.getByText('老邮件系统', { exact: true }).waitFor();
    await look('sign-in');
    // By the address of those days.
    await enter(page, 'zhang.san@kust.example', PASSWORD);
    await page.getByRole('row').filter({ hasText: 'old letter' }).waitFor();
    await look('inbox');
    await page.getByRole('row').filter({ hasText: 'old letter' }).click();
    await page.getByText('Kingfisher').last().waitFor();
    // Longer than a letter is looked at before it counts as read.
    await page.waitForTimeout(1200);
    await look('letter');
    for (const key of ['r', 'e', '#', 's', 'c']) await page.keyboard.press(key);
    await page.getByText('Kingfisher').last().waitFor();
    assert.equal(await page.locator('.editor__text').count(), 0);
    await page.getByRole('link', { name: '请在停用前下载全部邮件' }).click();
    await page.getByRole('button', { name: '下载全部邮件和个人信息' }).waitFor();
    await look('profile');
    const download = page.waitForEvent('download');
    if (width === 1440) {
      await page.getByRole('button', { name: '下载全部邮件和个人信息' }).click();
      assert.match((await download).suggestedFilename(), /\.zip$/);
    } else download.catch(() => {});
    await page.goto(`${origin}/settings/forwarding`);
    await page.getByRole('button', { name: '下载全部邮件和个人信息' }).waitFor();
    await page.goto(`${origin}/contacts`);
    await page.getByRole('heading', { name: '通讯录' }).first().waitFor();
    await look('contacts');
    await page.goto(`${origin}/mail/inbox`);
    await page.locator('.row--unread').waitFor();
    assert.deepEqual(refused, []);
    await context.close();
  });

test('once it has ended, its page says so and leads to the new one', async () => {
  await campus.server.stop();
  const { ports } = await campus.start(archiveSettings('retired'));
  const page = await browser.newPage({ locale: 'zh-CN', ignoreHTTPSErrors: true });
  await page.goto(`https://${OLD_HOST}:${ports['https']}`);
  await page.getByText('老邮件系统已经停用').waitFor();
  await page.getByRole('link', { name: '前往教师邮件系统' }).waitFor();
  assert.equal(await page.locator('input:visible').count(), 0);
  assert.deepEqual(await axe(page), []);
  await page.close();
});
