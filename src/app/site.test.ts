import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XMLParser } from 'fast-xml-parser';
import type { Site } from '#contract/site.ts';
import type { Clock } from '#base/clock.ts';
import { DomainLives } from '#directory/domain-lives.ts';
import { Realms } from '#directory/realms.ts';
import type { HttpAnswer, HttpRequest } from '#http/types.ts';
import { clientSettingsRoutes } from './client-settings.ts';
import { ConfigError, readConfig } from './config.ts';
import { siteRoute, type SiteFacts } from './site.ts';
import type { ListenerPlan } from './thread-messages.ts';

const SETTINGS = `
hostname = "mail.kust.example"
[site]
name = "昆明 & 理工"
phones = ["0871-65915868"]
notices = ["2026-09-01 关于 新系统", "2026-10-02 停机 https://kust.example/n?a=1"]
[[realm]]
name = "staff"
domain = "kust.example"
web = "mail.kust.example"
[[realm]]
name = "student"
title = "学生邮件系统"
domain = "stu.kust.example"
class = "student"
web = "mail.stu.kust.example"
imap = "imap.stu.kust.example"
pop3 = "pop.stu.kust.example"
smtp = "smtp.stu.kust.example"
more_hosts = ["mail.stu.kust.localhost"]
[[domain_sunset]]
domain = "kmust.example"
successor = "kust.example"
announced = 2026-09-01T00:00:00+08:00
send_blocked = 2027-08-02T00:00:00+08:00
refused = 2027-09-01T00:00:00+08:00
[[domain_sunset]]
domain = "older.example"
successor = "kust.example"
announced = 2026-12-01T00:00:00+08:00
refused = 2028-09-01T00:00:00+08:00
`;

const LISTENERS: readonly ListenerPlan[] = [
  { name: 'submissions', host: '::', port: 994 },
  { name: 'submissions', host: '::', port: 465 },
  { name: 'submission', host: '::', port: 2587 },
  { name: 'imaps', host: '::', port: 993 },
  { name: 'smtp', host: '::', port: 25 },
];

const config = readConfig(SETTINGS, 'test', {});

const facts: SiteFacts = {
  config,
  directory: {
    realms: new Realms(config.realms),
    lives: new DomainLives(config.domainPlans, { now: () => Date.parse('2026-11-01T00:00:00Z') } as Clock),
    listDomains: async () => ['kust.example', 'stu.kust.example'].map((domain) => ({ domain, createdAt: 0 })),
  },
  notices: {
    newest: async (realm) =>
      realm === 'student'
        ? [
            {
              noticeId: 12,
              number: '',
              title: '迎新',
              publishedAt: Date.parse('2026-09-02T17:00:00Z'),
              editedAt: null,
              withdrawnAt: null,
              realm,
              views: 0,
            },
          ]
        : [],
  },
  listeners: async () => LISTENERS,
};
const routes = [siteRoute(facts), ...clientSettingsRoutes(facts)];

async function ask(path: string, request: Partial<HttpRequest> = {}): Promise<HttpAnswer> {
  const url = new URL(path, 'http://here');
  const route = routes.find((one) => one.path === url.pathname);
  assert.ok(route, path);
  const host = request.host ?? 'mail.kust.example';
  return route.respond({
    host,
    origin: `https://${host}`,
    query: url.searchParams,
    params: {},
    ...request,
  } as HttpRequest);
}

function bodyOf({ body }: HttpAnswer): string {
  assert.ok(typeof body === 'string');
  return body;
}

const siteAt = async (host: string) => JSON.parse(bodyOf(await ask('/site', { host }))) as Site;

test('domains that end are named once it is announced', async () => {
  assert.deepEqual((await siteAt('mail.kust.example')).endings, [
    {
      domain: 'kmust.example',
      successor: 'kust.example',
      sendBlockedAt: '2027-08-01T16:00:00.000Z',
      refusedAt: '2027-08-31T16:00:00.000Z',
    },
  ]);
});

test('each host is its own people’s: realm, servers, and where the others sign in', async () => {
  const staff = await siteAt('mail.kust.example');
  assert.deepEqual(
    [staff.realm, staff.domain, staff.otherRealmUrl, staff.name],
    ['staff', 'kust.example', 'https://mail.stu.kust.example/', '昆明 & 理工'],
  );
  assert.deepEqual(staff.servers, [
    { protocol: 'imap', host: 'mail.kust.example', port: 993, security: 'tls' },
    { protocol: 'smtp', host: 'mail.kust.example', port: 465, security: 'tls' },
    { protocol: 'smtp', host: 'mail.kust.example', port: 2587, security: 'starttls' },
  ]);
  const students = await siteAt('mail.stu.kust.example');
  assert.deepEqual([students.realm, students.domain], ['student', 'stu.kust.example']);
  assert.deepEqual(
    students.servers.map(({ host }) => host),
    ['imap.stu.kust.example', 'smtp.stu.kust.example', 'smtp.stu.kust.example'],
  );
  assert.equal((await siteAt('10.0.0.1')).domain, 'kust.example', 'a name we do not know is the first domain’s');
});

test('notices come with the newest first; what is none is refused', async () => {
  assert.deepEqual(
    (await siteAt('mail.kust.example')).notices.map(({ title, publishedOn, url }) => [title, publishedOn, url]),
    [
      ['停机', '2026-10-02', 'https://kust.example/n?a=1'],
      ['关于 新系统', '2026-09-01', null],
    ],
  );
  assert.deepEqual(
    (await siteAt('mail.stu.kust.example')).notices.map(({ title, publishedOn, url }) => [title, publishedOn, url]),
    [
      ['迎新', '2026-09-03', '/notices/12'],
      ['停机', '2026-10-02', 'https://kust.example/n?a=1'],
      ['关于 新系统', '2026-09-01', null],
    ],
    'what is published here stands before the settings',
  );
  for (const line of ['site.notices = ["soon: x"]', 'site.servers = ["kust.example imap"]', 'site.mail = "desk"'])
    assert.throws(() => readConfig(line, 'test', {}), ConfigError, line);
});

const parser = new XMLParser({ ignoreAttributes: false });
const parse = (answer: HttpAnswer) => parser.parse(bodyOf(answer)) as Record<string, unknown>;

test('Thunderbird finds the servers of its user’s domain', async () => {
  const path = '/mail/config-v1.1.xml';
  const byAddress = parse(await ask(`${path}?emailaddress=2023%40stu.kust.example`));
  const { emailProvider } = byAddress['clientConfig'] as { emailProvider: Record<string, Record<string, unknown>> };
  assert.equal(emailProvider['@_id'], 'stu.kust.example');
  assert.equal(emailProvider['displayName'], '昆明 & 理工');
  assert.deepEqual(emailProvider['incomingServer'], {
    hostname: 'imap.stu.kust.example',
    port: 993,
    socketType: 'SSL',
    authentication: 'password-cleartext',
    username: '%EMAILADDRESS%',
    '@_type': 'imap',
  });
  assert.match(bodyOf(await ask(path, { host: 'autoconfig.stu.kust.example' })), /imap\.stu\.kust\.example/);
  assert.match(
    bodyOf(await ask(`/.well-known/autoconfig${path}`, { host: 'kust.example' })),
    /<hostname>mail\.kust\.example</,
  );
  assert.equal((await ask(`${path}?emailaddress=x%40elsewhere.example`)).status, 404);
  assert.equal((await ask(path, { host: 'elsewhere.example' })).status, 404);
});

test('Outlook is answered by XML, and led there by JSON', async () => {
  const post = (address: string) =>
    ask('/autodiscover/autodiscover.xml', {
      readBody: async () =>
        Buffer.from(`<Autodiscover><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`),
    });
  const answer = parse(await post('2023@stu.kust.example'));
  const { Response } = answer['Autodiscover'] as { Response: { Account: { Protocol: Record<string, unknown>[] } } };
  assert.deepEqual(
    Response.Account.Protocol.map((one) => [
      one['Type'],
      one['Server'],
      one['Port'],
      one['Encryption'],
      one['LoginName'],
    ]),
    [
      ['IMAP', 'imap.stu.kust.example', 993, 'SSL', '2023@stu.kust.example'],
      ['SMTP', 'smtp.stu.kust.example', 465, 'SSL', '2023@stu.kust.example'],
      ['SMTP', 'smtp.stu.kust.example', 2587, 'TLS', '2023@stu.kust.example'],
    ],
  );
  for (const address of ['x@elsewhere.example', 'no address', '<b>@kust.example'])
    assert.equal((await post(address)).status, 404, address);

  const json = '/autodiscover/autodiscover.json?Email=a%40kust.example&Protocol=';
  assert.deepEqual(JSON.parse(bodyOf(await ask(`${json}AutodiscoverV1`))), {
    Protocol: 'AutodiscoverV1',
    Url: 'https://mail.kust.example/autodiscover/autodiscover.xml',
  });
  assert.equal((await ask(`${json}ActiveSync`)).status, 400);
});

test('an iPhone’s profile names its user, and is the same each time', async () => {
  const path = '/campusmail.mobileconfig?address=2023%40stu.kust.example';
  const [first, second] = [await ask(path), await ask(path)];
  assert.equal(first.contentType, 'application/x-apple-aspen-config');
  assert.equal(first.body, second.body);
  for (const part of [
    '<key>EmailAddress</key><string>2023@stu.kust.example</string>',
    '<key>IncomingMailServerHostName</key><string>imap.stu.kust.example</string>',
    '<key>OutgoingMailServerPortNumber</key><integer>465</integer>',
    '<key>PayloadDisplayName</key><string>昆明 &amp; 理工</string>',
  ])
    assert.ok(bodyOf(first).includes(part), part);
  assert.doesNotMatch(bodyOf(await ask('/campusmail.mobileconfig')), /EmailAddress|Username/);
});
