import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodePart } from './body-text.ts';
import { composeMessage, formatAddressField, formatHeaderField, type MessageDraft } from './compose.ts';
import { digestMessage } from './digest.ts';
import { parseHeader } from './header.ts';

const DRAFT: MessageDraft = {
  from: { name: '网络中心', email: 'nic@x.edu.cn' },
  to: [{ name: '曾"国\\藩', email: 'zgf@x.edu.cn' }, { email: 'b@c' }],
  subject: '关于启用新版电子邮件系统的通知（请各单位务必于九月三十日前完成迁移）',
  text: '各位老师：\n\n  你好。\n',
  dateMs: Date.UTC(2019, 8, 16, 2),
  messageId: '1@x.edu.cn',
};

test('a composed message is read back', () => {
  const octets = composeMessage({
    ...DRAFT,
    cc: [{ name: 'Last, First', email: 'l@x' }],
    replyTo: [{ email: 'r@x' }],
    html: '<p>各位<img src="cid:logo">老师</p>',
    inReplyTo: '0@x',
    references: ['a@x', '0@x'],
    headers: [['Auto-Submitted', 'auto-generated']],
    attachments: [
      { fileName: '附件 一.docx', type: 'application/x-doc', content: Buffer.from([0, 255, 10]) },
      { fileName: 'logo.png', type: 'image/png', content: Buffer.from('png'), contentId: 'logo' },
    ],
  });
  assert.match(octets.toString('latin1'), /^(?:[\x20-\x7e\t]{0,998}\r\n)*$/);
  const { summary, structure, preview } = digestMessage(octets);
  assert.deepEqual(summary, {
    subject: DRAFT.subject,
    from: [DRAFT.from],
    sender: [],
    replyTo: [{ email: 'r@x' }],
    to: DRAFT.to,
    cc: [{ name: 'Last, First', email: 'l@x' }],
    bcc: [],
    sentAtMs: DRAFT.dateMs,
    sentAtOffsetMinutes: 480,
    messageId: ['1@x.edu.cn'],
    inReplyTo: ['0@x'],
    references: ['a@x', '0@x'],
    hasAttachment: true,
  });
  assert.equal(preview, '各位老师： 你好。');
  const [alternative, file] = structure.parts!;
  assert.deepEqual(
    [alternative?.parts?.[0]?.subtype, alternative?.parts?.[1]?.subtype, alternative?.parts?.[1]?.parts?.[1]?.id],
    ['plain', 'related', '<logo>'],
  );
  assert.equal(file?.fileName, '附件 一.docx');
  // QQ Mail reads the name of Content-Type.
  assert.equal(file?.params['name'], '附件 一.docx');
  assert.deepEqual([...decodePart(octets, file)], [0, 255, 10]);
});

test('plain ASCII stays readable, and pure', () => {
  const octets = composeMessage({ ...DRAFT, text: 'Hello\nWorld' });
  assert.deepEqual(octets, composeMessage({ ...DRAFT, text: 'Hello\nWorld' }));
  assert.match(octets.toString(), /Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\nWorld\r\n$/);
  // What mail systems would change on the way is encoded.
  for (const text of ['From me', 'x'.repeat(1000), 'a\0b']) {
    const encoded = composeMessage({ ...DRAFT, text });
    assert.match(encoded.toString(), /base64/);
    assert.equal(decodePart(encoded, digestMessage(encoded).structure).toString(), `${text}\r\n`);
  }
  assert.match(composeMessage({ ...DRAFT, to: [] }).toString(), /\r\nTo: undisclosed-recipients:;\r\n/);
});

test('fields are folded, and no value begins another field', () => {
  const received = formatHeaderField(
    'Received',
    'from a.example (a.example [192.0.2.1]) by mx.x.edu.cn with ESMTPS id 1 for <z@x.edu.cn>; Mon, 16 Sep 2019 10:00:00 +0800',
  );
  assert.ok(received.split('\r\n').every((line) => line.length <= 78));
  assert.equal(parseHeader(Buffer.from(received)).first('received')?.includes('for <z@x.edu.cn>; Mon,'), true);
  assert.equal(formatHeaderField('Subject', 'a\r\nBcc: x'), 'Subject: a Bcc: x\r\n');
  assert.equal(formatHeaderField('X', ''), 'X: \r\n');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ' ', '\r\n', '学', ':', 'b'.repeat(90)), maxLength: 60 }),
      (value) => {
        const text = formatHeaderField('Name', value);
        const { fields, bodyStart } = parseHeader(Buffer.from(`${text}\r\nbody`));
        assert.equal(fields.length, 1);
        assert.equal(bodyStart, text.length + 2);
        assert.ok(text.split('\r\n').every((line) => line.length <= 998));
      },
    ),
  );
});

test('a thousand addresses', () => {
  const addresses = Array.from({ length: 1000 }, (_, i) => ({ name: `学生${i}`, email: `s${i}@x.edu.cn` }));
  const field = formatAddressField('To', addresses);
  assert.ok(field.split('\r\n').every((line) => line.length <= 78));
  assert.deepEqual(digestMessage(Buffer.from(`${field}\r\n`)).summary.to, addresses);
});
