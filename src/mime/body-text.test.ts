import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodePart, decodePartText, decodeTransfer, extractText } from './body-text.ts';
import { parseMessage } from './message.ts';

function decode(encoding: string, body: string | Buffer): string {
  return decodeTransfer(Buffer.from(body), encoding).toString('latin1');
}

test('base64 with garbage, breaks, and pieces joined after their padding', () => {
  assert.equal(decode('base64', 'QUJD\r\nREVG\r\n'), 'ABCDEF');
  assert.equal(decode('base64', 'QU!J*D\n--\nRE VG'), Buffer.from('QUJD--REVG', 'base64').toString('latin1'));
  assert.equal(decode('base64', 'QUI=\r\nREVG\r\n'), 'ABDEF');
  assert.equal(decode('base64', 'QUI='), 'AB');
  const joined = 'QQ==QUJD*R=UVG_-8=-_8=Q==QUJDREVGRw';
  const pieces = joined.split(/=+/).map((piece) => Buffer.from(piece, 'base64').toString('latin1'));
  assert.equal(decode('base64', joined), pieces.join(''));
  assert.equal(decode('base64', 'QUJ'), 'AB');
  assert.equal(decode('base64', ''), '');
});

test('quoted-printable: soft breaks, blanks at line ends, escapes that are none', () => {
  assert.equal(decode('quoted-printable', 'a=3Db=\r\nc= \t\nd'), 'a=bcd');
  assert.equal(decode('quoted-printable', 'a  \t\r\nb \nc '), 'a\r\nb\nc ');
  assert.equal(decode('quoted-printable', 'a=20\r\n'), 'a \r\n');
  assert.equal(decode('quoted-printable', '50%=off =4 =e9='), '50%=off =4 \xe9');
  assert.equal(decode('quoted-printable', 'a\rb'), 'a\rb');
});

test('uuencode, and encodings that nobody knows', () => {
  assert.equal(decode('x-uuencode', 'text\nbegin 644 x.txt\n#86)C\n`\nend\n'), 'abc');
  assert.equal(decode('uuencode', 'no beginning'), 'no beginning');
  assert.equal(decode('x-klingon', 'abc'), 'abc');
});

test('octets come back from both encodings', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      const body = Buffer.from(octets);
      assert.deepEqual(decodeTransfer(Buffer.from(body.toString('base64')), 'base64'), body);
      const escaped = [...octets].map((octet) => `=${octet.toString(16).padStart(2, '0')}`).join('=\r\n');
      assert.deepEqual(decodeTransfer(Buffer.from(escaped), 'quoted-printable'), body);
    }),
  );
});

test('never throws', () => {
  const encodings = fc.constantFrom('base64', 'quoted-printable', 'x-uuencode', '7bit');
  fc.assert(
    fc.property(fc.uint8Array(), encodings, (octets, encoding) => {
      assert.ok(
        decodeTransfer(Buffer.concat([Buffer.from('begin 1 x\n'), octets]), encoding).length <= octets.length + 10,
      );
    }),
  );
});

const MAIL = Buffer.from(
  [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=gbk',
    'Content-Transfer-Encoding: base64',
    '',
    'zajWqg==',
    '--b',
    'Content-Type: text/html',
    '',
    '<p>悬<b>空</b>寺</p>',
    '--b',
    'Content-Type: application/pdf; name="=?utf-8?B?5oql5ZGKLnBkZg==?="',
    '',
    '%PDF',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'Subject: =?utf-8?B?6L2s5Y+R?=',
    'From: a@b',
    '',
    'inner words',
    '--b--',
  ].join('\r\n'),
);

test('extractText yields text, names and enclosed headers in order', () => {
  const { root } = parseMessage(MAIL);
  assert.deepEqual(
    [...extractText(MAIL, root)].map(({ kind, text }) => `${kind} ${text}`),
    ['text 通知', 'text 悬空寺', 'fileName 报告.pdf', 'header 转发\na@b', 'text inner words'],
  );
});

test('extractText and decodePart are bounded', () => {
  const { root } = parseMessage(MAIL);
  assert.equal(decodePart(MAIL, root.parts![0]!, 4).toString('hex'), 'cda8d6');
  const found = [...extractText(MAIL, root, { maxTotalBytes: 8 })].filter((one) => one.kind === 'text');
  assert.deepEqual(
    found.map((one) => one.text),
    ['通知'],
  );
});

test('HTML without a charset in the mail is read by its own', () => {
  const html = Buffer.concat([
    Buffer.from('Content-Type: text/html\n\n<meta charset="windows-1251">'),
    Buffer.from('CFF0E8E2E5F2', 'hex'),
  ]);
  assert.match(decodePartText(html, parseMessage(html).root), /Привет$/);
});

test('a cut inside a character is not seen', () => {
  const octets = Buffer.from(`\n${'系统通知'.repeat(10)}`);
  const { root } = parseMessage(octets);
  assert.equal(decodePartText(octets, root, {}, 11), '系统通');
});
