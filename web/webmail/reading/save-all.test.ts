import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import type { AttachmentView } from '#web/webmail/model.ts';
import { namesInFolder, zipAttachments } from './save-all.ts';

test('names keep what they say and lead nowhere', () => {
  assert.deepEqual(
    namesInFolder(['成绩单.xlsx', '成绩单.xlsx', '成绩单.XLSX', '../../etc/passwd', 'a\u202Efdp.exe', '']),
    ['成绩单.xlsx', '成绩单 (2).xlsx', '成绩单 (3).XLSX', '__.._etc_passwd', 'afdp.exe', 'noname'],
  );
});

test('a ZIP file has every file under its Chinese name, marked as UTF-8', async () => {
  const files = ['通知.txt', '附件二.txt'];
  const attachments = files.map((name, at): AttachmentView => ({
    id: String(at),
    name,
    type: 'text/plain',
    sizeBytes: 1,
    url: `data:text/plain,${at}`,
  }));
  const octets = new Uint8Array(await (await zipAttachments(attachments)).arrayBuffer());
  const unpacked = unzipSync(octets);
  assert.deepEqual(Object.keys(unpacked), files);
  assert.equal(new TextDecoder().decode(unpacked['附件二.txt']), '1');
  // APPNOTE §4.4.4, bit 11.
  assert.equal(new DataView(octets.buffer).getUint16(6, true) & 0x800, 0x800);
});
