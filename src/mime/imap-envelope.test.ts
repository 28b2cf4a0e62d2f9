import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHeader } from './header.ts';
import { formatImapEnvelope, readAddressFields } from './imap-envelope.ts';

function envelope(...lines: string[]): string {
  const headers = parseHeader(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  return formatImapEnvelope(headers, readAddressFields(headers, {}));
}

test('the example of RFC 9051 §7.5.2', () => {
  assert.equal(
    envelope(
      'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
      'From: Terry Gray <gray@cac.washington.edu>',
      'Subject: IMAP4rev2 WG mtg summary and minutes',
      'To: imap@cac.washington.edu',
      'cc: minutes@CNRI.Reston.VA.US,',
      '  John Klensin <KLENSIN@MIT.EDU>',
      'Message-Id: <B27397-0100000@cac.washington.ed>',
    ),
    '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" ' +
      '(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ' +
      '(("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ' +
      '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) ' +
      'NIL NIL "<B27397-0100000@cac.washington.ed>")',
  );
});

test('an empty Sender or Reply-To is From, an empty Subject is empty', () => {
  assert.equal(
    envelope('From: a@b', 'Sender: ', 'Reply-To: <>', 'Subject:'),
    '(NIL "" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL)',
  );
});

test('quotes, groups, routes, missing halves, several To fields', () => {
  assert.equal(
    envelope('Subject: a "b" \\c', 'To: G: "x \\"y" <a@b>;, <@r:c@d>', 'To: lost', 'Bcc: Name <>'),
    '(NIL "a \\"b\\" \\\\c" NIL NIL NIL ' +
      '((NIL NIL "G" NIL)("x \\"y" NIL "a" "b")(NIL NIL NIL NIL)(NIL "@r" "c" "d")(NIL NIL "lost" "MISSING_DOMAIN")) ' +
      'NIL (("Name" NIL "MISSING_MAILBOX" "MISSING_DOMAIN")) NIL NIL)',
  );
});

test('encoded words pass as they stand; raw octets and decoded control characters do not', () => {
  assert.equal(
    envelope('Subject: =?gb2312?B?zajWqg==?=', 'From: =?gbk?B?1cXI/Q==?= <z@x>').slice(0, 60),
    '(NIL "=?gb2312?B?zajWqg==?=" (("=?gbk?B?1cXI/Q==?=" NIL "z" ',
  );
  assert.equal(
    envelope('Subject: 通知', 'From: 张三 <张@大学.cn>').slice(0, 108),
    '(NIL "=?UTF-8?B?6YCa55+l?=" (("=?UTF-8?B?5byg5LiJ?=" NIL "=?UTF-8?B?5byg?=" "=?UTF-8?B?5aSn5a2mLmNu?=")) (("'.slice(
      0,
      108,
    ),
  );
  assert.match(envelope('Subject: a\0b\x7f\rc'), /^\(NIL "ab c" NIL/);
});

test('ten thousand recipients are bounded', () => {
  const value = envelope(`To: ${Array.from({ length: 10_000 }, (_, i) => `u${i}@x`).join(', ')}`);
  assert.equal(value.split('(NIL NIL "u').length - 1, 5000);
});
