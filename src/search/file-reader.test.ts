import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { FakeClock, systemClock, type Clock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { parseMessage } from '#mime/message.ts';
import { FileReader } from './file-reader.ts';

/** A message with these files. */
function makeMessage(
  files: readonly { readonly name: string; readonly type?: string; readonly octets: Uint8Array }[],
): Buffer {
  const parts = files.map(
    ({ name, type = 'application/octet-stream', octets }) =>
      `--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(octets).toString('base64')}\r\n`,
  );
  return Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`);
}

async function readOne(name: string, octets: Uint8Array, clock: Clock = systemClock): Promise<string> {
  const reader = new FileReader(clock, silentLog);
  try {
    const message = makeMessage([{ name, octets }]);
    return await reader.readFiles(message, parseMessage(message).root);
  } finally {
    await reader.close();
  }
}

const zip = (members: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(members).map(([name, text]) => [name, strToU8(text)])));

const DOCX = zip({
  'word/document.xml':
    '<w:document><w:p><w:r><w:t>预</w:t></w:r><w:r><w:t xml:space="preserve">算 &amp; &#x62a5;表</w:t></w:r></w:p><w:p><w:t>第二段</w:t></w:p><w:tbl/></w:document>',
  'word/styles.xml': '<w:t>样式</w:t>',
});

/** One page that says Hello, as small as a PDF can be. */
function makePdf(text: string): Buffer {
  const stream = `BT /F1 12 Tf 10 50 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let out = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = out.length;
    out += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const xref = out.length;
  out += `xref\n0 6\n0000000000 65535 f \n${offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}`;
  return Buffer.from(`${out}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`);
}

test('the texts of office files', async () => {
  assert.equal((await readOne('a.docx', DOCX)).trim(), '预算 & 报表\n第二段');
  const xlsx = zip({
    'xl/sharedStrings.xml': '<sst><si><t>学号</t></si><si><r><t>姓</t></r><r><t>名</t></r></si></sst>',
    'xl/worksheets/sheet1.xml': '<c t="s"><v>0</v></c><c t="inlineStr"><is><t>备注</t></is></c>',
  });
  assert.equal((await readOne('b.XLSX', xlsx)).trim(), '学号\n姓名\n\n备注');
  const pptx = zip({ 'ppt/slides/slide1.xml': '<a:p><a:r><a:t>开题</a:t></a:r><a:r><a:t>报告</a:t></a:r></a:p>' });
  assert.equal((await readOne('c.pptx', pptx)).trim(), '开题报告');
});

test('the text of a PDF', async () => {
  assert.match(await readOne('d.pdf', makePdf('Hello campus')), /Hello campus/);
});

test('what is broken says nothing, costs no new thread, and what comes after it is read', async () => {
  let threads = 0;
  const count = (): void => void threads++;
  subscribe('worker_threads', count);
  const reader = new FileReader(systemClock, silentLog);
  const message = makeMessage([
    { name: 'a.docx', octets: Buffer.from('no zip') },
    { name: 'b.pdf', octets: Buffer.from('%PDF-1.4 and no more') },
    { name: 'c.docx', octets: DOCX.subarray(0, DOCX.length - 30) },
    { name: 'd.docx', type: 'image/png', octets: DOCX },
    { name: 'e.docx', octets: DOCX },
  ]);
  assert.equal((await reader.readFiles(message, parseMessage(message).root)).trim(), '预算 & 报表\n第二段');
  await reader.close();
  unsubscribe('worker_threads', count);
  assert.equal(threads, 1);
});

test('a file that unpacks to more than is allowed is not unpacked', async () => {
  const bomb = zipSync({ 'word/document.xml': new Uint8Array(40 * 1024 * 1024) });
  assert.equal((await readOne('bomb.docx', bomb)).trim(), '');
});

test('a file that takes too long is given up', async () => {
  const clock = new FakeClock();
  const reading = readOne('a.pdf', makePdf('late'), clock);
  // Before the thread is up.
  clock.advance(60_000);
  assert.equal(await reading, '');
});
