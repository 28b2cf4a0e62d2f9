/** Reports of both kinds: written, read back, and read from mail that means harm. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { composeMessage } from '#mime/compose.ts';
import { parseMessage } from '#mime/message.ts';
import {
  type DmarcReport,
  composeDmarcReport,
  dmarcReportFileName,
  findReportAddresses,
  formatDmarcReport,
  summarise,
} from './dmarc-report.ts';
import { parseDmarcReport, readDmarcReport } from './read-dmarc-report.ts';
import { FakeDns } from './testing/fake-dns.ts';
import {
  type TlsReport,
  composeTlsReport,
  findTlsReportAddresses,
  formatTlsReport,
  parseTlsReport,
  readTlsReport,
  tlsReportFileName,
} from './tls-report.ts';

const NOW = Date.UTC(2026, 8, 2);
const BEGIN_S = Date.UTC(2026, 8, 1) / 1000;

const dmarcReport: DmarcReport = {
  reportId: '2026-09-01.7',
  orgName: '示例大学 <IT & Mail>',
  email: 'postmaster@example.edu',
  submitter: 'example.edu',
  beginS: BEGIN_S,
  endS: BEGIN_S + 86_399,
  policy: {
    domain: 'bank.example',
    p: 'reject',
    sp: 'quarantine',
    np: undefined,
    pct: 50,
    adkim: 'r',
    aspf: 's',
    rua: 'mailto:d@bank.example',
    isTesting: false,
  },
  rows: [
    {
      policyDomain: 'bank.example',
      sourceIp: '192.0.2.1',
      headerFrom: 'bank.example',
      disposition: 'none',
      override: '',
      dkim: 'pass',
      spf: 'fail',
      spfDomain: 'mailer.example',
      spfResult: 'pass',
      dkimDomain: 'bank.example',
      dkimSelector: 's1',
      dkimResult: 'pass',
      count: 12,
    },
    {
      policyDomain: 'bank.example',
      sourceIp: '2001:db8::1',
      headerFrom: 'bank.example',
      disposition: 'reject',
      override: '',
      dkim: 'fail',
      spf: 'fail',
      spfDomain: '</domain><evil>',
      spfResult: 'fail',
      dkimDomain: '',
      dkimSelector: '',
      dkimResult: '',
      count: 3,
    },
  ],
};

const mail = { from: 'noreply@example.edu', to: ['d@bank.example'], messageId: '1@example.edu', nowMs: NOW };

const attach = (fileName: string, content: Uint8Array, type?: string): Buffer =>
  composeMessage({
    from: { email: 'a@b.example' },
    to: [{ email: 'c@d.example' }],
    subject: 'report',
    text: 'see below',
    attachments: [{ fileName, content, ...(type === undefined ? {} : { type }) }],
    dateMs: NOW,
    messageId: 'x@y',
  });

describe('DMARC aggregate reports', () => {
  test('what is written is read back, out of its mail', () => {
    const octets = composeDmarcReport(dmarcReport, mail);
    assert.match(
      octets.toString('latin1').replaceAll(/\r\n[ \t]+/g, ' '),
      /Subject: Report Domain: bank\.example Submitter: example\.edu Report-ID: <2026-09-01\.7>\r\n/,
    );
    const name = parseMessage(octets).root.parts?.[1]?.fileName;
    assert.equal(name, `example.edu!bank.example!${BEGIN_S}!${BEGIN_S + 86_399}!202609017.xml.gz`);
    assert.equal(name, dmarcReportFileName(dmarcReport));
    const found = readDmarcReport(octets);
    assert.ok(found.kind === 'report');
    const { report } = found;
    assert.deepEqual(
      { ...report, rows: report.rows.length },
      {
        orgName: dmarcReport.orgName,
        reportId: '2026-09-01.7',
        domain: 'bank.example',
        beginS: BEGIN_S,
        endS: BEGIN_S + 86_399,
        rows: 2,
        isCut: false,
      },
    );
    assert.deepEqual(report.rows[1], {
      sourceIp: '2001:db8::1',
      count: 3,
      disposition: 'reject',
      dkim: 'fail',
      spf: 'fail',
      headerFrom: 'bank.example',
    });
    assert.deepEqual(summarise(report.rows), { messages: 15, passed: 12, rejected: 3, quarantined: 0 });
  });

  const xml = Buffer.from(formatDmarcReport(dmarcReport));
  const forms: readonly (readonly [string, Buffer])[] = [
    ['zip', attach('r.zip', zipSync({ 'r.xml': xml }), 'application/zip')],
    ['zip, called something else', attach('r.zip', zipSync({ 'readme.txt': Buffer.from('x'), 'r.XML': xml }))],
    ['gzip', attach('r.xml.gz', gzipSync(xml), 'application/gzip')],
    ['gzip that is called zip', attach('r.zip', gzipSync(xml), 'application/zip')],
    ['plain', attach('r.xml', xml, 'text/xml')],
    [
      'the only part of its mail',
      Buffer.concat([
        Buffer.from('From: a@b.example\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
        Buffer.from(gzipSync(xml).toString('base64')),
      ]),
    ],
  ];
  for (const [name, octets] of forms) {
    test(`are read from ${name}`, () => assert.equal(readDmarcReport(octets).kind, 'report'));
  }

  const bomb = Buffer.alloc(200_000_000, 'x');
  const lying = zipSync({ 'r.xml': Buffer.alloc(30_000_000, 'x') });
  // The size that the archive's directory gives, made small.
  const directory = Buffer.from(lying).indexOf('PK\x01\x02', 0, 'latin1');
  Buffer.from(lying.buffer).writeUInt32LE(100, directory + 24);
  const refused: readonly (readonly [string, Buffer, string])[] = [
    ['no attachment', Buffer.from('From: a@b.example\r\n\r\nhello\r\n'), 'noReport'],
    ['nothing at all', Buffer.alloc(0), 'noReport'],
    ['a gzip bomb', attach('r.xml.gz', gzipSync(bomb)), 'tooLarge'],
    ['a zip bomb', attach('r.zip', zipSync({ 'r.xml': bomb })), 'tooLarge'],
    ['a zip that lies about its size', attach('r.zip', lying), 'damaged'],
    ['a zip of other things', attach('r.zip', zipSync({ 'r.exe': xml })), 'noReport'],
    ['half a gzip', attach('r.xml.gz', gzipSync(xml).subarray(0, 200)), 'damaged'],
    ['half a zip', attach('r.zip', zipSync({ 'r.xml': xml }).subarray(0, 200)), 'damaged'],
    ['a mail of 11 MB', attach('r.xml', Buffer.alloc(11_000_000, 'x')), 'tooLarge'],
    ['nonsense', attach('r.xml', Buffer.from('hello')), 'damaged'],
    ['a document type', attach('r.xml', Buffer.from(`<!DOCTYPE x [<!ENTITY a "b">]>${xml.toString()}`)), 'damaged'],
    ['elements in elements', attach('r.xml', Buffer.from('<a>'.repeat(100_000))), 'damaged'],
    ['another document', attach('r.xml', Buffer.from('<html><body>hi</body></html>')), 'damaged'],
  ];
  for (const [name, octets, why] of refused) {
    test(`${name} is refused: ${why}`, () => assert.deepEqual(readDmarcReport(octets), { kind: 'refused', why }));
  }

  test('rows that make no sense are left out, and rows beyond a number', () => {
    const [head = '', rest = ''] = xml.toString().split(/(?=  <record>)/);
    const row = (ip: string, count: string): string => rest.replace('192.0.2.1', ip).replace('>12<', `>${count}<`);
    const report = (rows: readonly string[]) => parseDmarcReport(`${head}${rows.join('')}</feedback>`);
    const odd = report([row('192.0.2.1', '5'), row('evil', '5'), row('192.0.2.2', '-5'), row('192.0.2.3', 'many')]);
    assert.deepEqual(
      odd?.rows.map(({ sourceIp, count }) => [sourceIp, count]),
      [['192.0.2.1', 5]],
    );
    const many = report(Array.from({ length: 20_001 }, () => row('192.0.2.1', '1')));
    assert.deepEqual([many?.rows.length, many?.isCut], [20_000, true]);
  });

  test('go to those who want them, and elsewhere only with consent', async () => {
    const dns = new FakeDns({
      'bank.example._report._dmarc.reports.example': { txt: ['v=DMARC1;'] },
      'bank.example._report._dmarc.broken.example': { isBroken: true },
    });
    const rua =
      'mailto:d@bank.example!10m, mailto:x@sub.bank.example,https://reports.example/,mailto:b@reports.example,' +
      'mailto:victim@other.example,mailto:b@broken.example';
    assert.deepEqual(await findReportAddresses({ ...dmarcReport.policy, rua }, dns), [
      'd@bank.example',
      'x@sub.bank.example',
      'b@reports.example',
    ]);
    for (const none of [
      '',
      'mailto:',
      'd@bank.example',
      'mailto:a@b@bank.example?cc=x',
      'mailto:a\r\nb@bank.example',
    ]) {
      assert.deepEqual(await findReportAddresses({ ...dmarcReport.policy, rua: none }, dns), [], none);
    }
  });
});

describe('TLS reports', () => {
  const report: TlsReport = {
    reportId: '2026-09-01.8',
    orgName: 'Example University',
    contact: 'postmaster@example.edu',
    submitter: 'example.edu',
    policyDomain: 'bank.example',
    beginMs: Date.UTC(2026, 8, 1),
    endMs: Date.UTC(2026, 8, 1, 23, 59, 59),
    rows: [
      {
        policyDomain: 'bank.example',
        policyType: 'sts',
        mxHost: 'mx.bank.example',
        result: 'success',
        receivingIp: '',
        count: 40,
      },
      {
        policyDomain: 'bank.example',
        policyType: 'sts',
        mxHost: 'mx2.bank.example',
        result: 'certificate-expired',
        receivingIp: '192.0.2.7',
        count: 2,
      },
      {
        policyDomain: 'bank.example',
        policyType: 'tlsa',
        mxHost: '',
        result: 'tlsa-invalid',
        receivingIp: '',
        count: 1,
      },
    ],
  };

  test('what is written is read back, out of its mail', () => {
    const octets = composeTlsReport(report, mail);
    assert.match(octets.toString(), /^Content-Type: multipart\/report; report-type="tlsrpt";\r\n/m);
    const { root } = parseMessage(octets);
    assert.deepEqual(
      root.parts?.map(({ type, subtype, fileName }) => [`${type}/${subtype}`, fileName]),
      [
        ['text/plain', undefined],
        ['application/tlsrpt+gzip', tlsReportFileName(report)],
      ],
    );
    const found = readTlsReport(octets);
    assert.ok(found.kind === 'report');
    assert.deepEqual(found.report, {
      orgName: 'Example University',
      reportId: '2026-09-01.8',
      beginMs: report.beginMs,
      endMs: report.endMs,
      policies: [
        {
          domain: 'bank.example',
          type: 'sts',
          successful: 40,
          failed: 2,
          failures: [{ result: 'certificate-expired', mxHost: 'mx2.bank.example', count: 2 }],
        },
        {
          domain: 'bank.example',
          type: 'tlsa',
          successful: 0,
          failed: 1,
          failures: [{ result: 'tlsa-invalid', mxHost: '', count: 1 }],
        },
      ],
    });
  });

  test('what is none is refused', () => {
    for (const json of ['', '{', 'null', '[]', '{"policies":[]}', '['.repeat(200_000)]) {
      assert.equal(parseTlsReport(json), undefined);
    }
    const odd = formatTlsReport(report).replaceAll(':40', ':-1').replaceAll(':2', ':"2"');
    assert.equal(parseTlsReport(odd)?.policies[0]?.successful, 0);
  });

  test('go to those who want them', async () => {
    const addresses = (...txt: string[]) =>
      findTlsReportAddresses('bank.example', new FakeDns({ '_smtp._tls.bank.example': { txt } }));
    assert.deepEqual(await addresses('v=TLSRPTv1; rua=mailto:t@bank.example,https://x.example/'), ['t@bank.example']);
    assert.deepEqual(await addresses('v=TLSRPTv1; rua=mailto:a@b.example', 'v=TLSRPTv1; rua=mailto:c@b.example'), []);
    assert.deepEqual(await addresses('v=TLSRPTv2; rua=mailto:a@b.example'), []);
    assert.deepEqual(await findTlsReportAddresses('bank.example', new FakeDns()), []);
  });
});
