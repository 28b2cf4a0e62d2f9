/** T1 and more, as a freshman does it: on a phone, by the pages, against a real server; SMS are read where a demonstration shows them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { student } from '#directory/testing/person.ts';
import { readConfig } from '#app/config.ts';
import { openSystem } from '#app/system.ts';
import { silentLog } from '#base/log.ts';
import { eventually } from '#test/harness/campus.ts';
import {
  startServerProcess,
  temporaryFolder,
  testEnvironment,
  type ServerProcess,
} from '#test/harness/server-process.ts';
import { openSmtp, sendMessage } from '#test/harness/line-client.ts';
import { buildWeb } from '#web/build.ts';
import { launchBrowser } from './web-pages.ts';

const SETTINGS = {
  CAMPUSMAIL_SMS_VENDORS: 'log',
  CAMPUSMAIL_SITE_NAME: '云岭理工大学',
  CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: 'stu.kust.example',
};
const DOMAIN = 'stu.kust.example';
const STUDENTS = ['2023001', '2023002', '2023003'];
const INITIAL = 'Kust1231002X';
const PASSWORD = '湖边的七只-Heron';

let browser: Browser;
let server: ServerProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let origin: string;

before(async () => {
  await buildWeb({ mode: 'production', always: false });
  folder = await temporaryFolder();
  const environment = Object.entries(testEnvironment(folder.path, SETTINGS)).filter(([name]) =>
    name.startsWith('CAMPUSMAIL_'),
  );
  const system = await openSystem(readConfig('', '', Object.fromEntries(environment)), silentLog);
  await system.directory.addDomain(DOMAIN);
  await system.directory.enrolPeople(
    STUDENTS.map((number) => ({
      person: student(number, '古丽·阿不都', { unit: '信息学院', level: '本科' }),
      account: {
        address: `${number}@${DOMAIN}`,
        stage: 'pending',
        initialPasswords: [INITIAL],
        initialExpiresAt: null,
      },
    })),
  );
  await system.close();
  server = await startServerProcess(folder.path, SETTINGS);
  origin = `http://127.0.0.1:${server.ports['http']}`;
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await server?.kill();
  await folder?.[Symbol.asyncDispose]();
});

async function openPage(path: string, width = 390): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    hasTouch: width < 600,
    isMobile: width < 600,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Refusals are answers with a status; the browser calls those errors.
    if (message.type() === 'error' && !/status of 4\d\d|status of 503/.test(message.text()))
      complaints.push(message.text());
  });
  await page.goto(`${origin}${path}`);
  return { page, complaints };
}

/** The newest code sent to a number. */
async function codeFor(phone: string): Promise<string> {
  return eventually('an SMS', async () => {
    const { messages } = (await (await fetch(`${origin}/demo/outbox.json`)).json()) as {
      readonly messages: readonly { readonly phone: string; readonly text: string }[];
    };
    return messages.find((one) => one.phone === `+86${phone}`)?.text.match(/\d{6}/)?.[0];
  });
}

async function fillFirst(page: Page, number: string, name = '古丽·阿不都'): Promise<void> {
  await page.getByLabel('学号').fill(number);
  await page.getByLabel('姓名').fill(name);
  await page.getByLabel('初始密码').fill(INITIAL);
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: '下一步' }).click();
}

const SHOTS = process.env['SHOTS'];
async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

test('a freshman is in the mailbox, with the letter that waited', async () => {
  const smtp = await openSmtp(server.ports['smtp'] ?? 0);
  const sent = await sendMessage(
    smtp,
    'friend@elsewhere.example',
    [`2023001@${DOMAIN}`],
    'Subject: =?utf-8?B?5qyi6L+O?=\r\n\r\nwelcome\r\n',
  );
  assert.equal(sent.code, 250);
  smtp.close();

  const { page, complaints } = await openPage('/sign-in');
  await page.getByRole('link', { name: '账号激活' }).click();
  const school = page.getByLabel('学校');
  await eventually('the school', async () => (await school.inputValue()) === '云岭理工大学');
  await shoot(page, 'activate-1');
  // The school is found by what people type.
  await page.getByLabel('学校').fill('ylLG');
  await page.getByRole('button', { name: /云岭理工大学/ }).click();

  // A mistyped name: one message, and all is still there.
  await fillFirst(page, '2023001', '古力');
  await page.getByRole('alert').waitFor();
  assert.match((await page.getByRole('alert').textContent()) ?? '', /填写的信息有误/);
  assert.equal(await page.getByLabel('初始密码').inputValue(), INITIAL);
  await shoot(page, 'activate-1-wrong');
  await page.getByLabel('姓名').fill(' 古丽・阿不都');
  await page.getByRole('button', { name: '下一步' }).click();

  await page.getByLabel('手机号').waitFor();
  assert.equal(new URL(page.url()).pathname, '/activate/phone');
  assert.equal(await page.getByLabel('手机号').getAttribute('inputmode'), 'tel');
  assert.equal(await page.getByLabel('短信验证码').getAttribute('autocomplete'), 'one-time-code');
  assert.equal(await page.getByLabel('短信验证码').getAttribute('inputmode'), 'numeric');
  await page.getByLabel('手机号').fill('138 0000 1234');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByRole('button', { name: /秒后可重发/ }).waitFor();
  await shoot(page, 'activate-2');
  // Back to look something up, and forth again: nothing is lost.
  await page.goBack();
  assert.equal(await page.getByLabel('学号').inputValue(), '2023001');
  await page.goForward();
  assert.equal(await page.getByLabel('手机号').inputValue(), '138 0000 1234');
  // A wrong code, then the whole message pasted.
  const code = await codeFor('13800001234');
  const wrong = code === '000000' ? '000001' : '000000';
  await page.getByLabel('短信验证码').fill(wrong);
  await page.getByText('验证码不正确').waitFor();
  await shoot(page, 'activate-2-wrong');
  await page.getByLabel('短信验证码').fill(`验证码 ${code}，5 分钟内有效`);

  await page.getByLabel('新密码').waitFor();
  await page.reload();
  await page.getByLabel('新密码').waitFor();
  await page.getByLabel(/邮箱别名/).fill('adm1n');
  await page.getByLabel('新密码').fill('gulikust1');
  await page.getByText('过于相似').waitFor();
  await page.getByLabel(/邮箱别名/).fill('guli.abudu');
  await page.getByRole('button', { name: '激活并进入邮箱' }).click();
  await page.getByText('至少 10 位').waitFor();
  await shoot(page, 'activate-3-wrong');
  await page.getByLabel('新密码').fill(PASSWORD);
  await shoot(page, 'activate-3');
  await page.getByRole('button', { name: '激活并进入邮箱' }).click();
  await page.getByText('欢迎').first().waitFor({ timeout: 20_000 });
  assert.deepEqual(complaints, []);
  await shoot(page, 'activate-done');

  await page.goto(`${origin}/settings/profile`);
  await page.getByText('guli.abudu@stu.kust.example').first().waitFor();
  await page.getByText(/起可再次更换/).waitFor();
  await shoot(page, 'settings-alias');
  await page.goto(`${origin}/settings/advanced`);
  await page.getByText('138****1234').first().waitFor();
  await shoot(page, 'settings-phone');
  await page.context().close();
});

test('half an hour over, or steps left out: one begins again, with what was typed', async () => {
  const { page } = await openPage('/activate/password');
  await page.getByLabel('学号').waitFor();
  assert.equal(new URL(page.url()).pathname, '/activate');
  await fillFirst(page, '2023002');
  await page.getByLabel('手机号').fill('13800001235');
  // As if its time were over: the server knows it no more.
  await page.evaluate(() =>
    fetch('/activation/leave', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
  );
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByText('已超过 30 分钟').waitFor();
  assert.equal(await page.getByLabel('学号').inputValue(), '2023002');
  await page.getByRole('button', { name: '下一步' }).click();
  await page.getByLabel('手机号').waitFor();
  assert.equal(await page.getByLabel('手机号').inputValue(), '13800001235');
  await page.context().close();
});

test('who forgot the password sets another by the telephone, and is out everywhere else', async () => {
  const elsewhere = await openPage('/sign-in', 1440);
  await elsewhere.page.getByLabel('工号或别名').fill('2023001');
  await elsewhere.page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await elsewhere.page.getByRole('button', { name: '登录', exact: true }).click();
  await elsewhere.page.getByText('欢迎').first().waitFor();

  const { page, complaints } = await openPage('/sign-in', 1440);
  await shoot(page, 'sign-in-1440');
  await page.getByRole('link', { name: '忘记密码' }).click();
  await page.getByLabel('工号或别名').fill('guli.abudu');
  await shoot(page, 'recover-1-1440');
  await page.getByRole('button', { name: '下一步' }).click();
  await page.getByText('138****1234').first().waitFor();
  // The number had its last SMS less than a minute ago, perhaps.
  await eventually(
    'a code may be sent',
    async () => {
      await page.getByRole('button', { name: '获取验证码' }).click();
      const sent = page.getByText('验证码已发出');
      const refused = page.getByText('短信发送过于频繁');
      await sent.or(refused).first().waitFor();
      return (await sent.count()) > 0;
    },
    90_000,
  );
  await shoot(page, 'recover-2-1440');
  await page.getByLabel('短信验证码').fill(await codeFor('13800001234'));
  await page.getByLabel('新密码').fill('山上的九棵-Cedar');
  await shoot(page, 'recover-3-1440');
  await page.getByRole('button', { name: '重设密码' }).click();
  await page.getByText('密码已重设').waitFor();
  await shoot(page, 'recover-4-1440');
  assert.deepEqual(complaints, []);

  await elsewhere.page.reload();
  await elsewhere.page.getByRole('heading', { name: '登录邮箱' }).waitFor();
  await elsewhere.page.getByLabel('工号或别名').fill('2023001');
  await elsewhere.page.getByLabel('密码', { exact: true }).fill('山上的九棵-Cedar');
  await elsewhere.page.getByRole('button', { name: '登录', exact: true }).click();
  await elsewhere.page.getByText('邮箱密码已重设').first().waitFor();
  await page.context().close();
  await elsewhere.page.context().close();
});
