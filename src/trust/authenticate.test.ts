import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { parseHeader } from '#mime/header.ts';
import { type ReceivedMessage, authenticateMessage } from './authenticate.ts';
import { formatKeyRecord, keyRecordName, makeDkimKey, openSigner } from './dkim-keys.ts';
import { signMessage } from './dkim-sign.ts';
import { SignedFields, hashBody } from './dkim/canonical.ts';
import { signField } from './dkim/sign-field.ts';
import { FakeDns, type FakeRecords } from './testing/fake-dns.ts';
import type { MessageAuthentication } from './types.ts';

const clock = new FakeClock();

function authenticate(
  octets: string | Buffer,
  dns: FakeDns,
  message: Partial<ReceivedMessage> = {},
): Promise<MessageAuthentication> {
  return authenticateMessage(
    {
      octets: typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets,
      remoteAddress: '192.0.2.1',
      helo: 'mail.sender.example',
      reversePath: 'joe@sender.example',
      hostname: 'mx.example.edu',
      ...message,
    },
    { resolver: dns, clock },
  );
}

const SENDER: Readonly<Record<string, FakeRecords>> = {
  'sender.example': { txt: ['v=spf1 ip4:192.0.2.1 -all'] },
  'mail.sender.example': { a: ['192.0.2.1'], txt: ['v=spf1 a -all'] },
  '192.0.2.1': { ptr: ['mail.sender.example'] },
  '_dmarc.sender.example': { txt: ['v=DMARC1; p=reject; sp=quarantine; pct=50; rua=mailto:r@sender.example'] },
};

/** RFC 8463 §A.3: one message, signed by Ed25519 and by RSA. */
const FOOTBALL = `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`.replaceAll('\n', '\r\n');

const ED25519_KEY = 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const RSA_KEY =
  'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/by' +
  'YzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB';

const FOOTBALL_DNS: Readonly<Record<string, FakeRecords>> = {
  'brisbane._domainkey.football.example.com': { txt: [ED25519_KEY] },
  'test._domainkey.football.example.com': { txt: [RSA_KEY] },
  '_dmarc.football.example.com': { txt: ['v=DMARC1; p=reject'] },
};

/** Also how often others of the thread had their turn meanwhile. */
async function countTurns(octets: string): Promise<{ found: MessageAuthentication; turns: number }> {
  let turns = 0;
  let isOver = false;
  const other = (): void => {
    turns++;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  const found = await authenticate(octets, new FakeDns(FOOTBALL_DNS));
  isOver = true;
  return { found, turns };
}

const resultsOf = ({ dkim }: MessageAuthentication): string[] => dkim.map(({ result }) => result);

describe('DKIM', () => {
  test('RFC 8463 §A.3 verifies by both algorithms', async () => {
    const found = await authenticate(FOOTBALL, new FakeDns(FOOTBALL_DNS));
    assert.deepEqual(resultsOf(found), ['pass', 'pass']);
    assert.equal(found.dmarc.result, 'pass');
    assert.equal(found.dmarc.alignedDkim, 'football.example.com');
  });

  test('RFC 6376 §A: simple canonicalisation', async () => {
    const message = `DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
`.replaceAll('\n', '\r\n');
    const key =
      'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ij' +
      'Ssq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB';
    const dns = new FakeDns({ 'brisbane._domainkey.example.com': { txt: [key] } });
    const found = await authenticate(message, dns);
    assert.deepEqual(found.dkim, [
      {
        result: 'pass',
        domain: 'example.com',
        selector: 'brisbane',
        algorithm: 'rsa-sha256',
        signatureStart: 'AuUoFEfD',
        comment: '',
        isTesting: false,
      },
    ]);
  });

  const keyName = 'test._domainkey.football.example.com';
  const records: readonly (readonly [string, FakeRecords, string])[] = [
    ['no record', {}, 'permerror'],
    ['a broken server', { isBroken: true }, 'temperror'],
    ['a revoked key', { txt: ['v=DKIM1; p='] }, 'permerror'],
    ['nonsense', { txt: ['hello world'] }, 'permerror'],
    ['a key of nonsense', { txt: ['v=DKIM1; p=AAAA'] }, 'permerror'],
    ['a key that is no base64', { txt: [`v=DKIM1; p=${'%'.repeat(200)}`] }, 'permerror'],
    ['an Ed25519 key of 31 octets', { txt: [`v=DKIM1; k=ed25519; p=${'A'.repeat(41)}=`] }, 'permerror'],
    ['another version', { txt: [RSA_KEY.replace('DKIM1', 'DKIM2')] }, 'permerror'],
    ['a key for SHA-1 only', { txt: [`${RSA_KEY}; h=sha1`] }, 'permerror'],
    ['a key that is not for mail', { txt: [`${RSA_KEY}; s=telephone`] }, 'permerror'],
    ['the other key', { txt: [ED25519_KEY] }, 'permerror'],
    ['a tag twice', { txt: [`${RSA_KEY}; t=y; t=s`] }, 'permerror'],
    ['100 kB of text', { txt: [`${RSA_KEY}; n=${'x'.repeat(100_000)}`] }, 'permerror'],
    ['a stranger beside the key', { txt: ['google-site-verification=1', RSA_KEY] }, 'pass'],
    ['a testing key', { txt: [`${RSA_KEY}; t=y`] }, 'pass'],
    ['a key of its exact domain', { txt: [`${RSA_KEY}; t=s; s=*`] }, 'pass'],
    ['an alias', { cname: ['key.elsewhere.example'] }, 'pass'],
    ['aliases in a circle', { cname: [keyName] }, 'temperror'],
  ];
  for (const [name, record, result] of records) {
    test(`key record: ${name}`, async () => {
      const dns = new FakeDns({ ...FOOTBALL_DNS, [keyName]: record, 'key.elsewhere.example': { txt: [RSA_KEY] } });
      const found = await authenticate(FOOTBALL, dns);
      assert.deepEqual(resultsOf(found), ['pass', result]);
      assert.deepEqual(found.faults, []);
    });
  }

  test('a short RSA key is not believed', async () => {
    const short =
      'v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMsmVvqVQPSFhZIyLZVmmRYXo9PCAOsjU3Hz6BHFGKrNlbfFeHuiEhcFGMZsTFnYUAtAW2SMqbSQ6JYVVxWLxVUCAwEAAQ==';
    const dns = new FakeDns({ ...FOOTBALL_DNS, [keyName]: { txt: [short] } });
    const found = await authenticate(FOOTBALL, dns);
    assert.deepEqual(found.dkim[1]?.result, 'policy');
    assert.match(found.field, /dkim=policy \(the key has 512 bits only\) header\.d=football\.example\.com/);
  });

  const signatures: readonly (readonly [string, RegExp, string, string])[] = [
    ['SHA-1', /rsa-sha256/, 'rsa-sha1', 'policy'],
    ['an unknown algorithm', /rsa-sha256/, 'rsa-md5', 'neutral'],
    ['an unknown version', /v=1; a=rsa/, 'v=2; a=rsa', 'neutral'],
    ['no selector', /s=test;/, '', 'neutral'],
    ['a tag twice', /s=test;/, 's=test; s=test;', 'neutral'],
    ['a selector that is no name', /s=test;/, 's=te/st;', 'neutral'],
    [
      'a domain that is none',
      /d=football.example.com; i=@football.example.com;(?=\r\n q=dns\/txt; s=test)/,
      'd=com;',
      'neutral',
    ],
    ['an identity outside', /i=@football.example.com;(?=\r\n q=dns\/txt; s=test)/, 'i=@example.com;', 'neutral'],
    [
      'From not signed',
      /h=from : to : subject :\r\n date : message-id : from/,
      'h=to : subject :\r\n date',
      'permerror',
    ],
    ['expired', /s=test; t=1528637909/, 's=test; t=1528637909; x=1528637910', 'neutral'],
    ['expired before it was made', /s=test; t=1528637909/, 's=test; t=1528637909; x=5', 'neutral'],
    ['made in the future', /s=test; t=1528637909/, 's=test; t=99999999999', 'neutral'],
    ['a time of words', /s=test; t=1528637909/, 's=test; t=now', 'neutral'],
    ['an l= beyond the body', /s=test; t=1528637909/, 's=test; l=999999', 'fail'],
    ['another canonicalisation', /a=rsa-sha256; c=relaxed\/relaxed/, 'a=rsa-sha256; c=nofws', 'neutral'],
    ['another way to the key', /q=dns\/txt; s=test/, 'q=http; s=test', 'neutral'],
    ['a signature of 20 kB', /s=test;/, `s=test; z=${'x'.repeat(20_000)};`, 'neutral'],
    ['another signature', /F45dVW/, 'F45dVV', 'fail'],
  ];
  for (const [name, from, to, result] of signatures) {
    test(`signature: ${name}`, async () => {
      const changed = FOOTBALL.replace(from, to);
      assert.notEqual(changed, FOOTBALL);
      const found = await authenticate(changed, new FakeDns(FOOTBALL_DNS));
      assert.deepEqual(resultsOf(found), ['pass', result]);
      assert.deepEqual(found.faults, []);
    });
  }

  test('of a thousand signatures ten are looked at, the author’s own among them', async () => {
    const key = await makeDkimKey('sender.example', 's', 'ed25519-sha256', clock.now());
    const message = 'From: joe@sender.example\r\n\r\nx\r\n';
    const own = await signMessage(Buffer.from(message), [openSigner(key)], clock.now());
    const strangers = Array.from({ length: 1000 }, (_, i) => own.replace('d=sender.example', `d=other${i}.example`));
    const dns = new FakeDns({ ...SENDER, [keyRecordName(key)]: { txt: [formatKeyRecord(key)] } });
    const startMs = performance.now();
    const found = await authenticate(`${strangers.join('')}${own}${own}${message}`, dns);
    assert.ok(performance.now() - startMs < 1000);
    assert.equal(found.dkim.length, 10);
    assert.equal(found.ignoredSignatures, 991);
    assert.equal(found.dkim.find(({ domain }) => domain === 'sender.example')?.result, 'pass');
    assert.equal(dns.asked.filter((one) => one.includes('_domainkey')).length, 10);
  });

  test('a signature that leaves some of the body out does not count', async () => {
    const key = await makeDkimKey('bank.example', 's', 'ed25519-sha256', clock.now());
    const message = Buffer.from('From: joe@bank.example\r\n\r\nsigned\r\nadded by a stranger\r\n');
    const headers = parseHeader(message);
    const fields = new SignedFields(message, headers);
    const dns = new FakeDns({
      [keyRecordName(key)]: { txt: [formatKeyRecord(key)] },
      '_dmarc.bank.example': { txt: ['v=DMARC1; p=reject'] },
    });
    for (const [limit, result, dmarc] of [
      [8, 'policy', 'fail'],
      [29, 'pass', 'pass'],
    ] as const) {
      const { hash } = await hashBody(message, headers.bodyStart, 'relaxed', limit);
      const tags = `v=1 a=ed25519-sha256 c=relaxed/relaxed d=bank.example s=s h=from l=${limit} bh=${hash}`;
      const field = await signField(
        'DKIM-Signature',
        tags.split(' ').map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)] as const),
        [...fields.select(['from'], 'relaxed')].join(''),
        openSigner(key),
      );
      const found = await authenticate(Buffer.concat([Buffer.from(field), message]), dns);
      assert.deepEqual([...resultsOf(found), found.dmarc.result], [result, dmarc]);
    }
  });
});

describe('SPF and iprev', () => {
  test('what the domain permits passes, with its names', async () => {
    const found = await authenticate('From: joe@sender.example\r\n\r\n', new FakeDns(SENDER));
    assert.deepEqual(found.spf, { result: 'pass', identity: 'mailfrom', domain: 'sender.example', comment: '' });
    assert.deepEqual(found.iprev, { result: 'pass', address: '192.0.2.1', confirmedNames: ['mail.sender.example'] });
    assert.equal(found.dmarc.result, 'pass');
    assert.equal(found.dmarc.alignedSpf, 'sender.example');
    assert.deepEqual(found.dmarc.published?.pct, 50);
  });

  test('a null reverse path asks for the HELO name', async () => {
    const found = await authenticate('From: joe@sender.example\r\n\r\n', new FakeDns(SENDER), { reversePath: '' });
    assert.deepEqual(found.spf, { result: 'pass', identity: 'helo', domain: 'mail.sender.example', comment: '' });
    assert.match(found.field, /spf=pass smtp\.helo=mail\.sender\.example/);
  });

  for (const helo of [
    '[192.0.2.1]',
    '',
    'localhost',
    '-',
    'a..b',
    `${'x'.repeat(300)}.example`,
    'bad name\r\nX-Evil: 1',
  ]) {
    test(`a null reverse path and HELO ${JSON.stringify(helo.slice(0, 20))}: none`, async () => {
      const found = await authenticate('From: joe@sender.example\r\n\r\n', new FakeDns(SENDER), {
        reversePath: '',
        helo,
      });
      assert.equal(found.spf.result, 'none');
      assert.deepEqual(found.faults, []);
    });
  }

  test('a broken DNS is temporary, for each check', async () => {
    const broken = { isBroken: true };
    const dns = new FakeDns({
      'sender.example': broken,
      '192.0.2.1': broken,
      '_dmarc.sender.example': broken,
      'test._domainkey.football.example.com': broken,
    });
    const found = await authenticate('From: joe@sender.example\r\n\r\n', dns);
    assert.equal(found.spf.result, 'temperror');
    assert.equal(found.iprev.result, 'temperror');
    assert.equal(found.dmarc.result, 'temperror');
  });

  test('a failure that might have been an alignment leaves DMARC open', async () => {
    const dns = new FakeDns({ ...SENDER, 'sender.example': { isBroken: true } });
    const found = await authenticate('From: joe@sender.example\r\n\r\n', dns);
    assert.equal(found.dmarc.result, 'temperror');
    const stranger = await authenticate('From: joe@sender.example\r\n\r\n', dns, { reversePath: 'x@nowhere.example' });
    assert.equal(stranger.dmarc.result, 'fail');
  });

  test('a DNS that never answers costs the time-out and no more', async () => {
    const dns = new FakeDns(SENDER);
    dns.isSilent = true;
    const own = new FakeClock();
    const pending = authenticateMessage(
      {
        octets: Buffer.from(FOOTBALL),
        remoteAddress: '2001:db8::1',
        helo: 'h',
        reversePath: 'a@b.example',
        hostname: 'm',
      },
      { resolver: dns, clock: own },
    );
    await new Promise((resolve) => setImmediate(resolve));
    own.advance(20_000);
    const found = await pending;
    assert.deepEqual(
      [found.spf.result, found.iprev.result, found.dmarc.result, ...resultsOf(found)],
      ['temperror', 'temperror', 'temperror', 'temperror', 'temperror'],
    );
  });

  test('includes in a circle, and a record of 100 kB, are permanent errors', async () => {
    const circle = new FakeDns({ ...SENDER, 'sender.example': { txt: ['v=spf1 include:sender.example -all'] } });
    assert.equal((await authenticate('From: joe@sender.example\r\n\r\n', circle)).spf.result, 'permerror');
    assert.ok(circle.asked.length < 20);
    const record = `v=spf1 ${'ip4:198.51.100.1 '.repeat(6000)} +all`;
    const large = new FakeDns({ ...SENDER, 'sender.example': { txt: [record] } });
    assert.equal((await authenticate('From: joe@sender.example\r\n\r\n', large)).spf.result, 'permerror');
  });

  test('a resolver that throws is a failure of the DNS', async () => {
    const dns = new FakeDns(SENDER);
    dns.txt = () => Promise.reject(new Error('bug'));
    const found = await authenticate(FOOTBALL, dns);
    assert.equal(found.spf.result, 'temperror');
    assert.deepEqual(resultsOf(found), ['temperror', 'temperror']);
  });
});

describe('DMARC', () => {
  const strict = { ...SENDER, '_dmarc.sender.example': { txt: ['v=DMARC1; p=reject; aspf=s; adkim=s'] } };
  const table: readonly (readonly [string, string, Readonly<Record<string, FakeRecords>>, string, string])[] = [
    ['the domain itself', 'joe@sender.example', SENDER, 'pass', 'reject'],
    ['another spelling', 'joe@SENDER.example.', SENDER, 'pass', 'reject'],
    ['a subdomain, relaxed', 'joe@news.sender.example', SENDER, 'pass', 'quarantine'],
    ['a subdomain, strict', 'joe@news.sender.example', strict, 'fail', 'reject'],
    ['a domain that looks alike', 'joe@notsender.example', SENDER, 'none', 'none'],
    [
      'a stranger with a policy',
      'joe@bank.example',
      { ...SENDER, '_dmarc.bank.example': { txt: ['v=DMARC1; p=reject'] } },
      'fail',
      'reject',
    ],
    [
      'a policy for a subdomain',
      'joe@x.bank.example',
      { ...SENDER, '_dmarc.bank.example': { txt: ['v=DMARC1; p=reject; sp=none'] } },
      'fail',
      'none',
    ],
    [
      'two records',
      'joe@bank.example',
      { ...SENDER, '_dmarc.bank.example': { txt: ['v=DMARC1; p=reject', 'v=DMARC1; p=none'] } },
      'none',
      'none',
    ],
    [
      'no DMARC record',
      'joe@bank.example',
      { ...SENDER, '_dmarc.bank.example': { txt: ['v=spf1 -all'] } },
      'none',
      'none',
    ],
    [
      'a record of 100 kB',
      'joe@bank.example',
      { ...SENDER, '_dmarc.bank.example': { txt: [`v=DMARC1; p=reject; rua=${'x'.repeat(100_000)}`] } },
      'none',
      'none',
    ],
  ];
  for (const [name, from, zone, result, policy] of table) {
    test(name, async () => {
      const found = await authenticate(`From: <${from}>\r\n\r\n`, new FakeDns(zone));
      assert.deepEqual([found.dmarc.result, found.dmarc.policy], [result, policy]);
    });
  }

  const headers: readonly (readonly [string, string, string])[] = [
    ['no From', 'To: a@b.example\r\n', 'permerror'],
    ['two From fields', 'From: joe@sender.example\r\nFrom: joe@sender.example\r\n', 'permerror'],
    ['two authors of one domain', 'From: a@sender.example, b@sender.example\r\n', 'pass'],
    ['two authors of two domains', 'From: a@sender.example, b@bank.example\r\n', 'permerror'],
    ['a name that looks like an address', 'From: "ceo@bank.example" <joe@sender.example>\r\n', 'pass'],
    ['an empty address', 'From: <>\r\n', 'permerror'],
    ['two at signs', 'From: <joe@bank.example@sender.example>\r\n', 'permerror'],
    ['an address literal', 'From: joe@[192.0.2.1]\r\n', 'permerror'],
    ['a group', 'From: Authors: joe@sender.example;\r\n', 'pass'],
    ['no header', '\r\n', 'permerror'],
    ['nothing at all', '', 'permerror'],
    ['more fields than are read', `${'X: y\r\n'.repeat(3000)}From: joe@sender.example\r\n`, 'permerror'],
  ];
  for (const [name, header, result] of headers) {
    test(name, async () => {
      const found = await authenticate(`${header}\r\nbody\r\n`, new FakeDns(SENDER));
      assert.equal(found.dmarc.result, result, found.dmarc.comment);
      assert.deepEqual(found.faults, []);
    });
  }
});

describe('hostile mail', () => {
  test('nothing from outside breaks out of its place in the field', async () => {
    const evil = 'x\r\nX-Evil: yes; spf=pass (")\\ é張';
    for (const [key, value] of [
      ['helo', evil],
      ['reversePath', `a@${evil}`],
      ['reversePath', `"; dkim=pass"@sender.example`],
      ['reversePath', `a@b.example; dmarc=pass`],
      ['remoteAddress', '::1'],
    ] as const) {
      const message = FOOTBALL.replace('d=football.example.com', 'd=foot;spf=pass').replace('s=test', 's=te"st');
      const found = await authenticate(message, new FakeDns(SENDER), { [key]: value });
      assert.deepEqual(found.faults, []);
      const lines = found.field.split('\r\n');
      assert.equal(lines.pop(), '');
      assert.equal(lines[0], 'Authentication-Results: mx.example.edu;');
      for (const line of lines.slice(1)) {
        assert.match(
          line,
          /^\t(?:iprev|spf|dkim|dmarc|arc)=[a-z]+(?: \([A-Za-z0-9 .,=_@:/+?-]+\))?(?: [a-z]+\.[a-z-]+=(?:[A-Za-z0-9._+-]+|"[A-Za-z0-9._+:/=[\]@?-]+"))*;?$/,
        );
        assert.ok(line.length < 998);
      }
    }
  });

  test('a header of a hundred thousand folded lines is read in a moment', async () => {
    const header = `X-Folded: a\r\n${' b\r\n'.repeat(100_000)}`;
    const startMs = performance.now();
    const found = await authenticate(header + FOOTBALL, new FakeDns(FOOTBALL_DNS));
    assert.ok(performance.now() - startMs < 2000);
    assert.deepEqual(resultsOf(found), ['pass', 'pass']);
  });

  test('an h= of thousands of names and ten such signatures are read in a moment', async () => {
    const signature = FOOTBALL.slice(0, FOOTBALL.indexOf('DKIM-Signature', 5));
    const greedy = Array.from({ length: 10 }, (_, i) =>
      signature.replace('h=from', `h=${'x-b:'.repeat(3500)}from`).replace('v=1', `v=1; n${i}=1`),
    );
    const fields = 'X-B: y\r\n'.repeat(1500);
    const startMs = performance.now();
    const found = await authenticate(greedy.join('') + fields + FOOTBALL, new FakeDns(FOOTBALL_DNS));
    assert.ok(performance.now() - startMs < 2000);
    assert.equal(found.dkim.length, 10);
  });

  test('others get their turn between signatures that are over a large header', async () => {
    const signature = FOOTBALL.slice(0, FOOTBALL.indexOf('DKIM-Signature', 5));
    const ten = Array.from({ length: 10 }, (_, i) =>
      signature.replace('h=from', 'h=x-b:from').replace('v=1', `v=1; n${i}=1`),
    );
    const { found, turns } = await countTurns(`${ten.join('')}X-B: ${'y \t'.repeat(200_000)}\r\n${FOOTBALL}`);
    // The body is hashed and right: it is the header that was read each time.
    assert.deepEqual(
      new Set(found.dkim.map(({ comment }) => comment)),
      new Set(['the signature does not fit the header']),
    );
    assert.equal(found.dkim.length, 10);
    assert.ok(turns >= 10, `${turns}`);
  });

  test('others get their turn while a thousand signatures are read', async () => {
    const signature = FOOTBALL.slice(0, FOOTBALL.indexOf('DKIM-Signature', 5));
    const many = Array.from({ length: 1000 }, (_, i) => signature.replace('v=1', `v=2; n${i}=1`));
    const { found, turns } = await countTurns(many.join('') + FOOTBALL);
    assert.equal(found.ignoredSignatures, 992);
    assert.ok(turns >= 90, `${turns}`);
  });

  test('a chain of seals is looked at up to a size', async () => {
    const set = (i: number): string =>
      ['ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results']
        .map((name) => `${name}: i=${i}; a=rsa-sha256; d=sender.example; s=s; cv=pass; z=${'x'.repeat(15_000)}\r\n`)
        .join('');
    const { arc } = await authenticate([6, 5, 4, 3, 2, 1].map(set).join('') + FOOTBALL, new FakeDns(FOOTBALL_DNS));
    assert.deepEqual([arc.result, arc.comment], ['fail', 'the chain is larger than is looked at']);
  });

  test('a message without a signature is not hashed', async () => {
    const body = Buffer.alloc(20_000_000, 'x \r\n');
    const message = Buffer.concat([Buffer.from('From: joe@sender.example\r\n\r\n'), body]);
    const startMs = performance.now();
    await authenticate(message, new FakeDns(SENDER));
    assert.ok(performance.now() - startMs < 60);
  });
});
