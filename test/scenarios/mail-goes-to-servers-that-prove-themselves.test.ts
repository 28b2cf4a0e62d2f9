/** Mail for elsewhere finds its way by the DNS, goes only to servers that prove themselves where the domain says how, and never in a circle. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import type { TlsaRecord } from '#dns/resolver.ts';
import { TestDnsServer } from '#dns/testing/dns-server.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { startFakeServer } from '#smtp/client/testing/fake-server.ts';
import { derOf } from '#test/harness/authority.ts';
import { eventually, openCampus, submit, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';

/** What a trace has to say of the one recipient, by what the domain is like. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  'proven.example': /relayed +friend@proven\.example +mx\.proven\.example \(127\.0\.0\.1\) +TLS 1\.3, verified by DANE/,
  'other-key.example': /deferred .* 4\.7\.5 +certificate-not-trusted: no TLSA record fits/,
  'broken-records.example': /deferred .* 4\.7\.5 +Whether mx\.broken-records\.example has TLSA records could not be/,
  'unsigned.example': /relayed .* TLS 1\.3, not verified/,
  // Nobody listens there: a policy that cannot be had holds up nothing.
  'no-policy.example': /relayed .* TLS 1\.3, not verified/,
  'one-dead.example': /relayed .* mx2\.one-dead\.example \(127\.0\.0\.1\) +TLS 1\.3/,
  'null-mx.example': /failed .* 5\.1\.10 +The domain null-mx\.example takes no mail/,
  'circle.example': /deferred .* 4\.4\.3 +The servers of circle\.example could not be looked up/,
  'like-us.example': /failed .* 5\.4\.6 +The best server of like-us\.example is this one/,
};

test('each domain gets its mail as it says, or one line says why not', { timeout: 120_000 }, async () => {
  const pems = await generate([{ name: 'commonName', value: 'no authority knows us' }], { keyType: 'ec' });
  const tls = createSecureContext({ key: pems.private, cert: pems.cert });
  await using elsewhere = await startFakeServer({ keywords: ['STARTTLS', 'PIPELINING'], tls });
  const { port } = elsewhere;
  const pinOf = (octets: Buffer): TlsaRecord => ({
    usage: 3,
    selector: 0,
    matchingType: 1,
    data: createHash('sha256').update(octets).digest(),
  });
  const pin = pinOf(derOf(pems.cert));
  const domain = (name: string, tlsa: Zone[string], isAuthentic = true): Zone => ({
    [name]: { mx: [{ exchange: `mx.${name}`, preference: 1 }], isAuthentic },
    [`mx.${name}`]: { a: ['127.0.0.1'], isAuthentic },
    [`_${port}._tcp.mx.${name}`]: { isAuthentic, ...tlsa },
  });
  const zone: Zone = {
    ...domain('proven.example', { tlsa: [pin] }),
    ...domain('other-key.example', { tlsa: [pinOf(Buffer.from('other'))] }),
    ...domain('broken-records.example', { fails: 'servfail' }),
    ...domain('unsigned.example', { tlsa: [pinOf(Buffer.from('other'))] }, false),
    ...domain('no-policy.example', {}, false),
    '_mta-sts.no-policy.example': { txt: ['v=STSv1; id=1'] },
    'mta-sts.no-policy.example': { a: ['127.0.0.13'] },
    'one-dead.example': { mx: [1, 2].map((n) => ({ exchange: `mx${n}.one-dead.example`, preference: n })) },
    'mx1.one-dead.example': { a: ['127.0.0.12'], aaaa: ['::1'] },
    'mx2.one-dead.example': { a: ['127.0.0.1'] },
    'null-mx.example': { mx: [{ exchange: '', preference: 0 }] },
    'circle.example': { mx: [{ exchange: 'a.circle.example', preference: 1 }] },
    'a.circle.example': { cname: 'b.circle.example' },
    'b.circle.example': { cname: 'a.circle.example' },
    'like-us.example': { mx: [{ exchange: 'mx.like-us.example', preference: 1 }] },
    'mx.like-us.example': { a: ['127.0.0.11'] },
  };
  await using dns = await TestDnsServer.start({ zone });
  const settings = {
    CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
    CAMPUSMAIL_LISTEN_HTTP: '127.0.0.1:0',
    CAMPUSMAIL_LISTEN_SMTP: `127.0.0.11:${port}`,
    CAMPUSMAIL_DNS_SERVERS: dns.address,
    CAMPUSMAIL_QUEUE_PORT: String(port),
    CAMPUSMAIL_QUEUE_PRIVATE_ADDRESSES: 'true',
    CAMPUSMAIL_DKIM_AUTOMATIC: 'false',
  };
  await using campus = await openCampus({ settings });
  const { dataDir, ports } = campus.server;
  const friends = Object.keys(EXPECTED).map((name) => `friend@${name}`);
  assert.equal(await submit(ports['submission'] ?? 0, friends, 'one'), 250);
  const seen = async (): Promise<boolean> => {
    const trace = await mustRun(dataDir, ['trace', '--from', ZHANG]);
    return friends.every((address) => new RegExp(`(relayed|deferred|failed) +${address} `).test(trace));
  };
  await eventually('every domain to be tried', seen, 60_000);
  const trace = await mustRun(dataDir, ['trace', '--from', ZHANG]);
  const lines = trace.split('\n');
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const line = lines.find((text) => / (relayed|deferred|failed) /.test(text) && text.includes(`friend@${name} `));
    assert.match(line ?? '', expected, name);
  }
  const sent = Object.values(EXPECTED).filter(({ source }) => source.startsWith('relayed')).length;
  assert.equal(elsewhere.heard.filter((line) => line.startsWith('content')).length, sent);
  const metrics = await (await fetch(`http://127.0.0.1:${ports['http']}/metrics`)).text();
  assert.match(metrics, /^campusmail_queue_sessions_total\{tls="dane"\} 1$/m);
  assert.match(metrics, /^campusmail_queue_sessions_total\{tls="unverified"\} 3$/m);
});
