/** Reports are read apart, and what takes too much is given up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isMailError } from '#base/errors.ts';
import { composeMessage } from '#mime/compose.ts';
import { openReportReader } from './read-report.ts';

const mail = (fileName: string, content: string): Buffer =>
  composeMessage({
    from: { email: 'a@b.example' },
    to: [{ email: 'c@d.example' }],
    subject: 'report',
    text: 'see below',
    attachments: [{ fileName, content: gzipSync(content), type: 'application/gzip' }],
    dateMs: 0,
    messageId: 'x@y',
  });

test('a report of either kind is read in a thread of its own', async () => {
  const { readDmarc, readTls } = openReportReader();
  const json =
    '{"date-range":{"start-datetime":"2026-09-16T00:00:00Z","end-datetime":"2026-09-16T23:59:59Z"},"policies":[]}';
  const [dmarc, tls] = await Promise.all([readDmarc(mail('r.xml.gz', '<a/>')), readTls(mail('r.json.gz', json))]);
  assert.deepEqual(dmarc, { kind: 'refused', why: 'damaged' });
  assert.ok(tls.kind === 'report');
  assert.equal(tls.report.endMs, Date.UTC(2026, 8, 16, 23, 59, 59));
});

test('a report that takes more memory or time than it may is not read, and the next one is', async () => {
  const { readDmarc } = openReportReader({ timeLimitMs: 30_000, maxHeapMib: 24 });
  const bomb = mail('r.xml.gz', `<feedback>${'<a/>'.repeat(2_000_000)}</feedback>`);
  await assert.rejects(readDmarc(bomb), (error) => isMailError(error, 'unavailable'));
  assert.equal((await readDmarc(mail('r.xml.gz', '<a/>'))).kind, 'refused');
  const hasty = openReportReader({ timeLimitMs: 1 });
  await assert.rejects(hasty.readDmarc(bomb), (error) => isMailError(error, 'unavailable'));
});
