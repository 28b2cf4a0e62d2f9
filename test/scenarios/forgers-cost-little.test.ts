/** Mail made to cost whoever checks it: the server judges it in bounded time and memory, takes it, and says what it found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestDnsServer } from '#dns/testing/dns-server.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { LI, openCampus } from '#test/harness/campus.ts';
import { openSmtp, sendMessage } from '#test/harness/line-client.ts';
import { residentBytes } from '#test/harness/server-process.ts';

/** Twenty seconds are all that the checks may take; these take half of one, and what is not linear would take far more. */
const BOUND_MS = 10_000;
/** The server when it has judged them all; an empty one takes some 120 MB. */
const BOUND_BYTES = 900 * 1024 * 1024;

const KEY =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACD' +
  'fzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB';
const BASE64 = 'A'.repeat(170) + 'AA==';
const FROM = 'From: friend@forger.example\r\nSubject: hello\r\n';
const BODY = '\r\nhello\r\n';
const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('');

const signature = (selector: string, more = ''): string =>
  `DKIM-Signature: v=1; a=rsa-sha256; d=forger.example; s=${selector}; c=relaxed/relaxed; h=from:subject;\r\n\t` +
  `bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; ${more}b=${BASE64}\r\n`;
const arcSet = (i: number): string =>
  `ARC-Seal: i=${i}; a=rsa-sha256; cv=${i === 1 ? 'none' : 'pass'}; d=forger.example; s=s${i}; t=1; b=${BASE64}\r\n` +
  `ARC-Message-Signature: i=${i}; a=rsa-sha256; c=relaxed/relaxed; d=forger.example; s=s${i}; h=from;\r\n\tbh=${BASE64}; b=${BASE64}\r\n` +
  `ARC-Authentication-Results: i=${i}; forger.example; spf=pass; dkim=pass; dmarc=pass\r\n`;

/** What is sent, and what Authentication-Results has to say of it. */
const LETTERS: Readonly<Record<string, readonly [message: string, expected: RegExp]>> = {
  'a thousand signatures': [times(1000, (i) => signature(`s${i}`)) + FROM + BODY, /dkim=/],
  'a thousand signatures, each hashing a large body anew': [
    times(1000, (i) => signature('good', `l=${i}; `)) + FROM + `\r\n${'a b\t c \r\n'.repeat(500_000)}`,
    /dkim=/,
  ],
  'keys that are none': [times(8, (i) => signature(`bad${i}`)) + FROM + BODY, /dkim=permerror[^;]*;[^]*dkim=permerror/],
  'a key of 64 kB': [signature('huge') + FROM + BODY, /dkim=permerror/],
  'a key behind aliases without end': [signature('loop') + FROM + BODY, /dkim=(temperror|permerror)/],
  'a key behind thirty aliases': [signature('chain0') + FROM + BODY, /dkim=(temperror|permerror)/],
  'a name that nobody answers for': [signature('broken') + FROM + BODY, /dkim=temperror/],
  'an h= of a million names': [
    signature('good').replace('from:subject', `from${':from'.repeat(200_000)}`) + FROM + BODY,
    /dkim=neutral/,
  ],
  'a header folded ten thousand times': [
    signature('good').replace('from:subject', `from:x-folded`) +
      `X-Folded: a${'\r\n\t b'.repeat(10_000)}\r\n` +
      FROM +
      BODY,
    /dkim=/,
  ],
  'fifty ARC sets': [times(50, (i) => arcSet(50 - i)) + FROM + BODY, /arc=fail/],
  'twenty ARC sets of 16 kB fields': [
    times(20, (i) => arcSet(20 - i).replaceAll('; forger.example', `; forger.example; x=${'y '.repeat(7000)}`)) +
      FROM +
      BODY,
    /arc=fail/,
  ],
  'sixty ARC fields of one instance': [times(20, () => arcSet(1)) + FROM + BODY, /arc=fail/],
  // Nothing is looked for in such a header.
  'three thousand ARC fields': [
    times(1000, () => arcSet(1)) + FROM + BODY,
    /dmarc=permerror \(the header is too large/,
  ],
  'a thousand authors': [
    `From: ${times(1000, (i) => `a${i}@forger${i}.example,\r\n\t`)}z@forger.example\r\n${BODY}`,
    /dmarc=permerror/,
  ],
  'a thousand From fields': [times(1000, (i) => `From: a@forger${i}.example\r\n`) + BODY, /dmarc=permerror/],
  'a thousand forged results': [
    times(1000, () => 'Authentication-Results: mail.kust.example; dkim=pass header.d=bank.example\r\n') + FROM + BODY,
    /dkim=none/,
  ],
};

const chain = (length: number): Zone =>
  Object.fromEntries(
    Array.from({ length }, (_, i) => [
      `chain${i}._domainkey.forger.example`,
      i === length - 1 ? { txt: [`v=DKIM1; p=${KEY}`] } : { cname: `chain${i + 1}._domainkey.forger.example` },
    ]),
  );
const name = (selector: string): string => `${selector}._domainkey.forger.example`;

const ZONE: Zone = {
  'forger.example': { txt: [`v=spf1 ${times(9, (i) => `include:i${i}.forger.example `)}-all`] },
  ...Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [
      `i${i}.forger.example`,
      { txt: [`v=spf1 include:forger.example include:i${(i + 1) % 9}.forger.example mx ptr -all`] },
    ]),
  ),
  [name('good')]: { txt: [`v=DKIM1; p=${KEY}`] },
  ...Object.fromEntries(
    [
      'v=DKIM1; p=',
      'v=DKIM1; k=rsa; p=AAAA',
      'v=DKIM1; k=ed25519; p=AAAA',
      `v=DKIM2; p=${KEY}`,
      `v=DKIM1; p=${KEY.slice(0, -6)}`,
      'p==;;;=',
      `k=dsa; p=${KEY}`,
      `\u0000\u0001v=DKIM1; p=${KEY}`,
    ].map((txt, i) => [name(`bad${i}`), { txt: [txt] }]),
  ),
  [name('huge')]: { txt: [`v=DKIM1; p=${'A'.repeat(60_000)}`] },
  [name('loop')]: { cname: name('loop2') },
  [name('loop2')]: { cname: name('loop') },
  [name('broken')]: { fails: 'servfail' },
  ...chain(30),
  '_dmarc.forger.example': { txt: [`v=DMARC1; p=none; ${'x=y; '.repeat(10_000)}`] },
};

test('mail that is made to cost is judged in bounded time', { timeout: 300_000 }, async (t) => {
  await using dns = await TestDnsServer.start({ zone: ZONE });
  await using campus = await openCampus({
    settings: { CAMPUSMAIL_DNS_SERVERS: dns.address, CAMPUSMAIL_TRUST_EXEMPT_NETWORKS: '192.0.2.0/24' },
  });
  const imap = await campus.openImap(LI);
  for (const [what, [message, expected]] of Object.entries(LETTERS)) {
    const asked = dns.asked.length;
    const client = await openSmtp(campus.server.ports['smtp'] as number);
    const startedAt = performance.now();
    const reply = await sendMessage(client, 'friend@forger.example', [LI], message);
    const tookMs = performance.now() - startedAt;
    client.close();
    t.diagnostic(
      `${what}: ${message.length} octets, ${Math.round(tookMs)} ms, ${dns.asked.length - asked} questions: ${reply.code} ${reply.text.slice(0, 100)}`,
    );
    assert.ok(tookMs < BOUND_MS, `${what}: ${tookMs} ms`);
    assert.ok(dns.asked.length - asked <= 250, what);
    if (reply.code !== 250) {
      assert.match(reply.text, /^5\.[67]\./, what);
      continue;
    }
    await imap.command('SELECT INBOX');
    const found = (await imap.command('FETCH * BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS)]')).join('\n');
    t.diagnostic(found.replaceAll(/\s+/g, ' ').slice(0, 700));
    assert.match(found, expected, what);
    assert.doesNotMatch(found, /bank\.example/, what);
    assert.ok(found.length < 20_000, `${what}: ${found.length}`);
  }
  const resident = residentBytes(campus.dataDir);
  t.diagnostic(`memory: ${Math.round(resident / 1024 / 1024)} MB`);
  assert.ok(resident < BOUND_BYTES, `the server takes ${resident} octets`);
  assert.equal(campus.server.log(), '');
});
