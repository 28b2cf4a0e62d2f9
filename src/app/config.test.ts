import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseHostPort, readConfig, SETTINGS, variableName } from './config.ts';

const read = (toml: string, environment: Record<string, string> = {}) =>
  readConfig(toml, 'campusmail.toml', environment);

test('an empty file gives the defaults', () => {
  const config = read('');
  assert.equal(config.dataDir, './data');
  assert.deepEqual(config.listen.smtp, []);
  assert.equal(config.auth.plaintextOnLoopback, false);
});

test('sections, lists of addresses and variables are read, the variables last', () => {
  const config = read('hostname = "mail.kust.edu.cn"\n[listen]\nimap = ["127.0.0.1:2143", "[::1]:2143", ":143"]\n', {
    CAMPUSMAIL_HOSTNAME: 'mx.kust.edu.cn',
    CAMPUSMAIL_LISTEN_SMTP: '127.0.0.1:0, 127.0.0.2:25',
    CAMPUSMAIL_AUTH_PLAINTEXT_ON_LOOPBACK: 'true',
    CAMPUSMAIL_LIMITS_RECIPIENTS: '500',
  });
  assert.equal(config.hostname, 'mx.kust.edu.cn');
  assert.deepEqual(config.listen.imap, [
    { host: '127.0.0.1', port: 2143 },
    { host: '::1', port: 2143 },
    { host: '::', port: 143 },
  ]);
  assert.deepEqual(config.listen.smtp, [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.2', port: 25 },
  ]);
  assert.equal(config.auth.plaintextOnLoopback, true);
  assert.equal(config.limits.recipients, 500);
});

test('an unknown key is named, with the nearest known one', () => {
  assert.throws(() => read('[listen]\nimapp = []'), {
    name: 'ConfigError',
    message: 'campusmail.toml: there is no setting "listen.imapp"; did you mean "listen.imap"?',
  });
  assert.throws(() => read('datadir = "x"'), /did you mean "data_dir"/);
  assert.throws(
    () => read('', { CAMPUSMAIL_HOSTNAM: 'x' }),
    /behind CAMPUSMAIL_HOSTNAM; did you mean "CAMPUSMAIL_HOSTNAME"/,
  );
});

test('wrong values say what is wanted', () => {
  assert.throws(() => read('hostname = 5'), /hostname must be a text, not 5/);
  assert.throws(() => read('[listen]\nimap = ["localhost"]'), /listen.imap must be a list of "host:port"/);
  assert.throws(() => read('[limits]\nrecipients = 3'), /at least 100/);
  assert.throws(() => read('[log]\nlevel = "loud"'), /one of debug, info, warn, error/);
  for (const secret of ['ehall', 'ehall short', `ehall ${'a b'.repeat(20)}`])
    assert.throws(() => read(`[portal]\nsecrets = ["${secret}"]`), /portal.secrets are each "NAME SECRET"/, secret);
  assert.throws(() => read('[tls]\ncert = "a.pem"'), /belong together/);
  assert.throws(() => read('[store]\nurl = "mysql://x"'), /store.url must begin with/);
  assert.throws(() => read('[dns]\nservers = ["::1", "dns.example"]'), /dns.servers must be numeric .*"dns.example"/);
  assert.throws(() => read('[class.dean]\nrecipients = 5'), /no setting "class.dean.recipients"; did you mean/);
  assert.throws(() => read('hostname = '), ConfigError);
});

test('realms are tables, in the file or as JSON in a variable', () => {
  const toml =
    '[[realm]]\nname = "staff"\ndomain = "KUST.example"\nweb = "mail.kust.example"\nmore_hosts = ["m.kust.example"]';
  const [realm] = read(toml).realms;
  assert.deepEqual(
    [realm?.title, realm?.domain, realm?.hosts, realm?.webHosts, realm?.serviceClass, realm?.isStrict],
    [
      'staff',
      'kust.example',
      ['mail.kust.example', 'm.kust.example'],
      ['mail.kust.example', 'm.kust.example'],
      'staff',
      false,
    ],
  );
  const given = read(toml, { CAMPUSMAIL_REALM: '[{"name":"student","domain":"stu.kust.example","class":"student"}]' });
  assert.deepEqual(
    given.realms.map(({ name, serviceClass }) => [name, serviceClass]),
    [['student', 'student']],
  );
});

test('what is wrong with a table is named', () => {
  assert.throws(() => read('[[realm]]\nnmae = "staff"'), /a realm has no "nmae"; did you mean "name"\?/);
  assert.throws(() => read('[realm]\nname = "staff"'), /no setting "realm.name"/);
  assert.throws(() => read('[[realm]]\nname = "staff"\nclass = "dean"'), /realm.class must be one of staff, student/);
  assert.throws(() => read('[[realm]]\nname = "Staff"'), /realm: name must be a short word/);
  assert.throws(() => read('[[realm]]\nname = "staff"'), /realm: staff: domain "" is no name/);
  const staff = '[[realm]]\nname = "staff"\ndomain = "a.example"\nweb = "mail.a.example"\n';
  assert.throws(() => read(`${staff}${staff.replace('staff', 'student')}`), /the domain "a.example" is given twice/);
  assert.throws(() => read(staff.replace('web = "mail.a.example"', 'strict = true')), /strict needs hosts/);
  assert.throws(() => read('', { CAMPUSMAIL_REALM: 'staff' }), /CAMPUSMAIL_REALM: realm must be tables/);
  assert.throws(() => read('[[tls.certificates]]\ncert = "a.pem"'), /each needs cert and key/);
});

test('programs that may be let in by a token', () => {
  const toml = '[[oauth_client]]\nid = "program"\nredirects = ["http://127.0.0.1/back"]\n';
  const all = ['imap', 'pop', 'smtp', 'jmap', 'offline_access'];
  const program = { clientId: 'program', title: 'program', redirects: ['http://127.0.0.1/back'], scopes: all };
  assert.deepEqual(read(toml).oauthClients, [program]);
  assert.deepEqual(read('').oauthClients, []);
  const named = read(`${toml}name = "云岭邮件"\nscopes = ["smtp", "imap"]`).oauthClients[0];
  assert.deepEqual([named?.title, named?.scopes], ['云岭邮件', ['imap', 'smtp']]);
  for (const [bad, why] of [
    [toml + toml, /program is given twice/],
    [toml.replace('id = "program"', ''), /id must be a word/],
    [toml.replace('"program"', '"a b"'), /id must be a word/],
    [toml.replace('["http://127.0.0.1/back"]', '[]'), /redirects must name one/],
    [toml.replace('http://127.0.0.1/back', 'http://mail.example/back'), /must be https, or http:\/\/127/],
    [toml.replace('http://127.0.0.1/back', 'javascript:alert(1)'), /must have a scheme with a dot/],
    [toml.replace('/back', '/back#x'), /must have no fragment/],
    [`${toml}scopes = ["everything"]`, /there is no scope "everything"/],
  ] as const)
    assert.throws(() => read(bad), why, bad);
});

test('a domain that is given up: days and instants, with what is usual between them', () => {
  const toml =
    '[[domain_sunset]]\ndomain = "OLD.example"\nsuccessor = "new.example"\nrefused = 2020-09-17T00:00:00+08:00\n';
  const { sunsets, maintenance } = read(
    `${toml}[[maintenance]]\nfrom = "2019-09-16T10:00:00+08:00"\nuntil = 2019-09-16T12:00:00+08:00`,
  ).domainPlans;
  const day = 86_400_000;
  const refusedAt = Date.UTC(2020, 8, 16, 16);
  assert.deepEqual(sunsets, [
    {
      domain: 'old.example',
      successor: 'new.example',
      announcedAt: refusedAt - 180 * day,
      sendBlockedAt: refusedAt - 30 * day,
      refusedAt,
      goneAt: refusedAt + 365 * day,
      setsReplyTo: true,
    },
  ]);
  assert.deepEqual(maintenance, [{ domain: null, from: Date.UTC(2019, 8, 16, 2), until: Date.UTC(2019, 8, 16, 4) }]);
  // A day alone: it still works through it, in this computer's zone.
  const whole = read(toml.replace('2020-09-17T00:00:00+08:00', '2020-09-16')).domainPlans.sunsets[0]?.refusedAt;
  assert.equal(whole, new Date(2020, 8, 17).getTime());
  for (const [bad, why] of [
    [toml.replace('refused = 2020-09-17T00:00:00+08:00', ''), /refused must be an instant or a day/],
    [`${toml}announced = 2020-10-01`, /must follow one another/],
    [toml.replace('new.example', 'old.example'), /cannot succeed itself/],
    [toml + toml, /given twice/],
    ['[[maintenance]]\nfrom = 2020-01-02\nuntil = 2020-01-01', /from must lie before until/],
  ] as const)
    assert.throws(() => read(bad), why, bad);
});

test('no two settings share a variable', () => {
  const names = Object.keys(SETTINGS).map(variableName);
  assert.equal(new Set(names).size, names.length);
});

test('parseHostPort refuses what is no address', () => {
  for (const text of ['', '25', 'host:', 'host:70000', '::1:25', 'a b:c']) assert.equal(parseHostPort(text), undefined);
});
