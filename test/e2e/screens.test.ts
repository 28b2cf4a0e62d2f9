/** Every screen: nothing for axe to find, nothing the policy refuses, nothing from elsewhere, and not too much to load. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import type { NoticeList, NoticeText } from '#contract/notice.ts';
import type { Page } from 'playwright-core';
import { signedIn, startWebPages, type Api, type WebPages } from './web-pages.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Octets of compressed script until the mailbox stands (issue: under 180 kB). */
const FIRST_LOAD_BYTES = 180_000;

const NOTICE: NoticeText = {
  id: 2,
  title: '关于启用新版电子邮件系统的通知',
  number: '信息〔2026〕12 号',
  publishedAt: Date.parse('2026-09-12T02:00:00Z'),
  editedAt: Date.parse('2026-09-13T02:00:00Z'),
  views: 12_345,
  body: '各部门、各学院、全体师生：\n\n新版邮件系统将于 9 月 16 日启用，\n登录地址见 https://mail.example.edu.cn/a。',
  files: [{ name: '附件1：新开通邮箱用户使用注意事项.pdf', sizeBytes: 234_567, url: '/site/notices/2/files/1/a.pdf' }],
  newer: null,
  older: { id: 1, title: '邮件系统停机维护的通知' },
};

let signedOut = false;
const api: Api = (request, body) => {
  if (signedOut && request.url === '/auth/session') return { status: 401, json: {} };
  if (request.url === '/site/notices')
    return { status: 200, json: { notices: [NOTICE, { ...NOTICE, id: 1 }], next: 1 } satisfies NoticeList };
  if (request.url === '/site/notices/2') return { status: 200, json: NOTICE };
  if (request.url === '/auth/alias') {
    const address = 'chen.jingyi@example.edu.cn';
    return { status: 200, json: { address, domain: 'example.edu.cn', changeableAt: null, held: [] } };
  }
  if (request.url === '/auth/sign-in') {
    const { password } = JSON.parse(body) as { password: string };
    return password === 'right'
      ? { status: 200, json: { accountId: 'a', login: 'chenjy@example.edu.cn', name: '陈静宜' } }
      : { status: 401, json: { error: 'invalidCredentials' } };
  }
  return signedIn(request, body);
};

let pages: WebPages;
before(async () => {
  pages = await startWebPages(api);
});
after(() => pages[Symbol.asyncDispose]());

interface Finding {
  readonly id: string;
  readonly nodes: readonly string[];
}

/** WCAG 2.2 AA and axe's good practices. */
async function axe(page: Page): Promise<readonly Finding[]> {
  // The application's policy lets no script in by a tag; the test's own world has no such policy.
  const source = await import('node:fs/promises').then(({ readFile }) => readFile(AXE, 'utf8'));
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    // Nothing can be run in a letter's frame, axe neither.
    const { violations } = await axe.run({ iframes: false });
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html.slice(0, 200)) }));
  });
}

const SCREENS: readonly (readonly [name: string, path: string, ready: string, keys?: readonly string[]])[] = [
  ['inbox', '/', '[role=row]'],
  ['rows that are selected', '/', '[role=row]'],
  ['a letter of text', '/mail/inbox/inbox-0', 'article'],
  ['a letter of HTML', '/mail/inbox/inbox-3', 'iframe'],
  ['a conversation', '/mail/inbox/inbox-4', 'article'],
  ['writing', '/mail/inbox/inbox-0', 'article', ['r']],
  ['the palette', '/', '[role=row]', ['Control+k']],
  ['the shortcuts', '/', '[role=row]', ['?']],
  ['search', '/search?q=%E9%80%9A%E7%9F%A5', '[role=row]', ['/']],
  ['settings', '/settings/appearance', '.choice'],
  ['settings of mail', '/settings/mail', 'select'],
  ['signatures', '/settings/signatures', '.editor__text'],
  ['the automatic reply', '/settings/vacation', 'textarea'],
  ['forwarding', '/settings/forwarding', 'form'],
  ['what became of a letter', '/mail/sent/sent-0', '.delivery'],
  ['rules', '/settings/filters', '.filters__rules'],
  ['looking it up', '/settings/lookup', '.lookup__entry'],
  ['what was deleted', '/settings/lookup?tab=deleted', '.deletions__row'],
  ['folders', '/settings/folders', '.folders__row'],
  ['a new folder', '/settings/folders', '.folders__row'],
  ['notifications', '/settings/notifications', '.settings__quiet'],
  ['the address book', '/contacts/%E6%95%99%E5%8A%A1%E5%A4%84', '.contact'],
  ['contacts of one’s own', '/contacts', '.contact'],
  ['a group of contacts', '/contacts?group=g1', '.contacts__of-group'],
  ['a contact', '/contacts', '.contact'],
  ['personal facts', '/settings/profile', '.settings__list'],
  ['help', '/help/servers', '#help-topic'],
  ['clients', '/setup', 'table'],
  ['reporting a problem', '/mail/inbox/inbox-0', 'article'],
  ['another encoding', '/mail/inbox/inbox-0', 'article'],
  ['leaving a list', '/mail/inbox/inbox-2', 'article'],
  ['emptying the trash', '/mail/trash', '.list-pane'],
  ['notices', '/notices', '.notices__list'],
  ['a notice', '/notices/2', '#notice-title'],
];

/** Behind a letter's menu. */
const MENU_ITEMS = [
  ['reporting a problem', '反馈问题'],
  ['another encoding', '乱码？换一种编码…'],
] as const;
const DIALOGS: ReadonlySet<string> = new Set([
  ...MENU_ITEMS.map(([name]) => name),
  'leaving a list',
  'emptying the trash',
]);

// Dozens of pages one after another: together they may take longer than one test.
describe('axe finds nothing', { timeout: 900_000 }, () => {
  for (const [name, path, ready, keys = []] of SCREENS) {
    test(name, async () => {
      for (const [width, theme] of [
        [1440, 'light'],
        [390, 'dark'],
      ] as const) {
        const { page, complaints } = await pages.open({ path, width, theme });
        await page.waitForSelector(ready);
        for (const key of keys) await page.keyboard.press(key);
        if (name === 'writing') await page.waitForSelector('.editor__text');
        if (name === 'a contact') {
          await page.locator('.contact__who').first().click();
          await page.getByRole('dialog').getByLabel('姓名').waitFor();
        }
        if (name === 'rows that are selected') await page.locator('[role=row] input').first().check();
        const [, item] = MENU_ITEMS.find(([screen]) => screen === name) ?? [];
        if (item !== undefined) {
          await page.locator('.card__tail').getByRole('button', { name: '更多操作' }).last().click();
          await page.getByRole('menuitem', { name: item }).click();
        }
        if (name === 'leaving a list') await page.getByRole('button', { name: '退订', exact: true }).click();
        if (name === 'emptying the trash') await page.getByRole('button', { name: '清空' }).click();
        if (DIALOGS.has(name)) await page.getByRole('dialog').waitFor();
        if (name === 'a new folder') await page.getByRole('button', { name: '新建文件夹' }).click();
        assert.deepEqual(await axe(page), [], `${width} ${theme}`);
        assert.deepEqual(complaints, []);
        await page.context().close();
      }
    });
  }
});

test('a notice is read before signing in, and leads to its file and its neighbours', async () => {
  signedOut = true;
  const { page, complaints } = await pages.open({ path: '/notices/2', width: 390 });
  await page.getByRole('heading', { name: NOTICE.title }).waitFor();
  await page.getByText('浏览次数 12,345').waitFor();
  await page.getByText('改于').waitFor();
  assert.equal(await page.getByRole('link', { name: /附件1/ }).getAttribute('href'), NOTICE.files[0]?.url);
  assert.equal(await page.getByRole('link', { name: '邮件系统停机' }).getAttribute('href'), '/notices/1');
  assert.equal(
    await page.getByRole('link', { name: 'https://mail.example.edu.cn/a' }).getAttribute('rel'),
    'noopener noreferrer nofollow',
  );
  assert.deepEqual(await axe(page), []);
  await page.getByRole('link', { name: '全部通知' }).click();
  await page.waitForSelector('.notices__list');
  assert.equal(new URL(page.url()).pathname, '/notices');
  signedOut = false;
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes('401')),
    [],
  );
});

test('signing in: refused in plain words, then let in where one wanted to go', async () => {
  signedOut = true;
  const { page, complaints } = await pages.open({ path: '/settings/mail' });
  await page.waitForURL('**/sign-in?next=%2Fsettings%2Fmail');
  await page.getByLabel('工号或别名').fill(' ＣＨＥＮＪＹ ');
  await page.getByLabel('密码', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: '用户名或密码不正确' }).waitFor();
  assert.deepEqual(await axe(page), []);
  const sent = page.waitForRequest('**/auth/sign-in');
  await page.keyboard.type('right');
  await page.keyboard.press('Enter');
  assert.deepEqual((await sent).postDataJSON(), { login: 'CHENJY', password: 'right' });
  await page.getByRole('heading', { name: '收发信设置' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/settings/mail');
  signedOut = false;
  // The browser itself reports the 401s.
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes('401')),
    [],
  );
});

test('the first load is light', async () => {
  const { page } = await pages.open({ path: '/sign-in' });
  await page.waitForSelector('form');
  const addresses = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  let bytes = 0;
  for (const address of addresses.filter((address) => address.endsWith('.js'))) {
    const answer = await fetch(address, { method: 'HEAD' });
    bytes += Number(answer.headers.get('content-length'));
  }
  assert.ok(bytes > 20_000 && bytes < FIRST_LOAD_BYTES, `${bytes} octets`);
});

test('the page speaks English when it is asked to, and says so', async () => {
  const { page } = await pages.open({ path: '/settings/appearance', language: 'en-GB' });
  await page.getByRole('heading', { name: 'Appearance and language' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.getByText('简体中文').click();
  await page.getByRole('heading', { name: '外观与语言' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
});

test('nothing was asked of anybody else', () => {
  assert.deepEqual(pages.strays, []);
});

test('a letter is taken back only after it was asked, and each recipient is told of', async () => {
  const { page } = await pages.open({ path: '/mail/sent/sent-0' });
  await page.locator('.delivery').getByRole('button', { name: '详情' }).click();
  await page.locator('.delivery').getByText('550 5.1.1 no such user').waitFor();
  await page.locator('.delivery').getByRole('button', { name: '撤回邮件' }).click();
  const dialog = page.getByRole('dialog', { name: '撤回邮件' });
  await dialog.getByRole('switch', { name: '告知收件人' }).waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole('button', { name: '撤回', exact: true }).click();
  await dialog.getByText('撤回 41 人 · 17 人已读').waitFor();
  assert.deepEqual(await axe(page), []);
});

test('rules are put in order by mouse and by menu, and changed in a dialog', async () => {
  const { page, complaints } = await pages.open({ path: '/settings/filters' });
  const names = () => page.locator('.filters__name').allInnerTexts();
  await page.waitForSelector('.filters__rule');
  await page.locator('.filters__rule').first().dragTo(page.locator('.filters__rule').nth(2));
  await page.locator('.filters__rule').nth(2).filter({ hasText: '教务通知' }).waitFor();
  await page.getByRole('button', { name: '“教务通知”的操作' }).click();
  await page.getByRole('menuitem', { name: '上移' }).click();
  await page.locator('.filters__rule').nth(1).filter({ hasText: '教务通知' }).waitFor();
  assert.deepEqual(await names(), ['期刊与会议征稿', '教务通知', '大附件转给秘书']);
  await page.getByRole('button', { name: /教务通知 发件人/ }).click();
  const dialog = page.getByRole('dialog', { name: '修改规则' });
  await dialog.getByRole('button', { name: '添加条件' }).click();
  const save = dialog.getByRole('button', { name: '保存' });
  assert.ok(await save.isDisabled(), 'a condition says nothing yet');
  await dialog.getByRole('combobox', { name: '查看' }).nth(2).selectOption('attachment');
  assert.deepEqual(await axe(page), []);
  await save.click();
  await page.locator('.filters__rule', { hasText: '“通知” 且 附件 有' }).waitFor();
  assert.deepEqual(complaints, []);
});
