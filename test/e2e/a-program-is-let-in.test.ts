/** A program is let in over the real server in a real browser: from its question to the page, through sign-in and a proof, and out again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Program } from '#oauth/testing/program.ts';
import { buildWeb } from '#web/build.ts';
import { openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { launchBrowser } from './web-pages.ts';

let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  browser = await launchBrowser();
});
after(() => browser.close());

const CLIENTS = [{ id: 'mail-program', name: '云岭邮件', redirects: ['http://127.0.0.1/back'] }];

/** What a program on the same computer does: it listens where it got a port, and reads what comes back. */
async function listenForAnswers(): Promise<
  AsyncDisposable & { readonly uri: string; readonly next: () => Promise<URLSearchParams> }
> {
  const server = createServer((_, response) => response.end('back'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/back`;
  return {
    uri,
    async next() {
      for (;;) {
        const [{ url }] = (await once(server, 'request')) as [{ url: string }];
        const asked = new URL(url, uri);
        // The browser also asks for an icon.
        if (asked.pathname === '/back') return asked.searchParams;
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Where SCREENSHOTS names a folder, it gets pictures to look at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  for (const width of [1440, 390])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  await page.setViewportSize({ width: 1440, height: 900 });
}

test('its question leads through sign-in to the page, the yes to the program, and the settings show and end it', async () => {
  const settings = { CAMPUSMAIL_OAUTH_CLIENT: JSON.stringify(CLIENTS) };
  await using campus = await openCampus({ settings });
  const origin = `http://127.0.0.1:${campus.server.ports['http']}`;
  await using listening = await listenForAnswers();
  const program = new Program(origin, 'mail-program', listening.uri);
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));

  // Nobody is signed in: first that, with the question kept.
  const question = `${origin}/oauth/authorize?${program.query('imap smtp offline_access')}`;
  await page.goto(question);
  await page.getByLabel('工号或别名').fill(ZHANG);
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('heading', { name: '“云岭邮件”请求使用您的邮箱' }).waitFor();
  await page.getByText(ZHANG).waitFor();
  await page.getByText('以您的名义发送邮件').waitFor();
  await page.getByText('一直使用，直到您撤销授权或修改密码').waitFor();
  await page.getByText('结果将交给本机上的程序。').waitFor();
  await picture(page, 'consent');

  // No
  let answer = listening.next();
  await page.getByRole('button', { name: '拒绝' }).click();
  assert.equal((await answer).get('error'), 'access_denied');
  await page.waitForURL(/\/back\?/);

  // Yes, by the keyboard
  await page.goto(question);
  const yes = page.getByRole('button', { name: '同意' });
  await yes.waitFor();
  answer = listening.next();
  await yes.focus();
  await page.keyboard.press('Enter');
  const said = await answer;
  await page.waitForURL(/\/back\?/);
  assert.equal(said.get('state'), program.state);
  assert.equal(said.get('iss'), origin);
  const tokens = await program.redeem(said.get('code') ?? '');
  assert.equal(tokens.status, 200, JSON.stringify(tokens.said));

  // The settings
  await page.goto(`${origin}/settings/advanced`);
  const programs = page.getByRole('region', { name: '已授权的程序', exact: true });
  await programs.getByText('云岭邮件').waitFor();
  await picture(page, 'grants');
  await page.goto(`${origin}/settings/history`);
  await page.getByText('授权“云岭邮件”').first().waitFor();
  await page.goto(`${origin}/settings/advanced`);
  await programs.getByRole('button', { name: '撤销' }).click();
  await page.getByRole('status').filter({ hasText: '已撤销“云岭邮件”的授权' }).waitFor();
  await programs.waitFor({ state: 'detached' });
  const refreshed = await program.refresh(String(tokens.said['refresh_token']));
  assert.equal(refreshed.said['error'], 'invalid_grant');

  // Questions with faults are told to people, and lead nowhere by themselves
  await page.goto(`${origin}/oauth/authorize?${program.query('imap', { redirect_uri: 'https://evil.example/back' })}`);
  await page.getByRole('alert').filter({ hasText: '可能有人冒用它的名义' }).waitFor();
  assert.equal(await page.getByRole('link', { name: '返回程序' }).count(), 0);
  await picture(page, 'fault');
  await page.goto(`${origin}/oauth/authorize?${program.query('imap', { code_challenge_method: 'plain' })}`);
  await page.getByRole('alert').filter({ hasText: 'PKCE' }).waitFor();
  assert.match(
    (await page.getByRole('link', { name: '返回程序' }).getAttribute('href')) ?? '',
    /error=invalid_request/,
  );

  // Another account: signs out, and comes back to the question.
  await page.goto(question);
  await page.getByRole('button', { name: '换一个账号' }).click();
  await page.getByRole('heading', { name: '登录邮箱' }).waitFor();
  await page.waitForURL(/\/sign-in\?next=%2Foauth%2Fauthorize/);
  assert.deepEqual(
    complaints.filter((text) => !/40[013]/.test(text)),
    [],
  );
});

test('no other site frames the page', async () => {
  const settings = { CAMPUSMAIL_OAUTH_CLIENT: JSON.stringify(CLIENTS) };
  await using campus = await openCampus({ settings });
  const answer = await fetch(`http://127.0.0.1:${campus.server.ports['http']}/oauth/authorize?client_id=mail-program`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
});
