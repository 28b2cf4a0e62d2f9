/** Leaving a list, blocking a sender, and files whose names lie: over the real server in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, LI, openCampus, PASSWORD, WANG, type Campus } from '#test/harness/campus.ts';
import { buildWeb } from '#web/build.ts';
import { openMailOf } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

let campus: Campus;
let browser: Browser;
let authservId: string;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  campus = await openCampus();
  browser = await launchBrowser();
  ({ authservId } = (await (await fetch(`${origin()}/site`)).json()) as { authservId: string });
});
after(async () => {
  await browser.close();
  await campus[Symbol.asyncDispose]();
});

const origin = () => `http://127.0.0.1:${campus.server.ports['http']}`;

const openMail = (login: string, width = 1440): Promise<Page> =>
  openMailOf(browser, origin(), login, PASSWORD, { width, height: 844 });

/** Lays letters into WANG's inbox as they would have come in. */
async function put(...letters: readonly (readonly string[])[]): Promise<void> {
  const imap = await campus.openImap(WANG);
  const literals = letters.map((lines) => {
    const text = `${lines.join('\r\n')}\r\n`;
    return ` {${Buffer.byteLength(text)}+}\r\n${text}`;
  });
  await imap.command(`APPEND INBOX${literals.join('')}`);
  imap.close();
}

async function subjectsOf(login: string): Promise<readonly string[]> {
  const imap = await campus.openImap(login);
  await imap.command('SELECT INBOX');
  const lines = (await imap.command('UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]')).join('\n');
  imap.close();
  return Array.from(lines.matchAll(/^Subject: (.*?)\r?$/gm), ([, subject]) => subject ?? '');
}

const rowOf = (page: Page, subject: string) => page.getByRole('row').filter({ hasText: subject });

const vouched = () => `Authentication-Results: ${authservId}; dmarc=pass header.from=news.example`;
const news = (subject: string, unsubscribe: string) => [
  'From: News <n@news.example>',
  `To: ${WANG}`,
  `Subject: ${subject}`,
  `List-Unsubscribe: ${unsubscribe}`,
  '',
  'news',
];

test('a list is left by a letter or by its page, after a question, and only where somebody vouches for its sender', async () => {
  const byLetter = `<javascript:alert(1)>, <mailto:${LI}?subject=leave%20news&cc=${WANG}>, <https://news.example/>`;
  await put(
    [vouched(), ...news('news by letter', byLetter)],
    [vouched(), ...news('news by page', '<https://xn--pple-43d.example/leave?id=1>')],
    [vouched(), ...news('news that is hostile', '<javascript:alert(1)>, <https://bank.example@evil.example/>')],
    news('news of nobody', byLetter),
  );
  const page = await openMail(WANG);
  const leave = page.getByRole('button', { name: '退订', exact: true });
  const dialog = page.getByRole('dialog', { name: '退订' });
  for (const subject of ['news that is hostile', 'news of nobody']) {
    await rowOf(page, subject).click();
    await page.locator('.reading__subject', { hasText: subject }).waitFor();
    await page.locator('article').waitFor();
    assert.equal(await leave.count(), 0, subject);
  }

  await rowOf(page, 'news by page').click();
  await leave.click();
  await dialog.getByText('xn--pple-43d.example').waitFor();
  const link = dialog.getByRole('link', { name: '打开退订网页' });
  assert.equal(await link.getAttribute('href'), 'https://xn--pple-43d.example/leave?id=1');
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
  await dialog.getByRole('button', { name: '暂不退订' }).click();

  await rowOf(page, 'news by letter').click();
  await leave.click();
  await dialog.getByText(LI).waitFor();
  await dialog.getByText('leave news').waitFor();
  await dialog.getByRole('button', { name: '发送退订邮件' }).click();
  await eventually('the letter', async () => (await subjectsOf(LI)).includes('leave news'), 60_000);
  assert.ok(!(await subjectsOf(WANG)).includes('leave news'));
  await page.context().close();
});

test('a list is asked by one click only where a signature that was found valid is about that', async () => {
  const signed = (fields: string) => [
    `${vouched()}; dkim=pass header.d=news.example header.s=k1 header.b=abcd`,
    `DKIM-Signature: v=1; a=rsa-sha256; d=news.example; s=k1; h=from:${fields}; bh=x; b=abcdefgh`,
  ];
  const offering = (subject: string) => [
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ...news(subject, `<https://leave.invalid/42>, <mailto:${LI}?subject=leave>`),
  ];
  await put(
    [...signed('list-unsubscribe:list-unsubscribe-post'), ...offering('one click')],
    [...signed('list-unsubscribe'), ...offering('no click')],
  );
  const page = await openMail(WANG);
  const dialog = page.getByRole('dialog', { name: '退订' });
  for (const [subject, told] of [
    // There is no such name.
    ['one click', '没有联系上对方'],
    ['no click', '没有发件方的有效签名'],
  ] as const) {
    await rowOf(page, subject).click();
    await page.getByRole('button', { name: '退订', exact: true }).click();
    await dialog.getByRole('button', { name: '一键退订' }).click();
    await dialog.getByRole('alert').filter({ hasText: told }).waitFor();
    assert.equal(
      await dialog.getByRole('link', { name: '打开退订网页' }).getAttribute('href'),
      'https://leave.invalid/42',
    );
    await dialog.getByRole('button', { name: '暂不退订' }).click();
  }
  await page.context().close();
});

test('who is blocked goes to junk with what is there, and comes back when it is undone', async () => {
  const from = (address: string, subject: string) => [`From: ${address}`, `Subject: ${subject}`, '', 'buy'];
  await put(
    from('Promo@deals.example', 'deal 1'),
    from('promo@deals.example', 'deal 2'),
    from('promo@deals.example.org', 'no deal'),
  );
  const page = await openMail(WANG);
  await rowOf(page, 'deal 2').click();
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '拦截发件人…' }).click();
  const dialog = page.getByRole('dialog', { name: '拦截发件人' });
  await dialog.getByRole('switch').waitFor();
  await dialog.getByRole('button', { name: '拦截', exact: true }).click();
  const told = page.getByRole('status').filter({ hasText: '已将 promo@deals.example 加入黑名单，并移走 2 封来信' });
  await told.waitFor();
  await rowOf(page, 'deal 1').waitFor({ state: 'detached' });
  await rowOf(page, 'no deal').waitFor();
  await told.getByRole('button', { name: '撤销' }).click();
  await rowOf(page, 'deal 1').waitFor();
  await page.goto(`${origin()}/settings/filters`);
  await page.getByRole('tab', { name: '黑名单' }).click();
  await page.getByText('名单是空的。').waitFor();
  await page.context().close();
});

test('a file whose name turns the direction of text is shown and saved under what it is', async () => {
  const part = (disposition: string) => [
    '--b',
    'Content-Type: application/octet-stream',
    `Content-Disposition: attachment; ${disposition}`,
    '',
    'x',
  ];
  await put([
    'From: mallory@elsewhere.example',
    'Subject: files',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'see',
    ...part(`filename*=UTF-8''invoice%E2%80%AEfdp.exe`),
    ...part(`filename*=UTF-8''a%0D%0A%00b%E2%81%A7%EF%BB%BF.txt`),
    ...part(`filename*=UTF-8''..%2F..%2Fetc%2F%E2%80%8F.bashrc`),
    ...part(`filename*=UTF-8''${'%E9%95%BF'.repeat(120)}.docx`),
    '--b--',
  ]);
  const page = await openMail(WANG, 390);
  await rowOf(page, 'files').click();
  const names = page.locator('.attachment__name');
  await names.nth(3).waitFor();
  const shown = await names.allInnerTexts();
  assert.deepEqual(shown.slice(0, 3), ['invoicefdp.exe', 'ab.txt', '.bashrc']);
  assert.match(shown[3] ?? '', /^长+\.docx$/);
  // What ends outside of the screen is not seen: an executable is marked, and no name is wider than the letter.
  for (const box of await page.locator('.attachment').all()) {
    const { x, width } = (await box.boundingBox()) ?? { x: 0, width: Infinity };
    assert.ok(x + width <= 390, `${x} ${width}`);
  }
  assert.equal(await page.locator('.attachment .badge').first().innerText(), '!');
  for (const [at, name] of shown.slice(0, 3).entries()) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.attachment').nth(at).click()]);
    // Chromium saves no file hidden.
    assert.equal(download.suggestedFilename(), name.replace(/^\./, ''));
    const href = await page.locator('.attachment').nth(at).getAttribute('href');
    const { disposition } = await page.evaluate(async (href) => {
      const response = await fetch(href ?? '');
      return { disposition: response.headers.get('content-disposition') ?? '' };
    }, href);
    assert.match(disposition, /^attachment/);
    assert.doesNotMatch(decodeURIComponent(disposition), /[\p{Cc}\p{Cf}]|\.\./u);
  }
  await page.context().close();
});
