/** A department's box over the real server in a real browser: chosen, read, answered as the box, shared, and taken back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DOMAIN, eventually, LI, openCampus, PASSWORD, WANG, ZHANG, type Campus } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';
import { buildWeb } from '#web/build.ts';
import { openMailOf } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

const BOX = `jwc@${DOMAIN}`;

let campus: Campus;
let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus();
  browser = await launchBrowser();
  await mustRun(campus.dataDir, ['mailbox', 'create', BOX, '--responsible', LI, '--name', '教务处']);
  await mustRun(campus.dataDir, ['mailbox', 'grant', BOX, ZHANG, 'read', 'write', 'send-as']);
  await campus.deliver(BOX, `From: ${WANG}\r\nTo: ${BOX}\r\nSubject: 重修报名\r\n\r\n什么时候开始？\r\n`);
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

async function openBox(login: string): Promise<Page> {
  const page = await openMailOf(browser, `http://127.0.0.1:${campus.server.ports['http']}`, login, PASSWORD);
  await page.getByRole('button', { name: '教务处' }).click();
  await page.getByRole('heading', { name: '教务处' }).waitFor();
  return page;
}

test('the secretary reads the box and answers as the box; the copy is in its Sent; her own mail is a click away', async () => {
  const page = await openBox(ZHANG);
  await page.getByRole('row').filter({ hasText: '重修报名' }).click();
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '查看邮件原文' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: '拦截发件人…' }).count(), 0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '回复', exact: true }).first().click();
  await page.locator('.editor__text').click();
  await page.keyboard.type('下周一');
  await page.getByRole('button', { name: '发送', exact: true }).click();

  const wang = await campus.openImap(WANG);
  const header = await eventually(
    'the answer',
    async () => {
      await wang.command('SELECT INBOX');
      const fetched = (await wang.command('UID FETCH 1:* BODY.PEEK[HEADER]')).join('\n');
      return /^From:/m.test(fetched) && fetched;
    },
    90_000,
  );
  assert.match(header, /^From: .*<jwc@kust\.example>\r?$/m);
  assert.doesNotMatch(header, new RegExp(ZHANG.replace('.', String.raw`\.`)));
  await page.getByRole('link', { name: /^已发送/ }).click();
  await page.getByRole('row').filter({ hasText: '重修报名' }).waitFor();

  await page.getByRole('button', { name: '返回我的邮箱' }).click();
  await page.getByRole('button', { name: '教务处' }).waitFor();
  assert.equal(await page.getByRole('row').count(), 0);
  await page.context().close();
});

test('who answers for the box shares it and takes it back; who has it open is shown out', async () => {
  const head = await openBox(LI);
  await head.goto(`${new URL(head.url()).origin}/settings/sharing`);
  await head.getByLabel('对方的邮箱地址').fill(WANG);
  await head.getByRole('button', { name: '授权', exact: true }).click();
  await head.getByText(WANG, { exact: true }).waitFor();

  const colleague = await openBox(WANG);
  await colleague.getByText('只读').waitFor();
  await colleague.getByRole('row').filter({ hasText: '重修报名' }).waitFor();
  assert.equal(await colleague.getByRole('button', { name: '写信' }).count(), 0);

  await head.getByRole('button', { name: `收回${WANG}的授权` }).click();
  await head.getByText(WANG, { exact: true }).waitFor({ state: 'detached' });
  await colleague.reload();
  await colleague.getByRole('link', { name: /^收件箱/ }).waitFor();
  assert.equal(await colleague.getByRole('heading', { name: '教务处' }).count(), 0);
  assert.equal(await colleague.getByRole('button', { name: '教务处' }).count(), 0);
});
