/** T18 and more, as people do it: the school's sign-in, by CAS and by OpenID Connect, over the real server in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { employee } from '#directory/testing/person.ts';
import { CasServer } from '#sso/testing/cas-server.ts';
import { OIDC_CLIENT, OidcServer } from '#sso/testing/oidc-server.ts';
import { openCampus, PASSWORD, ZHANG, LI, type Campus } from '#test/harness/campus.ts';
import { addStudent, SCHOOL_SETTINGS, STAFF_DOMAIN, STUDENT_DOMAIN } from '#test/harness/school.ts';
import { buildWeb } from '#web/build.ts';
import { launchBrowser } from './web-pages.ts';

const STAFF = `mail.${STAFF_DOMAIN}`;
const STUDENTS = `mail.${STUDENT_DOMAIN}`;
const NUMBER = '20050012';
/** Lead to ZHANG and LI from the beginning. */
const LINKED = '20050011';
const LINKED_TO_LI = '20050015';

const PORTAL_SECRET = 'what-the-portal-of-the-test-shows-us';

let browser: Browser;
let cas: CasServer;
let campus: Campus;

before(async () => {
  await buildWeb({ mode: 'production', always: false });
  // The hosts of the school are all this machine.
  browser = await launchBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
  cas = new CasServer();
  await cas.listen();
  campus = await openCampus({
    settings: {
      ...SCHOOL_SETTINGS,
      CAMPUSMAIL_SSO_KIND: 'cas',
      CAMPUSMAIL_SSO_CAS_URL: `${cas.base}/cas`,
      CAMPUSMAIL_SITE_NAME: '云岭理工大学',
      CAMPUSMAIL_SITE_PHONES: '0871-65915868',
      CAMPUSMAIL_SIGNIN_CAPTCHA_AFTER: '1',
      CAMPUSMAIL_SMS_VENDORS: 'log',
      CAMPUSMAIL_PORTAL_SECRETS: `ehall ${PORTAL_SECRET}`,
    },
    async prepare(system) {
      await addStudent(system);
      const { directory } = system;
      await directory.enrolPeople(
        [NUMBER, LINKED, '20050013', '20050014', LINKED_TO_LI].map((number) => ({
          person: employee(number, '张三'),
          account: null,
        })),
      );
      for (const [number, address] of [
        [LINKED, ZHANG],
        [LINKED_TO_LI, LI],
      ] as const) {
        const found = await directory.resolveAddress(address);
        assert.ok(found.kind === 'account');
        await directory.linkPerson(number, found.accountId);
      }
    },
  });
});

after(async () => {
  await browser?.close();
  await campus?.[Symbol.asyncDispose]();
  await cas?.[Symbol.asyncDispose]();
});

const SHOTS = process.env['SHOTS'];
/** As wide as a desk's screen and as a telephone's. */
async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    await page.screenshot({ path: `${SHOTS}/${name}-${width}.png`, fullPage: true });
  }
}

async function openPage(path: string, host = STAFF, origin = originOf(host)): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    // The server has made its certificate itself.
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(origin + path);
  return page;
}

function originOf(host: string): string {
  return `https://${host}:${campus.server.ports['https']}`;
}

const enter = (page: Page) => page.getByRole('link', { name: '统一身份认证', exact: true }).click();
const isHome = (page: Page) => page.getByRole('button', { name: '写信' }).first().waitFor();

async function link(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('工号或别名').fill(login);
  await page.getByLabel('邮箱密码').fill(password);
  await page.getByRole('button', { name: '关联并进入邮箱' }).click();
}

test('S-07: who comes in for the first time by the school’s sign-in is asked to accept the terms, once', async () => {
  cas.user = LINKED_TO_LI;
  const page = await openPage('/sign-in?next=%2Fsettings%2Fprofile');
  await enter(page);
  const heading = page.getByRole('heading', { name: '邮箱使用与个人信息说明' });
  await heading.waitFor();
  await page.getByText('0871-65915868').waitFor();
  await shoot(page, 'terms');
  assert.equal(await page.evaluate(async () => (await fetch('/jmap/session')).status), 403);
  await page.getByRole('button', { name: '不同意，退出登录' }).click();
  await page.getByRole('heading', { name: '登录邮箱' }).waitFor();

  const again = await openPage('/sign-in?next=%2Fsettings%2Fprofile');
  await enter(again);
  await again.getByRole('button', { name: '同意并继续' }).click();
  await again.waitForURL(`${originOf(STAFF)}/settings/profile`);
  await again.getByText(LI).first().waitFor();
  await again.reload();
  await again.getByText(LI).first().waitFor();
});

test('T18: who has no mailbox sees why and a ticket, links one by its password, and is straight in from then on', async () => {
  cas.user = NUMBER;
  cas.attributes = { XM: '张三' };
  const page = await openPage('/sign-in?next=%2Fsettings%2Fprofile');
  await page.getByRole('link', { name: '统一身份认证', exact: true }).waitFor();
  await shoot(page, 'sso-button');
  await enter(page);
  await page.getByText('统一身份认证确认您是张三（20050012）').waitFor();
  assert.equal(page.url(), `${originOf(STAFF)}/sso/unlinked`);
  assert.match((await page.locator('.sign-in__ticket strong').textContent()) ?? '', /^[2-9A-HJ-NP-Z]{8}$/);
  await page.getByText('0871-65915868').waitFor();
  await shoot(page, 'sso-unlinked');

  await link(page, ZHANG, 'wrong');
  await page.getByRole('alert').filter({ hasText: '用户名或密码不正确' }).waitFor();
  await shoot(page, 'sso-unlinked-wrong');
  // From the second attempt on there is a captcha, which the page solves.
  await link(page, ZHANG, PASSWORD);
  await page.waitForURL(`${originOf(STAFF)}/settings/profile`);
  await page.getByText(ZHANG).first().waitFor();

  const again = await openPage('/sign-in');
  await enter(again);
  await isHome(again);
  assert.equal(new URL(again.url()).search, '', 'the ticket stays in no address');

  // Signed out there: signed out here.
  const spent = cas.lastTicket;
  const { http } = campus.server.ports;
  const ended = await fetch(`http://127.0.0.1:${http}/auth/sso/callback`, {
    method: 'POST',
    body: new URLSearchParams({ logoutRequest: CasServer.logoutRequest(spent) }),
  });
  assert.equal(ended.status, 204);
  await again.reload();
  await again.getByRole('heading', { name: '登录邮箱' }).waitFor();

  // Signed out here: told to sign out there.
  await page.getByRole('button', { name: /^账号/ }).click();
  await page.getByRole('menuitem', { name: '退出登录' }).click();
  await page.getByText('您已退出邮箱').waitFor();
  await shoot(page, 'sso-signed-out');
  await page.getByRole('link', { name: '退出统一身份认证' }).click();
  await page.getByText('signed out').waitFor();
  assert.deepEqual(cas.loggedOut, [`${originOf(STAFF)}/`]);
});

test('a mailbox with a second step is linked after that, too, and not by its password alone', async () => {
  // Li sets up codes by an app.
  const own = await openPage('/sign-in');
  await own.getByLabel('工号或别名').fill(LI);
  await own.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await own.getByRole('button', { name: '登录', exact: true }).click();
  await isHome(own);
  const post = (path: string, body: object) =>
    own.evaluate(
      async ([path, body]) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(path, { method: 'POST', headers, body });
        return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>);
      },
      [path, JSON.stringify(body)] as const,
    );
  const { secret = '', token = '' } = await post('/auth/security/totp/begin', {});
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  await post('/auth/security/totp', { token, code: totp.generate() });

  cas.user = '20050013';
  const page = await openPage('/sign-in');
  await enter(page);
  await link(page, LI, PASSWORD);
  await page.getByRole('heading', { name: '二次验证' }).waitFor();
  await shoot(page, 'sso-second-step');
  await page.getByLabel('6 位验证码').fill('000000');
  await page.getByRole('button', { name: '继续' }).click();
  await page.getByRole('alert').filter({ hasText: '验证没有通过' }).waitFor();
  // The code of now has been used; clocks may differ by one.
  await page.getByLabel('6 位验证码').fill(totp.generate({ timestamp: Date.now() + 30_000 }));
  await page.getByRole('button', { name: '继续' }).click();
  await isHome(page);

  // The school's sign-in is not taken for the second step.
  const next = await openPage('/sign-in');
  await enter(next);
  await next.getByRole('alert').filter({ hasText: '开启了二次验证' }).waitFor();
  await shoot(next, 'sso-has-second-step');
});

test('whoever is signed in to another mailbox here sees the page all the same; who is in no roster links nothing', async () => {
  cas.user = '99999999';
  const page = await openPage('/sign-in');
  await page.getByLabel('工号或别名').fill(ZHANG);
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await isHome(page);
  await page.goto(`${originOf(STAFF)}/auth/sso/start`);
  await page.getByText('人员名册里没有这个工号/学号').waitFor();
  assert.equal(await page.getByLabel('邮箱密码').count(), 0);
  await shoot(page, 'sso-not-in-roster');
});

test('a server that is away is told of, and the mailbox password still works', async () => {
  cas.user = LINKED;
  cas.lie = '<html>502</html>';
  const page = await openPage('/sign-in');
  await enter(page);
  await page.getByRole('alert').filter({ hasText: '统一身份认证暂时不可用' }).waitFor();
  await shoot(page, 'sso-unavailable');
  cas.lie = undefined;
  await page.getByLabel('工号或别名').fill(ZHANG);
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await isHome(page);
});

test('T9: staff who begin at the students’ host have no session there, and are led to their own', async () => {
  cas.user = LINKED;
  const page = await openPage('/sign-in?next=%2Fsettings%2Fprofile', STUDENTS);
  await enter(page);
  await page.waitForURL(`${originOf(STAFF)}/settings/profile`);
  await page.getByText(ZHANG).first().waitFor();
  const status = async (host: string) => {
    await page.goto(`${originOf(host)}/sign-in`);
    return page.evaluate(async () => (await fetch('/auth/session')).status);
  };
  assert.deepEqual([await status(STUDENTS), await status(STAFF)], [401, 200]);
  // The password of a student's mailbox links nothing at the staff's host: it names the right one.
  cas.user = '20050014';
  const other = await openPage('/sign-in');
  await enter(other);
  await link(other, `2023ab1@${STUDENT_DOMAIN}`, PASSWORD);
  await other.getByRole('alert').filter({ hasText: '请到学生邮件系统登录' }).waitFor();
  assert.equal(await other.getByRole('link', { name: '前往' }).getAttribute('href'), `${originOf(STUDENTS)}/`);
  await shoot(other, 'sso-wrong-door');
});

test('a portal leads to the unread, to a letter begun, to the page of a ticket', async () => {
  cas.user = LINKED;
  await campus.deliver(ZHANG, 'Subject: =?utf-8?B?6YCa55+l?=\r\n\r\nhello\r\n');
  // Nobody is signed in: by the school's sign-in, and then where the link leads.
  const page = await openPage('/open?to=unread');
  await page.getByText('通知').first().waitFor();
  assert.equal(new URL(page.url()).pathname, '/mail/inbox');
  await shoot(page, 'open-unread');
  await page.goto(`${originOf(STAFF)}/open?to=compose&recipient=${LI}`);
  await page.getByText(LI).first().waitFor();
  await page.getByLabel('主题').waitFor();
  await shoot(page, 'open-compose');

  const { http } = campus.server.ports;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${http}${path}`, { ...init, headers: { authorization: `Bearer ${PORTAL_SECRET}` } });
  assert.deepEqual(await (await ask(`/portal/unread?number=${LINKED}`)).json(), { unread: 1 });
  const { url } = (await (
    await ask('/portal/tickets', { method: 'POST', body: JSON.stringify({ number: LINKED, to: 'contacts' }) })
  ).json()) as { url: string };
  const { pathname, search, hash } = new URL(url);
  // The school's sign-in is not asked.
  const before = cas.asked.length;
  const fresh = await openPage(pathname + search + hash);
  await fresh.waitForURL(`${originOf(STAFF)}/contacts`);
  await fresh.getByRole('heading', { name: '通讯录' }).first().waitFor();
  assert.equal(cas.asked.length, before);
});

test('by OpenID Connect it is the same', async () => {
  await using provider = new OidcServer();
  await provider.listen();
  provider.number = '777';
  await using school = await openCampus({
    settings: {
      CAMPUSMAIL_SSO_KIND: 'oidc',
      CAMPUSMAIL_SSO_NAME: '校园统一登录',
      CAMPUSMAIL_SSO_OIDC_ISSUER: provider.issuer,
      CAMPUSMAIL_SSO_OIDC_CLIENT_ID: OIDC_CLIENT.id,
      CAMPUSMAIL_SSO_OIDC_CLIENT_SECRET: OIDC_CLIENT.secret,
      CAMPUSMAIL_SSO_NUMBER_ATTRIBUTES: 'number',
      CAMPUSMAIL_SSO_NAME_ATTRIBUTES: 'name',
    },
    prepare: (system) =>
      system.directory.enrolPeople([{ person: employee('777', '张三'), account: null }]).then(() => {}),
  });
  const origin = `http://localhost:${school.server.ports['http']}`;
  provider.serve(origin);
  const arrive = async () => {
    const page = await openPage('/sign-in', 'localhost', origin);
    await page.getByRole('link', { name: '校园统一登录' }).click();
    return page;
  };
  const page = await arrive();
  await page.getByText('您是张三（777）').waitFor();
  await link(page, ZHANG, PASSWORD);
  await isHome(page);
  await isHome(await arrive());
});

test('T8: whoever has bound no telephone is advised to, and may put it off', async () => {
  const page = await openPage('/sign-in');
  const enterAsZhang = async () => {
    await page.getByLabel('工号或别名').fill(ZHANG);
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: '登录', exact: true }).click();
  };
  await enterAsZhang();
  const advice = page.getByText('您还没有绑定手机');
  await advice.waitFor();
  await shoot(page, 'phone-nag');
  await page.getByRole('button', { name: '以后再说' }).click();
  await advice.waitFor({ state: 'detached' });
  await page.reload();
  await isHome(page);
  assert.equal(await advice.count(), 0);
});
