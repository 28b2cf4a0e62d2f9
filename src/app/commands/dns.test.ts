/** Keys and records by the command line, against a DNS of our own. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { TestDnsServer } from '#dns/testing/dns-server.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { formatKeyRecord, keyRecordName } from '#trust/dkim-keys.ts';
import { dns as dnsCommand } from './dns.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem, Person, type TestSystem } from './testing/test-system.ts';

const DOMAIN = 'kust.example';
const HOST = 'mail.kust.example';

const PUBLISHED: Zone = {
  [DOMAIN]: { mx: [{ exchange: HOST, preference: 10 }], txt: ['v=spf1 ip4:192.0.2.1 -all', 'something else'] },
  [`_dmarc.${DOMAIN}`]: { txt: ['v=DMARC1; p=reject'] },
  [`_imaps._tcp.${DOMAIN}`]: { srv: [{ priority: 5, weight: 0, port: 993, target: HOST }] },
  [`_imap._tcp.${DOMAIN}`]: { srv: [{ priority: 0, weight: 1, port: 143, target: 'old.kust.example' }] },
};

interface Campus extends TestSystem {
  readonly dns: TestDnsServer;
  /** Puts what a key needs into the DNS. */
  publish(selector: string): Promise<void>;
}

async function openCampus(t: TestContext, toml = ''): Promise<Campus> {
  const dns = await TestDnsServer.start({ zone: PUBLISHED });
  t.after(() => dns[Symbol.asyncDispose]());
  const opened = await openTestSystem(t, `${toml}\n[dns]\nservers = ["${dns.address}"]\n[listen]\nimaps = [":993"]`);
  await opened.system.directory.addDomain(DOMAIN);
  return {
    ...opened,
    dns,
    async publish(selector) {
      const key = (await opened.system.trustStore.reader.dkimKeys(DOMAIN)).find((one) => one.selector === selector);
      assert.ok(key);
      dns.zone = { ...dns.zone, [keyRecordName(key)]: { txt: [formatKeyRecord(key)] } };
    },
  };
}

async function addKey({ run }: Campus, ...words: readonly string[]): Promise<string> {
  const { out } = await run(['dkim', 'add', DOMAIN, ...words]);
  const selector = /dkim activate \S+ (\S+)\n$/.exec(out)?.[1];
  assert.ok(selector, out);
  return selector;
}

test('a key is made, published, activated, retired, and gone', async (t) => {
  const campus = await openCampus(t);
  const { run } = campus;
  const first = await addKey(campus);
  const record = new RegExp(`^${first}\\._domainkey\\.kust\\.example\\. IN TXT .*k=rsa; h=sha256; p=`, 'm');
  assert.match((await run(['dns', DOMAIN])).out, record);
  await assert.rejects(run(['dkim', 'activate', DOMAIN, first]), failsWith(1, /no such record yet[^]*IN TXT/));
  await campus.publish(first);
  // The DNS has just said that there is none, and may say so for a minute.
  await run(['dkim', 'activate', DOMAIN, first, '--force']);
  assert.match((await run(['dkim', 'list'])).out, new RegExp(`^kust\\.example +${first} +rsa-sha256 +signs +since`));

  const second = await addKey(campus, '--algorithm', 'rsa-sha256');
  await campus.publish(second);
  await run(['dkim', 'activate', DOMAIN, second]);
  assert.match((await run(['dkim', 'list', DOMAIN])).out, new RegExp(`${first} +rsa-sha256 +signs no more`));
  await assert.rejects(run(['dkim', 'activate', DOMAIN, first, '--force']), failsWith(1, /retired/));
  await assert.rejects(run(['dkim', 'remove', DOMAIN, first]), failsWith(1, /still be on its way/));
  await run(['dkim', 'retire', DOMAIN, second]);
  assert.doesNotMatch((await run(['dkim', 'list', '--json'])).out, /PRIVATE/);

  await run(['dkim', 'remove', DOMAIN, await addKey(campus)]);
  await assert.rejects(run(['dkim', 'remove', DOMAIN, 'nothere']), failsWith(1, /has no key nothere/));
  await assert.rejects(run(['dkim', 'add', 'other.example']), failsWith(1, /no domain of this server/));
  await assert.rejects(run(['dkim', 'add', DOMAIN, '--algorithm', 'rsa-sha1']), failsWith(2, /rsa-sha256 or/));
});

test('a domain that is added has its keys at once, unless they are made by hand', async (t) => {
  const { run } = await openCampus(t);
  await run(['domain', 'add', 'new.example']);
  assert.match(
    (await run(['dkim', 'list', 'new.example'])).out,
    /^new\.example +\w+ +rsa-sha256 +waits .*\nnew\.example +\w+ +ed25519-sha256 +waits .*\n$/,
  );
  assert.match((await run(['dns', 'new.example'])).out, /k=rsa;.*\n.*k=ed25519;/);
  const byHand = await openCampus(t, '[dkim]\nautomatic = false');
  await byHand.run(['domain', 'add', 'new.example']);
  assert.match((await byHand.run(['dkim', 'list', 'new.example'])).out, /none yet/);
});

test('all records of a domain are shown', async (t) => {
  const { run } = await openCampus(t, '[mta_sts]\nmode = "enforce"');
  const { out, exit } = await run(['dns']);
  assert.equal(exit, 0);
  for (const line of [
    'kust.example. IN MX 10 mail.kust.example.',
    'kust.example. IN TXT "v=spf1 mx -all"',
    '_dmarc.kust.example. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@kust.example"',
    'mta-sts.kust.example. IN CNAME mail.kust.example.',
    '_smtp._tls.kust.example. IN TXT "v=TLSRPTv1; rua=mailto:tls-reports@kust.example"',
    '_imaps._tcp.kust.example. IN SRV 0 1 993 mail.kust.example.',
    // RFC 6186 §3.4: what is not offered says so.
    '_pop3._tcp.kust.example. IN SRV 0 0 0 .',
    ';   mode: enforce',
  ]) {
    assert.ok(out.split('\n').includes(line), `${line} in\n${out}`);
  }
  assert.match(out, /^_mta-sts\.kust\.example\. IN TXT "v=STSv1; id=[0-9a-f]{20}"$/m);
});

test('what two domains share is shown once', async (t) => {
  const { run, system } = await openCampus(t);
  await system.directory.addDomain('stu.kust.example');
  const { out } = await run(['dns']);
  assert.equal(out.match(/^mail\.kust\.example\. IN TXT /gm)?.length, 1);
  assert.equal(out.match(/ IN MX /g)?.length, 2);
});

test('what the DNS lacks is told', async (t) => {
  const campus = await openCampus(t);
  const { dns, run } = campus;
  const { out, exit } = await run(['dns', DOMAIN, '--check']);
  assert.equal(exit, 0, out);
  assert.match(out, /^kust\.example\. IN MX .* ; ok$/m);
  assert.match(out, /^kust\.example\. IN TXT .*spf1.* ; ok$/m);
  assert.match(out, /^_dmarc.* ; ok$/m);
  assert.match(out, /^_smtp\._tls.* ; MISSING$/m);
  assert.match(out, /^_imaps\._tcp\.kust\.example\. IN SRV 0 1 993 mail\.kust\.example\. ; ok$/m);
  assert.match(out, /^_imap\._tcp\..* IN SRV 0 0 0 \. ; DIFFERENT: SRV 0 1 143 old\.kust\.example\.$/m);
  assert.match(out, /^_pop3\._tcp\..* ; ok$/m);

  const selector = await addKey(campus);
  await run(['dkim', 'activate', DOMAIN, selector, '--force']);
  dns.zone = {
    [DOMAIN]: { mx: [{ exchange: 'elsewhere.example', preference: 5 }], txt: ['v=spf1 -all', 'v=spf1 +all'] },
    [`${selector}._domainkey.${DOMAIN}`]: { txt: ['v=DKIM1; p=AAAA'] },
    [`_dmarc.${DOMAIN}`]: { fails: 'servfail' },
  };
  const other = await openCampusSharing(t, campus);
  const after = await other(['dns', DOMAIN, '--check']);
  assert.equal(after.exit, 1);
  assert.match(after.out, /IN MX .* ; DIFFERENT: MX 5 elsewhere\.example$/m);
  assert.match(after.out, /"v=spf1 mx -all" ; DIFFERENT: v=spf1 -all \| v=spf1 \+all$/m);
  assert.match(after.out, /^_dmarc.* ; not known: /m);
  assert.match(after.out, new RegExp(`^${selector}\\._domainkey.* ; DIFFERENT: v=DKIM1; p=AAAA$`, 'm'));
});

test('what nobody can say is not well, nor is a policy that is announced no more', async (t) => {
  const campus = await openCampus(t, '[mta_sts]\nmode = "testing"');
  const sts = /^_mta-sts\.\S+ IN TXT "([^"]+)"/m.exec((await campus.run(['dns'])).out)?.[1];
  assert.ok(sts);
  campus.dns.zone = {
    ...PUBLISHED,
    [`_mta-sts.${DOMAIN}`]: { txt: [sts] },
    [`mta-sts.${DOMAIN}`]: { a: ['192.0.2.1'] },
  };
  const look = async (zone: Zone) => {
    campus.dns.zone = { ...campus.dns.zone, ...zone };
    return (await openCampusSharing(t, campus))(['dns', DOMAIN, '--check']);
  };
  const well = await look({});
  assert.equal(well.exit, 0, well.out);
  const unsaid = await look({ [`_dmarc.${DOMAIN}`]: { fails: 'servfail' } });
  assert.equal(unsaid.exit, 1, unsaid.out);
  const stale = await look({ ...PUBLISHED, [`_mta-sts.${DOMAIN}`]: { txt: ['v=STSv1; id=old'] } });
  assert.equal(stale.exit, 1, stale.out);
  assert.match(stale.out, /^_mta-sts.* ; DIFFERENT: v=STSv1; id=old$/m);
});

/** The same store with a resolver that has remembered nothing yet. */
async function openCampusSharing(t: TestContext, { system, dns }: Campus): Promise<TestSystem['run']> {
  const fresh = await openTestSystem(t, `[dns]\nservers = ["${dns.address}"]`);
  return async (words) => {
    const person = new Person(fresh.folder);
    const args = { positionals: words.slice(1, 2), values: { check: true } };
    const exit = await dnsCommand.run({ ...system, resolver: fresh.system.resolver }, args, person);
    return { exit, out: person.output, err: person.errors };
  };
}
