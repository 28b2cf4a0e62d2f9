/** What can be done can be done by keyboard, and taken back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { signedIn, startWebPages, type WebPages } from './web-pages.ts';

let pages: WebPages;
before(async () => {
  pages = await startWebPages(signedIn);
});
after(() => pages[Symbol.asyncDispose]());

async function openInbox(): Promise<Page> {
  const { page } = await pages.open({ path: '/' });
  await page.waitForSelector('[role=row]');
  return page;
}

const pathOf = (page: Page) => new URL(page.url()).pathname;

test('reading on, archiving, undoing', async () => {
  const page = await openInbox();
  await page.keyboard.press('j');
  await page.waitForURL('**/mail/inbox/inbox-0');
  await page.keyboard.press('j');
  await page.waitForURL('**/mail/inbox/inbox-1');
  await page.keyboard.press('e');
  // The next letter is open, and the one before is gone from the list.
  await page.waitForURL('**/mail/inbox/inbox-2');
  assert.equal(await page.locator('[role=grid]').getAttribute('aria-rowcount'), '199999');
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await page.waitForSelector('[role=grid][aria-rowcount="200000"]');
  await page.keyboard.press('u');
  await page.waitForURL('**/mail/inbox');
  // Two by `x`, and taken back without the mouse.
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByText('已选 2 个').waitFor();
  await page.keyboard.press('#');
  await page.waitForSelector('[role=grid][aria-rowcount="199998"]');
  await page.keyboard.press('z');
  await page.waitForSelector('[role=grid][aria-rowcount="200000"]');
});

test('going places by two keys, and letters stay letters where one writes', async () => {
  const page = await openInbox();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.waitForURL('**/mail/drafts');
  await page.keyboard.press('/');
  await page.keyboard.type('gcje');
  assert.equal(await page.getByRole('combobox', { name: '搜索邮件' }).inputValue(), 'gcje');
  assert.equal(pathOf(page), '/mail/drafts');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/search?q=gcje');
});

test('a mailbox of 200,000 is walked from end to end, with few rows drawn', async () => {
  const page = await openInbox();
  await page.locator('[role=grid]').focus();
  await page.keyboard.press('End');
  await page.waitForSelector('[role=row][aria-rowindex="200000"]');
  assert.ok((await page.locator('[role=row]').count()) < 60);
  assert.equal(await page.locator('[role=grid]').getAttribute('aria-activedescendant'), 'row-199999');
  await page.keyboard.press('Home');
  await page.waitForSelector('[role=row][aria-rowindex="1"]');
});

test('several are selected with Shift and moved by the palette', async () => {
  const page = await openInbox();
  await page.locator('[role=grid]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  assert.equal(await page.locator('[role=row][aria-selected=true]').count(), 3);
  await page.keyboard.press('v');
  await page.keyboard.type('Résumé');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=grid][aria-rowcount="199997"]');
  await page.getByRole('status').filter({ hasText: '已移动 3 个会话' }).waitFor();
});

test('a letter is begun, addressed by paste, and sent by Ctrl and Enter, but not while an input method composes', async () => {
  const page = await openInbox();
  await page.keyboard.press('c');
  const to = page.getByRole('combobox', { name: '收件人' });
  await to.waitFor();
  await page.waitForSelector('.editor__text');
  await to.focus();
  await page.keyboard.insertText('李国栋 <ligd@example.edu.cn>');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '移除 李国栋' }).waitFor();
  await page.getByRole('textbox', { name: '主题' }).fill('组会');
  await to.dispatchEvent('keydown', { key: 'Enter', ctrlKey: true, isComposing: true });
  assert.equal(await page.getByRole('dialog').count(), 1);
  await page.keyboard.press('Control+Enter');
  await page.getByRole('status').filter({ hasText: '邮件即将发出' }).waitFor();
  await page.getByRole('button', { name: '撤销' }).click();
  await page.getByRole('button', { name: '移除 李国栋' }).waitFor();
});

test('somebody is noted down, removed and taken back', async () => {
  const { page } = await pages.open({ path: '/contacts' });
  const nameOf = (name: string) => page.locator('.contact__name', { hasText: name });
  await nameOf('张伟').waitFor();
  await page.getByRole('button', { name: '新建联系人' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('姓名').waitFor();
  await page.keyboard.type('王芳');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wang.example');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByText('有邮箱地址格式不对').waitFor();
  await page.getByLabel('邮箱地址').fill('wang@x.example');
  await page.getByLabel('姓名').press('Enter');
  await nameOf('王芳').waitFor();
  await page.getByRole('checkbox', { name: '选择 王芳' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: '对所选的操作' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await nameOf('王芳').waitFor({ state: 'detached' });
  await page.getByRole('status').getByRole('button', { name: '撤销' }).press('Enter');
  await nameOf('王芳').waitFor();
});

test('a group of contacts is written to as its members', async () => {
  const page = await openInbox();
  await page.keyboard.press('c');
  await page.getByRole('combobox', { name: '收件人' }).fill('课题');
  await page.locator('.suggested__person').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.recipient', { hasText: '曾国栋' }).waitFor();
  assert.equal(await page.locator('.recipient').count(), 2);
});

test('a conversation is muted, which takes it out of the inbox, and unmuted where it went', async () => {
  const page = await openInbox();
  await page.keyboard.press('j');
  await page.waitForURL('**/mail/inbox/inbox-0');
  await page.keyboard.press('m');
  await page.getByRole('status').filter({ hasText: '已静音 1 个会话' }).waitFor();
  await page.waitForSelector('[role=grid][aria-rowcount="199999"]');
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await page.waitForSelector('[role=grid][aria-rowcount="200000"]');
  await page.keyboard.press('k');
  await page.waitForURL('**/mail/inbox/inbox-0');
  await page.keyboard.press('m');
  await page.waitForSelector('[role=grid][aria-rowcount="199999"]');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  const row = page.locator('[role=row]', { hasText: '已静音' });
  await row.click();
  await page.locator('.reading__muted').waitFor();
  await page.keyboard.press('m');
  await page.locator('.reading__muted').waitFor({ state: 'detached' });
  assert.equal(await row.count(), 0);
});

test('wherever Tab leads, the focus shows, and it leads through the page and out of it', async () => {
  for (const path of [
    '/',
    '/mail/inbox/inbox-4',
    '/contacts',
    '/settings/filters',
    '/settings/folders',
    '/help',
    '/setup',
    '/notices',
  ]) {
    const { page } = await pages.open({ path });
    await page.waitForSelector('main h1, main h2, main [role=row]');
    const stops: string[] = [];
    for (let steps = 0; steps < 120; steps++) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body || element.tagName === 'IFRAME') return undefined;
        const { width, height } = element.getBoundingClientRect();
        // Where a field is drawn by what stands around it, that shows the focus.
        const shows = [element, element.parentElement, element.nextElementSibling].some((one) => {
          if (one === null) return false;
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
        });
        const name = `${element.tagName} ${element.className} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 30)}`;
        return { name, isShown: shows && width > 0 && height > 0 };
      });
      if (stop === undefined) break;
      assert.ok(stop.isShown, `${path}: ${stop.name}`);
      stops.push(stop.name);
    }
    assert.ok(stops.length >= 8 && stops.length < 120, `${path}: ${stops.length} stops`);
    await page.context().close();
  }
});

test('what a menu opens gives the focus back to its button', async () => {
  const { page } = await pages.open({ path: '/mail/inbox/inbox-0' });
  const more = page.locator('.card__tail').getByRole('button', { name: '更多操作' });
  await more.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: '换一种编码' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await more.evaluate((button) => button === document.activeElement));
});
