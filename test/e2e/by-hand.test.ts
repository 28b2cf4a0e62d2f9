/** What is done by finger and by mouse: pulling a row aside, dragging to a mailbox, labels by name. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signedIn, startWebPages, type WebPages } from './web-pages.ts';

let pages: WebPages;
before(async () => {
  pages = await startWebPages(signedIn);
});
after(() => pages[Symbol.asyncDispose]());

test('a row pulled far to the right is archived, to the left deleted, and a little does nothing', async () => {
  const { page } = await pages.open({ path: '/', width: 390 });
  const pull = (across: number) =>
    page
      .locator('[role=row]')
      .first()
      .evaluate((row, across) => {
        const send = (name: string, clientX: number) =>
          row.dispatchEvent(
            new PointerEvent(name, { pointerType: 'touch', pointerId: 1, clientX, clientY: 300, bubbles: true }),
          );
        row.setPointerCapture = () => undefined;
        send('pointerdown', 200);
        for (const part of [0.3, 0.6, 1]) send('pointermove', 200 + across * part);
        send('pointerup', 200 + across);
      }, across);
  await page.waitForSelector('[role=row]');
  await pull(60);
  await pull(150);
  await page.getByRole('status').filter({ hasText: '已归档 1 个会话' }).waitFor();
  await page.waitForSelector('[role=grid][aria-rowcount="199999"]');
  await pull(-150);
  await page.getByRole('status').filter({ hasText: '已删除 1 个会话' }).waitFor();
  await page.waitForSelector('[role=grid][aria-rowcount="199998"]');
});

test('selected rows are dragged to a mailbox together', async () => {
  const { page } = await pages.open({ path: '/' });
  await page.locator('[role=grid]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page
    .locator('[role=row]')
    .first()
    .dragTo(page.getByRole('link', { name: '归档 & Résumé' }));
  await page.getByRole('status').filter({ hasText: '已移动 2 个会话' }).waitFor();
  await page.waitForSelector('[role=grid][aria-rowcount="199998"]');
});

test('a label is made by typing its name, and taken off where it was put on', async () => {
  const { page } = await pages.open({ path: '/mail/inbox/inbox-3' });
  const label = page.locator('.reading__head .label', { hasText: '迎新' });
  await page.waitForSelector('.reading__head');
  await page.keyboard.press('l');
  await page.keyboard.type('迎新');
  await page.keyboard.press('Enter');
  await label.waitFor();
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await label.waitFor({ state: 'detached' });
});

test('a third letter leaves the first in reach, folded, and a file dropped on a letter goes along', async () => {
  const { page } = await pages.open({ path: '/' });
  await page.waitForSelector('[role=row]');
  for (let count = 1; count <= 3; count++) {
    await page.getByRole('button', { name: '写信' }).click();
    await page.waitForFunction((count) => document.querySelectorAll('.compose').length === count, count);
  }
  assert.equal(await page.locator('.compose--folded').count(), 1);
  await page
    .locator('.compose')
    .last()
    .evaluate((element) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], '归档 & Résumé.pdf'));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
  await page.locator('.files__name', { hasText: '归档 & Résumé.pdf' }).waitFor();
});

test('all are selected by mouse, no more than can be dealt with at once, and moved together', async () => {
  const { page } = await pages.open({ path: '/' });
  await page.locator('[role=row] input').first().check();
  await page.getByRole('button', { name: '全选' }).click();
  await page.getByRole('status').filter({ hasText: '已选 5,000 个（一次最多选这么多）' }).waitFor();
  await page.getByRole('button', { name: '归档', exact: true }).click();
  await page.waitForSelector('[role=grid][aria-rowcount="195000"]');
});

test('on a phone and in a narrow list, what has no button beside a selection stands in a menu', async () => {
  for (const width of [390, 1440]) {
    const { page } = await pages.open({ path: '/', width });
    const row = page.locator('[role=row]').first();
    await row.locator('input').check();
    await page.getByRole('button', { name: '全选' }).click();
    await page.getByRole('status').filter({ hasText: '已选 5,000 个' }).waitFor();
    const bar = page.locator('.list-pane__header');
    const [header, more] = await Promise.all([
      bar.boundingBox(),
      bar.getByRole('button', { name: '更多' }).boundingBox(),
    ]);
    assert.ok(header && more && more.x + more.width <= header.x + header.width, `${width}`);
    await bar.getByRole('button', { name: '更多' }).click();
    await page.getByRole('menuitem', { name: '标为已读' }).click();
    await page.locator('.row--unread').waitFor({ state: 'detached' });
    await page.context().close();
  }
});

test('a mailbox stands in another order, and all of it is marked as read, which is taken back', async () => {
  const { page } = await pages.open({ path: '/' });
  const menu = page.getByRole('button', { name: '筛选与排序' });
  await page.locator('.row--unread').first().waitFor();
  await menu.click();
  await page.getByRole('menuitem', { name: '全部标为已读' }).click();
  await page.locator('.row--unread').first().waitFor({ state: 'detached' });
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await page.locator('.row--unread').first().waitFor();
  const newest = await page.locator('[role=row]').first().innerText();
  await menu.click();
  await page.getByRole('menuitemradio', { name: '最早' }).click();
  await page.waitForFunction((before) => document.querySelector('[role=row]')?.textContent !== before, newest);
  assert.match(await page.locator('[role=row]').first().innerText(), /（199999）/);
});

test('an older letter of a talk is answered, with what was marked of it, and forwarded as a file', async () => {
  const { page, complaints } = await pages.open({ path: '/mail/inbox/inbox-1' });
  await page.locator('.card--folded').first().click();
  const older = page.locator('[data-letter="inbox-1.0"]');
  const marked = await older.locator('.plain-text').evaluate((element) => {
    const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text;
    getSelection()?.setBaseAndExtent(text, 2, text, 8);
    return text.data.slice(2, 8);
  });
  await older.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '回复', exact: true }).click();
  const quoted = await page.locator('.compose blockquote').innerText();
  assert.equal(quoted.trim(), marked.trim());
  await page.locator('.compose').getByRole('button', { name: '舍弃草稿' }).click();
  await older.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '作为附件转发' }).click();
  await page.locator('.compose').getByText('letter.eml').waitFor();
  await page.locator('.compose').getByRole('button', { name: '舍弃草稿' }).click();
  // Answered, and out of the way: until it is taken back.
  await older.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '回复', exact: true }).click();
  await page.locator('.compose').getByRole('button', { name: '更多选项' }).click();
  await page.getByRole('menuitem', { name: '发送并归档' }).click();
  await page.waitForSelector('[role=grid][aria-rowcount="199999"]');
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await page.waitForSelector('[role=grid][aria-rowcount="200000"]');
  assert.deepEqual(complaints, []);
});

test('what was found stands in another order when it is asked for', async () => {
  const { page, complaints } = await pages.open({ path: `/search?q=${encodeURIComponent('通知')}` });
  const first = () => page.locator('[role=row]').first().innerText();
  await page.waitForSelector('[role=row]');
  const newest = await first();
  await page.getByRole('button', { name: '最相关' }).click();
  await page.getByRole('button', { name: '最相关', pressed: true }).waitFor();
  assert.notEqual(await first(), newest);
  await page.getByRole('button', { name: '最新' }).click();
  await page.getByRole('button', { name: '最新', pressed: true }).waitFor();
  assert.equal(await first(), newest);
  assert.deepEqual(complaints, []);
});

test('a dialog gives the focus to the field that is to be filled in', async () => {
  const { page } = await pages.open({ path: '/settings/folders' });
  await page.getByRole('button', { name: '新建文件夹' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.type('归档 & Résumé');
  assert.equal(await dialog.getByRole('textbox').first().inputValue(), '归档 & Résumé');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('a list is left by one click, and where that does not work as it always was', async () => {
  const { page } = await pages.open({ path: '/mail/inbox/inbox-2' });
  await page.getByRole('button', { name: '退订', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: '退订' });
  await dialog.getByText('通知 list.elsevier.example 退订').waitFor();
  await dialog.getByRole('button', { name: '一键退订' }).click();
  await page.getByRole('status').filter({ hasText: '已通知对方退订' }).waitFor();
  await page.keyboard.press('e');
  await page.goto(`${pages.origin}/mail/archive/archive-2`);
  await page.getByRole('button', { name: '退订', exact: true }).click();
  await dialog.getByRole('button', { name: '一键退订' }).click();
  await dialog.getByRole('alert').filter({ hasText: '没有联系上对方' }).waitFor();
  assert.equal(
    await dialog.getByRole('link', { name: '打开退订网页' }).getAttribute('href'),
    'https://list.elsevier.example/u?42',
  );
});
