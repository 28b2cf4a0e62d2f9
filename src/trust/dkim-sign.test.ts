import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { dkimVerify } from 'mailauth';
import { FakeClock } from '#base/clock.ts';
import { authenticateMessage } from './authenticate.ts';
import {
  checkPublishedKey,
  formatKeyRecord,
  formatZoneLine,
  keyRecordName,
  makeDkimKey,
  needsRecord,
  nextSelector,
  openSigner,
  splitTxt,
} from './dkim-keys.ts';
import { signMessage } from './dkim-sign.ts';
import { FakeDns } from './testing/fake-dns.ts';

const clock = new FakeClock();
const rsa = await makeDkimKey('xn--fsqu00a.example', 'c2019a', 'rsa-sha256', clock.now());
const ed = await makeDkimKey('xn--fsqu00a.example', 'c2019b', 'ed25519-sha256', clock.now());
const signers = [rsa, ed].map(openSigner);
const dns = (): FakeDns =>
  new FakeDns({
    [keyRecordName(rsa)]: { txt: [formatKeyRecord(rsa)] },
    [keyRecordName(ed)]: { txt: [formatKeyRecord(ed)] },
    'xn--fsqu00a.example': { txt: ['v=spf1 -all'] },
    '_dmarc.xn--fsqu00a.example': { txt: ['v=DMARC1; p=reject; rua=mailto:d@xn--fsqu00a.example'] },
  });

const MESSAGE = [
  'From: =?UTF-8?B?5byg5LiJ?= <zhang@xn--fsqu00a.example>',
  'To: a@b.example,',
  '\t c@d.example',
  'Subject:  \t归档 & Résumé  ',
  'Date: Mon, 16 Sep 2019 12:00:00 +0800',
  'Message-ID: <1@xn--fsqu00a.example>',
  'X-Other: not signed',
  '',
  'Line  with \t blanks  ',
  ' ',
  '',
  'last',
  '',
  '',
  '',
].join('\r\n');

async function verify(octets: Buffer, resolver = dns()): Promise<readonly string[]> {
  const found = await authenticateMessage(
    {
      octets,
      remoteAddress: '192.0.2.1',
      helo: 'h.example',
      reversePath: 'zhang@xn--fsqu00a.example',
      hostname: 'mx.example',
    },
    { resolver, clock },
  );
  assert.deepEqual(found.faults, []);
  return [...found.dkim.map(({ result }) => result), found.dmarc.result];
}

describe('signing', () => {
  test('both signatures verify, by us and by another', async () => {
    const fields = await signMessage(Buffer.from(MESSAGE), signers, clock.now());
    const signed = Buffer.concat([Buffer.from(fields), Buffer.from(MESSAGE)]);
    assert.deepEqual(await verify(signed), ['pass', 'pass', 'pass']);
    const other = await dkimVerify(signed, {
      strict: true,
      curTime: new Date(clock.now()),
      resolver: async (name) => {
        const answer = await dns().txt(name);
        return answer.kind === 'found' ? answer.records.map((record) => [record]) : [];
      },
    });
    assert.deepEqual(
      other.results.map(({ status }) => status.result),
      ['pass', 'pass'],
    );
    for (const line of fields.split('\r\n')) assert.ok(line.length <= 80, line);
    assert.ok(!/\bl=/.test(fields));
  });

  const changes: readonly (readonly [string, string, string])[] = [
    ['a line of the body', 'last', 'lost'],
    ['another From', 'X-Other: not signed', 'From: someone@else.example'],
    ['another Subject', 'X-Other: not signed', 'Subject: hurry'],
    ['a first Content-Type', 'X-Other: not signed', 'Content-Type: text/html'],
    ['a first Reply-To', 'X-Other: not signed', 'Reply-To: someone@else.example'],
    ['another date', '16 Sep 2019', '17 Sep 2019'],
  ];
  for (const [name, from, to] of changes) {
    test(`${name} breaks them`, async () => {
      const fields = await signMessage(Buffer.from(MESSAGE), signers, clock.now());
      const changed = MESSAGE.replace(from, to);
      assert.notEqual(changed, MESSAGE);
      const found = await verify(Buffer.from(fields + changed));
      assert.deepEqual(found.slice(0, 2), ['fail', 'fail']);
    });
  }

  test('what relaxed forgives does not', async () => {
    const fields = await signMessage(Buffer.from(MESSAGE), signers, clock.now());
    const changed = MESSAGE.replace('Subject:  \t', 'SUBJECT :')
      .replace('a@b.example,\r\n\t c', 'a@b.example,  c')
      .replace('not signed', 'changed')
      .replace('with \t blanks  ', 'with blanks')
      .concat('\r\n\r\n');
    assert.deepEqual(await verify(Buffer.from(fields + changed)), ['pass', 'pass', 'pass']);
  });

  for (const body of [
    '',
    '\r\n',
    '\r\n\r\n',
    ' \r\n',
    'no line end',
    'trailing \t',
    ' x\r\n\r\n \r\ny',
    `${'x'.repeat(70_000)}  y\r\n`,
  ]) {
    test(`a body of ${body.length} octets agrees with the library's: ${JSON.stringify(body.slice(0, 20))}`, async () => {
      const message = `From: a@xn--fsqu00a.example\r\n\r\n${body}`;
      const fields = await signMessage(Buffer.from(message), signers, clock.now());
      const resolver = async (name: string): Promise<string[][]> => {
        const answer = await dns().txt(name);
        return answer.kind === 'found' ? answer.records.map((record) => [record]) : [];
      };
      const other = await dkimVerify(Buffer.from(fields + message), { resolver });
      assert.deepEqual(
        other.results.map(({ status }) => status.result),
        ['pass', 'pass'],
      );
      assert.deepEqual((await verify(Buffer.from(fields + message))).slice(0, 2), ['pass', 'pass']);
    });
  }
});

test('the signatures of RFC 8463 Appendix A verify', async () => {
  const example = [
    'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
    ' subject : date : message-id : from : subject : date;',
    ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
    ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
    ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
    ' date : message-id : from : subject : date;',
    ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
    ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
    ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
    ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
    'From: Joe SixPack <joe@football.example.com>',
    'To: Suzie Q <suzie@shopping.example.net>',
    'Subject: Is dinner ready?',
    'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
    'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
    '',
    'Hi.',
    '',
    'We lost the game.  Are you hungry yet?',
    '',
    'Joe.',
    '',
  ].join('\r\n');
  const records = {
    'brisbane._domainkey.football.example.com': {
      txt: ['v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='],
    },
    'test._domainkey.football.example.com': {
      txt: [
        'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR' +
          'iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC' +
          'DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3' +
          'Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
      ],
    },
  };
  assert.deepEqual((await verify(Buffer.from(example), new FakeDns(records))).slice(0, 2), ['pass', 'pass']);
  const changed = example.replace('lost', 'won');
  assert.deepEqual((await verify(Buffer.from(changed), new FakeDns(records))).slice(0, 2), ['fail', 'fail']);
});

describe('keys', () => {
  test('selectors are named by year and letter', () => {
    const now = Date.UTC(2026, 3, 1);
    assert.equal(nextSelector([], now), 'c2026a');
    assert.equal(nextSelector(['c2026a', 'c2026c', 'c2025b'], now), 'c2026b');
    const all = Array.from({ length: 26 }, (_, i) => `c2026${String.fromCharCode(97 + i)}`);
    assert.equal(nextSelector(all, now), 'c2026aa');
    assert.equal(nextSelector([...all, 'c2026aa'], now), 'c2026ab');
  });

  test('a record fits into strings of 255 octets, and is the key', () => {
    const strings = splitTxt(formatKeyRecord(rsa));
    assert.ok(strings.length === 2 && strings.every((one) => one.length <= 255));
    const zone = formatZoneLine(rsa);
    assert.match(zone, /^c2019a\._domainkey\.xn--fsqu00a\.example\. IN TXT \( "v=DKIM1; k=rsa; [^"]+" "[^"]+" \)$/);
    assert.equal(createPublicKey(rsa.privateKey).asymmetricKeyDetails?.modulusLength, 2048);
    assert.match(formatZoneLine(ed), /IN TXT "v=DKIM1; k=ed25519; h=sha256; p=[A-Za-z0-9+/]{43}="$/);
  });

  test('a published record is compared with its key', async () => {
    const name = keyRecordName(rsa);
    const check = (records: Parameters<FakeDns['set']>[1]) =>
      checkPublishedKey(rsa, new FakeDns({ [name]: records })).then(({ kind }) => kind);
    assert.equal(await check({ txt: [formatKeyRecord(rsa)] }), 'published');
    assert.equal(await check({ txt: [`p=${rsa.publicKey.replace(/(.{60})/g, '$1 ')}; v = DKIM1`] }), 'published');
    assert.equal(await check({ txt: [formatKeyRecord(ed)] }), 'different');
    assert.equal(await check({ txt: ['v=DKIM1; p='] }), 'different');
    assert.equal(await check({ txt: [formatKeyRecord(rsa), formatKeyRecord(rsa)] }), 'different');
    assert.equal(await check({ isBroken: true }), 'unknown');
    assert.equal(await check({}), 'absent');
  });

  test('a retired key keeps its record for two weeks', () => {
    const day = 24 * 3_600_000;
    const retired = { ...rsa, state: 'retired', changedAt: clock.now() } as const;
    assert.ok(needsRecord(retired, clock.now() + 13 * day));
    assert.ok(!needsRecord(retired, clock.now() + 15 * day));
    assert.ok(needsRecord({ ...rsa, state: 'active' }, clock.now() + 1000 * day));
  });
});
