import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from './limits.ts';
import { parseMessage } from './message.ts';
import type { MimePart } from './structure.ts';

function parse(...lines: string[]): { root: MimePart; body: (part: MimePart | undefined) => string } {
  const octets = Buffer.from(lines.join('\r\n'), 'latin1');
  const { root } = parseMessage(octets);
  return { root, body: (part) => octets.toString('latin1', part?.bodyStart, part?.bodyEnd) };
}

function countParts(part: MimePart): number {
  return 1 + (part.parts ?? []).reduce((sum, child) => sum + countParts(child), 0);
}

test('the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1)', () => {
  const { root, body } = parse(
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    '',
    'one',
    '',
    '--x',
    '',
    '--x--',
    '',
  );
  assert.deepEqual(root.parts?.map(body), ['one\r\n', '']);
  assert.deepEqual(
    root.parts?.map((part) => part.lines),
    [1, 0],
  );
});

test('blanks after a boundary are its own, and its case counts', () => {
  const { root, body } = parse(
    'Content-Type: multipart/mixed; boundary="x y"',
    '',
    '--x y \t',
    '',
    '--X Y',
    '--x y-- ',
    'z',
  );
  assert.deepEqual(root.parts?.map(body), ['--X Y']);
});

test('a boundary right after a part header ends the part without an empty line', () => {
  const { root, body } = parse(
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: image/png',
    '--x',
    '',
    'b',
  );
  assert.deepEqual(
    root.parts?.map((part) => `${part.type} ${body(part)}`),
    ['image ', 'text b'],
  );
});

test('an outer boundary ends inner parts that never ended', () => {
  const { root, body } = parse(
    'Content-Type: multipart/mixed; boundary=o',
    '',
    '--o',
    'Content-Type: multipart/mixed; boundary=i',
    '',
    '--i',
    '',
    'deep',
    '--o',
    '',
    'last',
  );
  assert.equal(body(root.parts?.[0]?.parts?.[0]), 'deep');
  assert.equal(body(root.parts?.[1]), 'last');
});

test('a multipart whose boundary never comes reads as text', () => {
  const { root, body } = parse('Content-Type: multipart/mixed; boundary=x', '', 'words', '');
  assert.equal(`${root.type}/${root.subtype}`, 'text/plain');
  assert.equal(root.parts, undefined);
  assert.equal(root.lines, 1);
  assert.equal(body(root), 'words\r\n');
});

test('an unusable Content-Type reads as text/plain (RFC 2045 §5.2)', () => {
  for (const value of ['text', '/plain', 'a b/c', 'text/', '通知', '', 'image/png/x']) {
    const { root } = parse(`Content-Type: ${Buffer.from(value).toString('latin1')}; charset=gbk`, '');
    assert.equal(`${root.type}/${root.subtype}`, 'text/plain', value);
    assert.equal(root.params['charset'], 'gbk');
  }
});

test('the first Content-Type counts', () => {
  const { root } = parse('Content-Type: text/html', 'Content-Type: text/plain', '');
  assert.equal(root.subtype, 'html');
});

test('fields of a part', () => {
  const { root } = parse(
    'Content-Type: image/png',
    'Content-Transfer-Encoding: "BASE64" (really);',
    'Content-ID: <a@b>',
    'Content-Description: =?gbk?B?zajWqg==?=',
    'Content-Language: zh-CN, en (English)',
    'Content-Location: http://x/\r\n y',
    'Content-MD5: Q2hlY2s=',
    'Content-Disposition: INLINE; filename=a.png',
    '',
  );
  assert.deepEqual(
    [root.encoding, root.id, root.description, root.language, root.location, root.md5, root.disposition, root.fileName],
    ['base64', '<a@b>', '通知', ['zh-CN', 'en'], 'http://x/y', 'Q2hlY2s=', 'inline', 'a.png'],
  );
});

test('10,000 parts inside each other: the depth is bounded, the rest is opaque', () => {
  let text = '';
  for (let i = 0; i < 10_000; i++) text += `Content-Type: multipart/mixed; boundary="b${i}"\n\n--b${i}\n`;
  let { root: part } = parseMessage(Buffer.from(text));
  let depth = 0;
  while (part.parts !== undefined) {
    part = part.parts[0]!;
    depth++;
  }
  assert.equal(depth, LIMITS.nestingDepth);
  assert.equal(`${part.type}/${part.subtype}`, 'application/octet-stream');
  assert.equal(part.bodyEnd, text.length);
});

test('10,000 messages inside each other', () => {
  const { root } = parseMessage(Buffer.from('Content-Type: message/rfc822\n\n'.repeat(10_000)));
  assert.equal(countParts(root), LIMITS.nestingDepth + 1);
  assert.equal(root.lines, 19_998);
});

test('100,000 parts beside each other: the rest stays in the parent', () => {
  const octets = Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(100_000)}--b--\n`);
  const { root } = parseMessage(octets);
  assert.equal(countParts(root), LIMITS.parts);
  assert.ok(root.parts!.every((part) => part.bodyEnd - part.bodyStart === 1));
  assert.equal(root.bodyEnd, octets.length);
});

test('a header line of 10 MB does not hide the body', () => {
  const octets = Buffer.from(`Subject: ${'x'.repeat(10_000_000)}\r\nContent-Type: text/html\r\n\r\nbody`);
  const { root, headers } = parseMessage(octets);
  assert.equal(octets.toString('latin1', root.bodyStart), 'body');
  assert.ok(headers.first('subject')!.length <= LIMITS.fieldBytes);
  // Beyond the section's limit: not read.
  assert.equal(root.subtype, 'plain');
});

test('a boundary of any octets is compared as it stands', () => {
  const { root, body } = parse(
    'Content-Type: multipart/mixed; boundary="\xd1\xa7=?x?="',
    '',
    '--\xd1\xa7=?x?=',
    '',
    'one',
  );
  assert.deepEqual(root.parts?.map(body), ['one']);
});

test('line ends are counted through enclosed messages', () => {
  const { root } = parse(
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: message/rfc822',
    '',
    'Content-Type: multipart/mixed; boundary=y',
    '',
    '--y',
    'Content-Type: message/global',
    '',
    'Subject: a',
    '',
    'one',
    'two',
    '--y--',
    '',
    '--x',
    'Content-Type: message/rfc822',
    '',
    '',
    'three',
    '--x--',
  );
  const [first, second] = root.parts!;
  assert.equal(first!.lines, 10);
  assert.equal(first!.parts![0]!.parts![0]!.lines, 3);
  assert.equal(first!.parts![0]!.parts![0]!.parts![0]!.lines, 1);
  assert.equal(second!.lines, 1);
});
