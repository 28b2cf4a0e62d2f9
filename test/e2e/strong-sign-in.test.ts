/** Strong sign-in over the real server in a real browser: an app's codes, a passkey of a virtual key, client passwords, a new password. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { buildWeb } from '#web/build.ts';
import { DOMAIN, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { launchBrowser } from './web-pages.ts';

let browser: Browser;
before(async () => {
  await buildWeb({ mode: 'production', always: false });
  browser = await launchBrowser();
});
after(() => browser.close());

async function openPage(origin: string, width = 1440): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${origin}/settings/advanced`);
  return page;
}

async function signIn(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel('工号或别名').fill(ZHANG);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
}

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('codes, a passkey, recovery codes, client passwords and a new password, as people do it', async () => {
  await using campus = await openCampus();
  // WebAuthn wants a name.
  const origin = `http://localhost:${campus.server.ports['http']}`;
  const page = await openPage(origin);
  await signIn(page);
  const steps = section(page, '二次验证');
  await steps.waitFor();

  // The app
  await steps.getByRole('button', { name: '设置' }).click();
  const dialog = page.getByRole('dialog');
  const secret = (await dialog.locator('.security__code').textContent())?.replaceAll(' ', '') ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  await dialog.getByLabel('6 位验证码').fill('000000');
  await dialog.getByRole('button', { name: '开启' }).click();
  await dialog.getByRole('alert').filter({ hasText: '验证没有通过' }).waitFor();
  const first = totp.generate();
  await dialog.getByLabel('6 位验证码').fill(first);
  await dialog.getByRole('button', { name: '开启' }).click();
  await steps.getByText('已开启').waitFor();

  // Codes on paper
  await steps.getByRole('button', { name: '生成备用码' }).click();
  await dialog.locator('.security__codes code').nth(9).waitFor();
  const codes = await dialog.locator('.security__codes code').allTextContents();
  assert.equal(codes.length, 10);
  await dialog.getByRole('button', { name: '我已保存' }).click();

  // A passkey, of a key that the browser only pretends to have
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await steps.getByRole('button', { name: '添加' }).click();
  await dialog.getByLabel('名称').fill('我的笔记本');
  await dialog.getByRole('button', { name: '添加' }).click();
  await steps.getByText('我的笔记本').waitFor();

  // A client password: programs need one now
  const programs = section(page, '客户端专用密码');
  await programs.getByText('邮件客户端只能用专用密码登录').waitFor();
  await programs.getByRole('button', { name: '新建专用密码' }).click();
  await dialog.getByLabel('名称').fill('手机邮件');
  await dialog.getByRole('button', { name: '生成密码' }).click();
  const clientPassword = (await dialog.locator('.security__secret code').textContent()) ?? '';
  assert.match(clientPassword, /^\w{4}(-\w{4}){3}$/);
  await dialog.getByRole('button', { name: '我已保存' }).click();
  await programs.getByText('收信（IMAP） · 发信（SMTP）').waitFor();
  const basic = (password: string) =>
    fetch(`${origin}/.well-known/jmap`, {
      headers: { authorization: `Basic ${Buffer.from(`${ZHANG}:${password}`).toString('base64')}` },
    });
  assert.equal(((await (await basic(PASSWORD)).json()) as { error: string }).error, 'clientPasswordRequired');

  // Another browser: the password alone is not enough, a code from paper is
  const other = await openPage(origin, 390);
  await signIn(other);
  await other.getByRole('heading', { name: '二次验证' }).waitFor();
  await other.getByRole('button', { name: '用备用码' }).click();
  await other.getByLabel('备用码').fill('aaaaa-aaaaa');
  await other.getByRole('button', { name: '继续' }).click();
  await other.getByRole('alert').filter({ hasText: '验证没有通过' }).waitFor();
  await other.getByLabel('备用码').fill(codes[0] ?? '');
  await other.getByText('30 天内在这台设备上不再询问').click();
  await other.getByRole('button', { name: '继续' }).click();
  await section(other, '受信任的设备').waitFor();
  await other.getByText('还有 9 个没有用过').waitFor();

  // The passkey, alone
  await page.context().clearCookies();
  await page.goto(`${origin}/sign-in?next=%2Fsettings%2Fadvanced`);
  await page.getByRole('button', { name: '使用通行密钥登录' }).click();
  await steps.waitFor();

  // A new password; the other browser is out
  await section(page, '登录密码').getByRole('button', { name: '修改密码' }).click();
  await dialog.getByLabel('当前密码').fill(PASSWORD);
  const setTo = async (password: string) => {
    await dialog.getByLabel('新密码', { exact: true }).fill(password);
    await dialog.getByLabel('再输一遍新密码').fill(password);
    await dialog.getByRole('button', { name: '修改密码' }).click();
  };
  await setTo('Zhang1');
  await dialog.getByText('至少 10 位').waitFor();
  await setTo('v9#Lq2!xTz');
  await page.getByRole('status').filter({ hasText: '密码已修改' }).waitFor();
  await other.reload();
  await other.getByRole('heading', { name: '登录邮箱' }).waitFor();

  // What happened
  await page.goto(`${origin}/settings/history`);
  await page.getByRole('heading', { name: '最近 90 天的登录' }).waitFor();
});

test('where a realm wants a second step, it is set up in the middle of the first sign-in', async () => {
  const realms = [{ name: 'staff', title: '教师邮件系统', domain: DOMAIN, second_step: 'required' }];
  await using campus = await openCampus({ settings: { CAMPUSMAIL_REALM: JSON.stringify(realms) } });
  const origin = `http://localhost:${campus.server.ports['http']}`;
  const page = await openPage(origin, 390);
  await signIn(page);
  await page.getByRole('heading', { name: '设置二次验证' }).waitFor();
  assert.equal((await page.request.get(`${origin}/auth/session`)).status(), 401);
  await page.getByRole('button', { name: '验证器 App' }).click();
  const secret = (await page.locator('.enrol__secret').textContent()) ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) });
  await page.getByLabel('6 位验证码').fill('000000');
  await page.getByRole('button', { name: '开启' }).click();
  await page.getByRole('alert').filter({ hasText: '验证没有通过' }).waitFor();
  await page.getByLabel('6 位验证码').fill(totp.generate());
  await page.getByRole('button', { name: '开启' }).click();
  await page.getByText('二次验证已设好').waitFor();
  assert.equal(await page.locator('.enrol__codes li').count(), 10);
  await page.getByRole('button', { name: '已保存，进入邮箱' }).click();
  await section(page, '二次验证').getByText('已开启').first().waitFor();
  const other = await openPage(origin);
  await signIn(other);
  await other.getByRole('heading', { name: '二次验证', exact: true }).waitFor();
});

test('where the school forces a telephone, the mailbox opens once one is bound', async () => {
  await using campus = await openCampus({
    settings: {
      CAMPUSMAIL_REALM: JSON.stringify([{ name: 'staff', domain: DOMAIN, phone: 'force' }]),
      CAMPUSMAIL_SMS_VENDORS: 'log',
    },
  });
  const origin = `http://localhost:${campus.server.ports['http']}`;
  const page = await openPage(origin, 390);
  await signIn(page);
  await page.getByRole('heading', { name: '手机绑定' }).waitFor();
  // Wherever one goes, it comes first.
  await page.goto(origin);
  await page.getByRole('heading', { name: '手机绑定' }).waitFor();
  await page.getByLabel('手机号').fill('13800001234');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByRole('button', { name: /秒/ }).waitFor();
  const { messages } = (await (await fetch(`${origin}/demo/outbox.json`)).json()) as { messages: { text: string }[] };
  await page.getByLabel('短信验证码').fill(/\d{6}/.exec(messages[0]?.text ?? '')?.[0] ?? '');
  await page.getByRole('button', { name: '绑定', exact: true }).click();
  await page.getByRole('heading', { name: '手机绑定' }).waitFor({ state: 'detached' });
  await page.goto(`${origin}/settings/advanced`);
  await page.getByText('138****1234').first().waitFor();
});
