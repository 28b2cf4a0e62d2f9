/** Mail to the addresses that our DNS records name for reports. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { composeMessage } from '#mime/compose.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { composeDmarcReport, type DmarcReport } from '#trust/dmarc-report.ts';
import { readDmarcReport } from '#trust/read-dmarc-report.ts';
import { MAX_REPORT_MAIL_OCTETS } from '#trust/limits.ts';
import { composeTlsReport, readTlsReport, type TlsReport } from '#trust/tls-report.ts';
import type { TraceEvent } from '#trace/types.ts';
import type { ReportSurroundings } from './delivery.ts';
import { makeCampus, makeTransaction, MESSAGE, showReply } from './testing/campus.ts';
import type { Campus } from './testing/campus.ts';

const clock = new FakeClock();
const END_MS = clock.now() - DAY_MS;
const mail = {
  from: 'noreply@google.example',
  to: ['dmarc-reports@example.edu'],
  messageId: 'a@b',
  nowMs: clock.now(),
};

function dmarcReport(patch: Partial<DmarcReport> = {}, domain = 'example.edu'): Buffer {
  const report: DmarcReport = {
    reportId: '1',
    orgName: 'google.example',
    email: 'noreply@google.example',
    submitter: 'google.example',
    beginS: END_MS / 1000 - 86_399,
    endS: END_MS / 1000,
    policy: {
      domain,
      p: 'none',
      sp: 'none',
      np: undefined,
      pct: 100,
      adkim: 'r',
      aspf: 'r',
      rua: '',
      isTesting: false,
    },
    rows: [
      {
        policyDomain: domain,
        sourceIp: '192.0.2.1',
        headerFrom: domain,
        disposition: 'none',
        override: '',
        dkim: 'pass',
        spf: 'fail',
        spfDomain: domain,
        spfResult: 'fail',
        dkimDomain: domain,
        dkimSelector: 's',
        dkimResult: 'pass',
        count: 12,
      },
    ],
    ...patch,
  };
  return composeDmarcReport(report, mail);
}

function tlsReport(policyDomain: string): Buffer {
  const row = { policyDomain, policyType: 'sts', mxHost: 'mx.example.edu', receivingIp: '' } as const;
  const report: TlsReport = {
    reportId: '1',
    orgName: 'google.example',
    contact: 'a@google.example',
    submitter: 'google.example',
    policyDomain,
    beginMs: END_MS - DAY_MS,
    endMs: END_MS,
    rows: [
      { ...row, result: 'success', count: 40 },
      { ...row, result: 'certificate-expired', count: 2 },
    ],
  };
  return composeTlsReport(report, mail);
}

let store: Awaited<ReturnType<typeof openMemoryStore>>;
let campus: Campus;
let traced: TraceEvent[];

beforeEach(async () => {
  store = await openMemoryStore({ clock });
  campusWith({});
});

afterEach(async () => {
  await store.mail.checkInvariants();
  await store.close();
});

function campusWith(reports: Partial<ReportSurroundings> | undefined): void {
  traced = [];
  campus = makeCampus(store.mail, clock, {
    trace: { message: (_message: unknown, events: readonly TraceEvent[]) => void traced.push(...events) } as never,
    ...(reports === undefined
      ? {}
      : {
          reports: {
            readDmarc: async (octets) => readDmarcReport(octets),
            readTls: async (octets) => readTlsReport(octets),
            keep: async (report) => (await store.trust.run('addDmarcReport', { report })) === true,
            ...reports,
          },
        }),
  });
  campus.table.set('li@example.edu', 1);
}

async function send(octets: Buffer, ...to: readonly string[]): Promise<string[]> {
  const replies = await campus.receiver.data(makeTransaction({ to }), octets);
  return replies.map(showReply);
}

const TO_DMARC = 'DMARC-Reports@example.edu';
const TO_TLS = 'tls-reports@example.edu';
const ok = '250 2.0.0 Ok: queued as ID';
const kept = () => store.trust.reader.dmarcReports('example.edu', 0, 10);

describe('a report on DMARC', () => {
  it('is read and kept, once', async () => {
    assert.deepEqual(await send(dmarcReport(), TO_DMARC, TO_DMARC), [ok, ok]);
    assert.deepEqual(await send(dmarcReport(), TO_DMARC), [ok]);
    const reports = await kept();
    assert.deepEqual(
      reports.map(({ orgName, rows }) => [orgName, rows.length, rows[0]?.count]),
      [['google.example', 1, 12]],
    );
    assert.deepEqual(
      traced.map(({ kind, text }) => [kind, text]),
      [
        ['delivered', 'DMARC report of google.example on example.edu: 12 messages, 12 passed'],
        ['delivered', 'DMARC report of google.example on example.edu: 12 messages, 12 passed'],
        ['delivered', 'DMARC report of google.example on example.edu: 12 messages, 12 passed; it was known'],
      ],
    );
  });

  it('goes to a mailbox where there is one, and to nobody where reports are not read', async () => {
    campus.table.set('dmarc-reports@example.edu', 1);
    assert.deepEqual(await send(dmarcReport(), 'dmarc-reports@example.edu'), [ok]);
    assert.equal((await campus.inbox(1)).length, 1);
    campusWith(undefined);
    const transaction = makeTransaction({ to: [] });
    const reply = await campus.receiver.rcpt(transaction, { address: TO_DMARC, dsn: {} });
    assert.match(showReply(reply), /^550 5\.1\.1/);
    assert.deepEqual(await kept(), []);
  });

  it('is refused when it is not about us, of another time, or none at all', async () => {
    const refused = async (octets: Buffer, to = TO_DMARC): Promise<string> => (await send(octets, to))[0] ?? '';
    assert.match(await refused(dmarcReport({}, 'other.example')), /^550 5\.6\.0 .*about no domain of this site/);
    const old = { beginS: 0, endS: END_MS / 1000 - 40 * 86_400 };
    assert.match(await refused(dmarcReport(old)), /^550 5\.6\.0 .*not of these days/);
    assert.match(await refused(dmarcReport({ endS: END_MS / 1000 + 9 * 86_400 })), /^550 5\.6\.0 .*not of these days/);
    assert.match(await refused(MESSAGE), /^550 5\.6\.0 .*there is none in this message/);
    assert.match(await refused(tlsReport('example.edu')), /^550 5\.6\.0/);
    assert.match(await refused(Buffer.alloc(MAX_REPORT_MAIL_OCTETS + 1, 'a')), /^552 5\.2\.3/);
    const damaged = composeMessage({
      from: { email: 'a@b.example' },
      to: [],
      subject: 's',
      text: 't',
      attachments: [{ fileName: 'r.xml', content: Buffer.from('<feedback><record>'), type: 'text/xml' }],
      dateMs: 0,
      messageId: 'a@b',
    });
    assert.match(await refused(damaged), /^550 5\.6\.0 .*cannot be read/);
    assert.deepEqual(await kept(), []);
    const sizeBytes = MAX_REPORT_MAIL_OCTETS + 1;
    const reply = await campus.receiver.rcpt(makeTransaction({ to: [], sizeBytes }), { address: TO_TLS, dsn: {} });
    assert.match(showReply(reply), /^552/);
  });

  it('that cannot be read now is asked for again, and hinders no other recipient', async () => {
    for (const reports of [
      { readDmarc: () => Promise.reject(new MailError('unavailable', 'busy')) },
      { keep: () => Promise.reject(new MailError('limit', 'too many')) },
      { readDmarc: () => Promise.reject(new Error('injected')) },
    ]) {
      campusWith(reports);
      const [toLi, toReports] = await send(dmarcReport(), 'li@example.edu', TO_DMARC);
      assert.equal(toLi, ok);
      assert.match(toReports ?? '', /^451 4\.3\.0/);
    }
    assert.equal((await campus.inbox(1)).length, 3);
  });
});

describe('a report on TLS', () => {
  it('is told in the trace', async () => {
    assert.deepEqual(await send(tlsReport('example.edu'), TO_TLS), [ok]);
    assert.deepEqual(
      traced.map(({ text }) => text),
      ['TLS report of google.example on example.edu: 40 sessions well, 2 failed (certificate-expired 2)'],
    );
  });

  it('is refused when it is not about us', async () => {
    // As good as: without a domain at all.
    assert.match((await send(tlsReport(''), TO_TLS))[0] ?? '', /^550 5\.6\.0/);
    assert.match((await send(tlsReport('other.example'), TO_TLS))[0] ?? '', /^550 5\.6\.0 .*about no domain/);
  });
});
