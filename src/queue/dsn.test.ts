import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { BlobKey, QueueId } from '#base/ids.ts';
import { decodePart } from '#mime/body-text.ts';
import { digestMessage } from '#mime/digest.ts';
import { parseHeader } from '#mime/header.ts';
import { composeDsn } from './dsn.ts';
import type { DsnReport } from './dsn.ts';
import { QUEUE_LIMITS } from './limits.ts';
import type { DeliveryFailure, QueuedMessage } from './types.ts';

const HOST = { hostname: 'mx.campus.example' };
const NOW = Date.UTC(2026, 2, 2, 4);
const ORIGINAL = Buffer.from(
  'Message-ID: <1@campus.example>\r\nSubject: =?UTF-8?B?5b2S5qGj?= & R=?UTF-8?Q?=C3=A9?=sum\r\nFrom: a@campus.example\r\n\r\nsecret body\r\n',
);

const MESSAGE: QueuedMessage = {
  queueId: 'abcdefgh23456' as QueueId,
  blobKey: 1 as BlobKey,
  sizeBytes: ORIGINAL.length,
  createdAt: Date.UTC(2026, 2, 1, 4),
  expiresAt: Date.UTC(2026, 2, 4, 4),
  reversePath: 'a@campus.example',
  body: '7BIT',
  smtpUtf8: false,
  requireTls: false,
  accountId: null,
  priority: 0,
};

const NO_USER: DeliveryFailure = {
  at: Date.UTC(2026, 2, 2, 3),
  remote: 'mx.b.example (192.0.2.1)',
  code: 550,
  enhanced: '5.1.1',
  text: 'User unknown',
};

function makeReport(changes: Partial<DsnReport> = {}, message: Partial<QueuedMessage> = {}): DsnReport {
  return {
    kind: 'failed',
    message: { ...MESSAGE, ...message },
    original: ORIGINAL,
    destination: 'b.example',
    recipients: [{ recipient: { address: 'x@b.example' }, failure: NO_USER }],
    nowMs: NOW,
    ...changes,
  };
}

interface ReadReport {
  readonly header: ReturnType<typeof parseHeader>;
  readonly types: readonly string[];
  readonly notice: string;
  readonly status: string;
  readonly returned: Buffer;
}

/** Reads a report back, and holds it against what every report must be. */
function read(octets: Buffer): ReadReport {
  const { structure, summary } = digestMessage(octets);
  const parts = structure.parts ?? [];
  assert.equal(`${structure.type}/${structure.subtype}`, 'multipart/report');
  assert.equal(structure.params['report-type'], 'delivery-status');
  assert.equal(parts.length, 3);
  assert.deepEqual(summary.from, [{ name: 'Mail Delivery System', email: 'mailer-daemon@mx.campus.example' }]);
  for (const line of octets.toString('latin1').split('\r\n')) {
    assert.ok(line.length <= 998 && !/[\r\n\0]/.test(line), line);
  }
  const [notice, status, returned] = parts.map((part) => decodePart(octets, part));
  return {
    header: parseHeader(octets),
    types: parts.map((part) => `${part.type}/${part.subtype}`),
    notice: notice!.toString(),
    status: status!.toString(),
    returned: returned!,
  };
}

test('a failure is reported to people and to programs', () => {
  const octets = composeDsn(
    makeReport(
      {
        recipients: [
          { recipient: { address: 'x@b.example', orcpt: 'rfc822;x+y@campus.example' }, failure: NO_USER },
          {
            recipient: { address: 'y@b.example' },
            failure: { at: NOW, enhanced: '4.4.1', text: 'Connection refused' },
          },
        ],
      },
      { envid: 'env 1' },
    ),
    HOST,
  );
  const { header, types, notice, status, returned } = read(octets);
  assert.deepEqual(types, ['text/plain', 'message/delivery-status', 'text/rfc822-headers']);
  assert.match(octets.toString('latin1'), /^[\x20-\x7e\r\n]*$/);
  assert.equal(
    status,
    [
      'Original-Envelope-Id: env 1',
      'Reporting-MTA: dns; mx.campus.example',
      'Arrival-Date: Sun, 1 Mar 2026 04:00:00 +0000',
      '',
      'Original-Recipient: rfc822; x+y@campus.example',
      'Final-Recipient: rfc822; x@b.example',
      'Action: failed',
      'Status: 5.1.1',
      'Remote-MTA: dns; mx.b.example (192.0.2.1)',
      'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
      'Last-Attempt-Date: Mon, 2 Mar 2026 03:00:00 +0000',
      'Final-Log-ID: abcdefgh23456',
      '',
      'Final-Recipient: rfc822; y@b.example',
      'Action: failed',
      'Status: 4.4.1',
      'Diagnostic-Code: x-queue; Connection refused',
      'Last-Attempt-Date: Mon, 2 Mar 2026 04:00:00 +0000',
      'Final-Log-ID: abcdefgh23456',
      '',
    ].join('\r\n'),
  );
  assert.equal(returned.toString(), ORIGINAL.toString().replace('secret body\r\n', ''));
  assert.equal(header.first('to'), '<a@campus.example>');
  assert.equal(header.first('auto-submitted'), 'auto-replied');
  assert.equal(header.first('in-reply-to'), '<1@campus.example>');
  assert.equal(digestMessage(octets).summary.subject, '邮件未能送达 (Undelivered mail): 归档 & Résum');
  assert.match(
    notice,
    /没有送达[\s\S]*归档[\s\S]*x@b\.example[\s\S]*550 5\.1\.1 User unknown[\s\S]*核对[\s\S]*could not be delivered/,
  );
});

test('a delay says until when it is tried, and never returns the body', () => {
  const willRetryUntil = Date.UTC(2026, 2, 4, 4);
  const recipients = [{ recipient: { address: 'x@b.example' }, failure: { ...NO_USER, code: 451, enhanced: '4.7.1' } }];
  const { notice, status, returned } = read(
    composeDsn(makeReport({ kind: 'delayed', willRetryUntil, recipients }, { ret: 'FULL' }), HOST),
  );
  assert.match(
    status,
    /Action: delayed\r\nStatus: 4\.7\.1\r\n[^]*Will-Retry-Until: Wed, 4 Mar 2026 04:00:00 \+0000\r\n/,
  );
  assert.match(notice, /请不要重复发送[\s\S]*Wed, 4 Mar 2026 12:00:00 \+0800/);
  assert.ok(!returned.includes('secret'));
});

for (const kind of ['relayed', 'delivered', 'expanded'] as const) {
  test(`${kind}: no trouble is told`, () => {
    const { status, notice } = read(composeDsn(makeReport({ kind }), HOST));
    assert.match(status, new RegExp(`Action: ${kind}\\r\\nStatus: 2\\.0\\.0\\r\\n`));
    assert.ok(!status.includes('Diagnostic-Code') && !notice.includes('User unknown'));
  });
}

test('the status fits the kind', () => {
  const statusFor = (kind: DsnReport['kind'], failure: DeliveryFailure | null): string | undefined => {
    const recipients = [{ recipient: { address: 'x@b.example' }, failure }];
    return /Status: (.*)\r/.exec(read(composeDsn(makeReport({ kind, recipients }), HOST)).status)?.[1];
  };
  assert.equal(statusFor('failed', null), '4.4.7');
  assert.equal(statusFor('failed', { ...NO_USER, enhanced: 'nonsense' }), '5.0.0');
  assert.equal(statusFor('delayed', null), '4.0.0');
  assert.equal(statusFor('delayed', NO_USER), '4.0.0');
});

test('the message is returned whole where that was asked for and can be', () => {
  const returnedOf = (original: Buffer, message: Partial<QueuedMessage> = {}): [string, Buffer] => {
    const { types, returned } = read(composeDsn(makeReport({ original }, { ret: 'FULL', ...message }), HOST));
    return [types[2]!, returned];
  };
  assert.deepEqual(returnedOf(ORIGINAL), ['message/rfc822', ORIGINAL]);
  assert.equal(returnedOf(ORIGINAL, { requireTls: true })[0], 'text/rfc822-headers');
  const eightBit = Buffer.from('Subject: a\r\n\r\n正文\r\n');
  assert.deepEqual(returnedOf(eightBit), ['message/rfc822', eightBit]);
  const octets = composeDsn(makeReport({ original: eightBit }, { ret: 'FULL' }), HOST);
  assert.equal(parseHeader(octets).first('content-transfer-encoding'), '8bit');
  assert.equal(returnedOf(Buffer.from('Subject: 归档\r\n\r\nx\r\n'))[0], 'message/global');
  for (const body of ['\0', 'x'.repeat(999), 'x\r\n'.repeat(QUEUE_LIMITS.returnedMessageBytes / 3)]) {
    assert.equal(returnedOf(Buffer.from(`Subject: a\r\n\r\n${body}`))[0], 'text/rfc822-headers');
  }
  assert.equal(returnedOf(Buffer.from('A: b\n\nc\rd'))[1].toString(), 'A: b\r\n\r\nc\r\nd');
});

test('a header beyond ASCII is returned in octets that pass everywhere', () => {
  const utf8 = read(composeDsn(makeReport({ original: Buffer.from('Subject: 归档\r\n\r\nx') }), HOST));
  assert.equal(utf8.types[2], 'message/global-headers');
  const gbk = Buffer.concat([Buffer.from('Subject: '), Buffer.from([0xb9, 0xe9, 0xb5, 0xb5]), Buffer.from('\r\n\r\n')]);
  const other = read(composeDsn(makeReport({ original: gbk }), HOST));
  assert.equal(other.types[2], 'text/rfc822-headers');
  const large = Buffer.from('A: b\r\n'.repeat(100_000));
  const { returned } = read(composeDsn(makeReport({ original: large }), HOST));
  assert.ok(
    returned.length <= QUEUE_LIMITS.returnedHeaderBytes && returned.length % 6 === 0 && returned.length > 60_000,
  );
});

test('addresses beyond ASCII', () => {
  const recipient = { address: '张三@例え.jp', orcpt: 'utf-8;张三@例え.jp' };
  const octets = composeDsn(
    makeReport({ recipients: [{ recipient, failure: null }] }, { reversePath: '李四@campus.example' }),
    HOST,
  );
  const { types, status } = read(octets);
  assert.equal(types[1], 'message/global-delivery-status');
  assert.match(status, /Original-Recipient: utf-8; 张三@例え\.jp\r\nFinal-Recipient: utf-8; 张三@例え\.jp\r\n/);
  assert.ok(octets.includes('To: <李四@campus.example>\r\n'));

  const ascii = read(
    composeDsn(
      makeReport({ recipients: [{ recipient: { address: 'a@例え.jp', orcpt: 'utf-8;张@b' }, failure: null }] }),
      HOST,
    ),
  );
  assert.equal(ascii.types[1], 'message/delivery-status');
  assert.match(
    ascii.status,
    /Original-Recipient: utf-8; \\x\{5F20\}@b\r\nFinal-Recipient: rfc822; a@xn--r8jz45g\.jp\r\n/,
  );
});

test('a report made again has the same octets, another one another Message-ID', () => {
  const idOf = (report: DsnReport): string | undefined => parseHeader(composeDsn(report, HOST)).first('message-id');
  assert.deepEqual(composeDsn(makeReport(), HOST), composeDsn(makeReport(), HOST));
  assert.equal(idOf(makeReport()), idOf(makeReport({ nowMs: NOW + 1000 })));
  const others = [
    makeReport(),
    makeReport({ kind: 'delayed' }),
    makeReport({ destination: 'c.example' }),
    makeReport({}, { queueId: 'zbcdefgh23456' as QueueId }),
    makeReport({ recipients: [{ recipient: { address: 'z@b.example' }, failure: NO_USER }] }),
  ];
  assert.equal(new Set(others.map(idOf)).size, others.length);
});

test('people are told of so many recipients, programs of all', () => {
  const recipients = Array.from({ length: 150 }, (_, i) => ({
    recipient: { address: `u${i}@b.example` },
    failure: NO_USER,
  }));
  const { notice, status } = read(composeDsn(makeReport({ recipients }), HOST));
  assert.equal(status.match(/^Final-Recipient: /gm)?.length, 150);
  assert.equal(notice.match(/^ {2}u\d+@b\.example$/gm)?.length, 2 * QUEUE_LIMITS.recipientsShown);
  assert.match(notice, /见附件）：50\n|见附件）：50\r\n/);
  assert.equal(notice.match(/User unknown/g)?.length, 2, 'the same words once for each language');
});

test('nothing breaks out of its place, whatever it is', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      'a\r\nBcc: x@y',
      '\r\n\r\n--=_',
      '=?UTF-8?B?DQpCY2M6IHhAeQ==?=',
      '\u202e>',
      'x'.repeat(5000),
      '张'.repeat(3000),
    ),
  );
  const original = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
    fc
      .tuple(hostile, hostile, hostile)
      .map(([id, subject, body]) => Buffer.from(`Message-ID: <${id}>\r\nSubject: ${subject}\r\n\r\n${body}`)),
  );
  const failure = fc.record({
    at: fc.constant(NOW),
    remote: hostile,
    code: fc.constant(550),
    enhanced: hostile,
    text: hostile,
  });
  const recipient = fc.record({ address: hostile, orcpt: hostile });
  fc.assert(
    fc.property(
      original,
      fc.array(fc.record({ recipient, failure }), { minLength: 1, maxLength: 3 }),
      hostile,
      fc.boolean(),
      (octets, recipients, text, isFull) => {
        const message = { reversePath: text, envid: text, ...(isFull ? { ret: 'FULL' as const } : {}) };
        const { header, status } = read(composeDsn(makeReport({ original: octets, recipients }, message), HOST));
        const names = header.fields.map(({ lowerName }) => lowerName);
        const expected = [
          'date',
          'from',
          'to',
          'subject',
          'message-id',
          'in-reply-to',
          'references',
          'auto-submitted',
          'mime-version',
          'content-type',
          'content-transfer-encoding',
        ];
        assert.deepEqual(
          names,
          expected.filter((name) => names.includes(name)),
        );
        // One group of fields for the message, one for each recipient, none that was smuggled in.
        const groups = status.split('\r\n\r\n');
        assert.equal(groups.length, recipients.length + 1);
        for (const group of groups.slice(1)) {
          const fields = group
            .split(/\r\n(?! )/)
            .filter((line) => line !== '')
            .map((line) => line.slice(0, line.indexOf(':')));
          assert.deepEqual(fields, [
            'Original-Recipient',
            'Final-Recipient',
            'Action',
            'Status',
            'Remote-MTA',
            'Diagnostic-Code',
            'Last-Attempt-Date',
            'Final-Log-ID',
          ]);
        }
      },
    ),
    { numRuns: 300 },
  );
});
