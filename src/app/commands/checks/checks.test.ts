import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { temporaryFolder, testConfig } from '#app/commands/testing/test-system.ts';
import { systemClock } from '#base/clock.ts';
import { ensureCertificates } from '#app/certificates.ts';
import { type DkimKeyState, formatKeyRecord, keyRecordName, makeDkimKey } from '#trust/dkim-keys.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { checkCertificates } from './certificate.ts';
import { checkDataDir } from './data-dir.ts';
import { checkRecords } from './dns-records.ts';
import { checkDns, type DnsLookup } from './dns.ts';
import type { Finding } from './finding.ts';
import { checkListeners } from './listeners.ts';
import { checkSettings } from './settings.ts';

const levels = (findings: readonly Finding[]) => findings.map(({ level, what }) => `${level} ${what.split(' ')[0]}`);

async function listen(t: TestContext, greeting: string): Promise<number> {
  const server = createServer((socket) => void socket.end(greeting));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('each port must answer as what it should be', async (t) => {
  const [smtp, imap, other] = await Promise.all(
    ['220 mail ESMTP\r\n', '* OK ready\r\n', 'SSH-2.0-x\r\n'].map((text) => listen(t, text)),
  );
  const config = testConfig(
    temporaryFolder(t),
    `[listen]\nsmtp = ["127.0.0.1:${smtp}"]\nimap = [":${imap}"]\npop3 = ["127.0.0.1:${other}"]\nlmtp = ["127.0.0.1:0"]`,
  );
  const found = await checkListeners(config, true);
  assert.deepEqual(levels(found), ['ok smtp', 'ok lmtp', 'ok imap', 'FAIL pop3']);
  assert.match(found[3]?.text ?? '', /"SSH-2\.0-x"/);
  // No server of ours runs, yet somebody answers.
  assert.deepEqual(levels(await checkListeners(config, false)), ['FAIL smtp', 'ok lmtp', 'FAIL imap', 'FAIL pop3']);
});

test('a closed port is a failure while the server runs, and free when it does not', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  const config = testConfig(temporaryFolder(t), `[listen]\nimaps = ["127.0.0.1:${port}"]`);
  assert.deepEqual(levels(await checkListeners(config, true)), ['FAIL imaps']);
  assert.deepEqual(levels(await checkListeners(config, false)), ['ok imaps']);
});

test('a port that says nothing is not waited for', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const config = testConfig(temporaryFolder(t), `[listen]\nsmtp = ["127.0.0.1:${port}"]`);
  const [finding] = await checkListeners(config, true, 20);
  assert.match(finding?.text ?? '', /no answer within 0\.02 s/);
});

const lookup = (mx: Record<string, string[]>, addresses: Record<string, string[]>): DnsLookup => ({
  mailExchangers: async (domain) => mx[domain] ?? [],
  addresses: async (name) => addresses[name] ?? [],
});

test('DNS: the host has an address, each domain its MX', async () => {
  const records = lookup(
    { 'kust.edu.cn': ['mx.filter.cn', 'mail.kust.edu.cn'], 'stu.kust.edu.cn': ['mx.filter.cn'] },
    { 'mail.kust.edu.cn': ['192.0.2.1', '2001:db8::1'] },
  );
  const domains = ['kust.edu.cn', 'stu.kust.edu.cn', 'alumni.kust.edu.cn', 'demo.example'];
  const found = await checkDns('mail.kust.edu.cn', domains, records);
  assert.deepEqual(levels(found), ['ok dns', 'ok dns', 'warn dns', 'FAIL dns']);
  assert.match(found[3]?.mend ?? '', /^Add: alumni\.kust\.edu\.cn\. MX 10 mail\.kust\.edu\.cn\.$/);
  assert.deepEqual(levels(await checkDns('mail.kust.edu.cn', [], lookup({}, {}))), ['FAIL dns']);
});

test('DNS that does not answer is no failure of ours', async () => {
  const silent: DnsLookup = {
    mailExchangers: () => Promise.reject(new Error('queryMx ETIMEOUT kust.edu.cn')),
    addresses: () => Promise.reject(new Error('queryA ETIMEOUT mail.kust.edu.cn')),
  };
  const [finding] = await checkDns('mail.kust.edu.cn', ['kust.edu.cn'], silent);
  assert.deepEqual([finding?.level, /not checked/.test(finding?.text ?? '')], ['warn', true]);
  const [test] = await checkDns('localhost', ['kust.edu.cn'], silent);
  assert.equal(test?.level, 'ok');
});

test('a certificate: ended, soon to end, for another name, not readable', async (t) => {
  const folder = temporaryFolder(t);
  const [own] = await ensureCertificates(testConfig(folder));
  const config = testConfig(folder, `[tls]\ncert = "${own.cert}"\nkey = "${own.key}"`);
  const now = systemClock.now();
  const year = 365 * 86_400_000;
  assert.deepEqual(levels(await checkCertificates(config, now + 60_000)), ['ok certificate']);
  assert.deepEqual(levels(await checkCertificates(config, now + 11 * year)), ['FAIL certificate']);
  assert.deepEqual(levels(await checkCertificates(config, now + 10 * year - 3 * 86_400_000)), ['warn certificate']);
  assert.deepEqual(levels(await checkCertificates(config, now - year)), ['FAIL certificate']);
  assert.deepEqual(levels(await checkCertificates({ ...config, hostname: 'mx.kust.example' }, now + 60_000)), [
    'warn certificate',
  ]);
  const [selfMade] = await checkCertificates(testConfig(folder), now + 60_000);
  assert.match(selfMade?.text ?? '', /self-signed/);
  writeFileSync(join(folder, 'bad.key'), 'no key');
  const broken = { ...config, tls: { ...config.tls, key: join(folder, 'bad.key') } };
  assert.deepEqual(levels(await checkCertificates(broken, now)), ['FAIL certificate']);
});

test('data_dir: a clock set back and an interrupted restore show', async (t) => {
  const folder = temporaryFolder(t);
  const now = systemClock.now();
  const clockOf = async (nowMs: number) =>
    (await checkDataDir(folder, nowMs)).find(({ what }) => what === 'clock')?.level;
  writeFileSync(join(folder, 'restoring'), '');
  assert.equal(await clockOf(now + 1000), 'ok');
  assert.equal(await clockOf(now - 600_000), 'warn');
  assert.equal(await clockOf(now - 7_200_000), 'FAIL');
  const found = await checkDataDir(folder, now);
  assert.ok(found.some(({ level, text }) => level === 'FAIL' && text.includes('restore that was interrupted')));
});

test('settings that are seldom meant', (t) => {
  const config = testConfig(temporaryFolder(t));
  assert.match(checkSettings(config)[0]?.text ?? '', /no listener is set/);
  const good = testConfig('/x', '[listen]\nimaps = [":993"]');
  assert.deepEqual(levels(checkSettings(good)), ['ok settings']);
  assert.deepEqual(levels(checkSettings({ ...good, hostname: 'localhost' })), ['warn settings']);
});

test('DNS records: what is missing, unknown or waited for, a line each', async () => {
  const domain = 'kust.edu.cn';
  const config = testConfig('/nowhere', '');
  const key = await makeDkimKey(domain, 'c2019a', 'ed25519-sha256', 0);
  const records = { mx: [{ exchange: config.hostname, preference: 10 }], txt: ['v=spf1 mx -all'] };
  const dns = new FakeDns({ [domain]: records, [`_dmarc.${domain}`]: { txt: ['v=DMARC1; p=none'] } });
  const look = (state: DkimKeyState) => checkRecords([{ domain, keys: [{ ...key, state }], config }], dns);

  const [waiting] = await look('new');
  assert.match(waiting?.text ?? '', /^kust\.edu\.cn: DKIM keys wait for their records: c2019a$/);
  const [lacking] = await look('active');
  assert.match(lacking?.text ?? '', /lacks or has others: Signatures \(DKIM\)$/);
  assert.match(lacking?.mend ?? '', /^campusmail dns kust\.edu\.cn --check/);
  dns.set(keyRecordName(key), { txt: [formatKeyRecord(key)] });
  assert.deepEqual(levels(await look('active')), ['ok dns']);
  dns.set(`_dmarc.${domain}`, { isBroken: true });
  assert.match((await look('active'))[0]?.text ?? '', /no resolver could say: .*\(DMARC\)$/);
  // Nobody asks the world about names that are not in it.
  assert.deepEqual(await checkRecords([{ domain: 'kust.example', keys: [], config }], dns), []);
});
