import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { HOSTILE_MAILS } from '#test/corpus/mime/hostile-mails.ts';
import { extractText } from './body-text.ts';
import { digestMessage, parseMessageIds } from './digest.ts';
import { LIMITS } from './limits.ts';
import type { MailAddress, MessageDigest, MimePart } from './structure.ts';

/** What a digest says, a line for each fact; the envelope only where the expectation has one. */
function describeDigest(digest: MessageDigest, withEnvelope: boolean): string {
  const { summary } = digest;
  const lines = [`subject ${summary.subject}`, `base ${digest.baseSubject}`];
  for (const name of ['from', 'to', 'cc'] as const) {
    if (summary[name].length > 0) lines.push(`${name} ${summary[name].map(describeAddress).join(' | ')}`);
  }
  if (summary.sentAtMs !== undefined) lines.push(`sent ${new Date(summary.sentAtMs).toISOString()}`);
  lines.push(`preview ${digest.preview}`);
  if (summary.hasAttachment) lines.push('attachment');
  if (withEnvelope) lines.push(`envelope ${digest.imapEnvelope}`);
  describePart(digest.structure, '', lines);
  return `\n${lines.join('\n')}\n`;
}

function describeAddress({ name, email }: MailAddress): string {
  return name === undefined ? email : `${name} <${email}>`;
}

function describePart(part: MimePart, indent: string, lines: string[]): void {
  const isCounted = part.type === 'text' || part.type === 'message';
  lines.push(
    `${indent}${part.type}/${part.subtype} ${part.encoding}` +
      (isCounted ? ` lines=${part.lines}` : '') +
      (part.fileName === undefined ? '' : ` name=${part.fileName}`) +
      (part.imapEnvelope === undefined ? '' : ` enclosed ${part.imapEnvelope}`),
  );
  for (const child of part.parts ?? []) describePart(child, `${indent}  `, lines);
}

/** What must hold of every digest, whatever the octets. */
function checkDigest(octets: Buffer, digest: MessageDigest): void {
  assert.equal(digest.sizeBytes, octets.length);
  // Printable ASCII only: it goes into an IMAP response as it is.
  assert.match(digest.imapEnvelope, /^\([\x20-\x7e]*\)$/);
  assert.equal(countTopLevel(digest.imapEnvelope), 10);
  assert.ok(digest.preview.length <= LIMITS.previewChars);
  assert.doesNotMatch(digest.preview + digest.summary.subject, /[\x00-\x1f\x7f]/);
  assert.equal(digest.structure.headerStart, 0);
  assert.equal(digest.structure.bodyEnd, octets.length);
  checkPart(octets, digest.structure, 0);
  assert.deepEqual(JSON.parse(JSON.stringify(digest)), structuredClone(digest));
}

function checkPart(octets: Buffer, part: MimePart, depth: number): void {
  assert.ok(depth <= LIMITS.nestingDepth);
  assert.ok(part.headerStart <= part.bodyStart && part.bodyStart <= part.bodyEnd && part.bodyEnd <= octets.length);
  assert.ok(part.type !== '' && part.subtype !== '');
  if (part.type === 'multipart') assert.ok(part.parts !== undefined && part.parts.length > 0);
  if (part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global')) {
    assert.equal(part.parts?.length, 1);
    assert.match(part.parts[0]!.imapEnvelope ?? '', /^\([\x20-\x7e]*\)$/);
  }
  if (part.type === 'text' || part.type === 'message') {
    const body = octets.subarray(part.bodyStart, part.bodyEnd).toString('latin1');
    assert.equal(part.lines, body.split('\n').length - 1, `${part.type}/${part.subtype}`);
  }
  let end = part.bodyStart;
  for (const child of part.parts ?? []) {
    // Parts follow each other inside their parent.
    assert.ok(child.headerStart >= end && child.bodyEnd <= part.bodyEnd, 'nesting');
    end = child.bodyEnd;
    checkPart(octets, child, depth + 1);
  }
}

/** The number of values inside the outer parentheses of an IMAP list. */
function countTopLevel(list: string): number {
  let depth = 0;
  let count = 1;
  let quoted = false;
  for (let i = 0; i < list.length; i++) {
    const character = list[i];
    if (character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ' ' && depth === 1) count++;
  }
  assert.equal(depth, 0);
  assert.equal(quoted, false);
  return count;
}

for (const { name, octets, shows } of HOSTILE_MAILS) {
  test(`hostile mail: ${name}`, () => {
    const digest = digestMessage(octets);
    assert.equal(describeDigest(digest, shows.includes('\nenvelope ')), shows);
    checkDigest(octets, digest);
  });
}

test('a message without anything', () => {
  const digest = digestMessage(Buffer.alloc(0));
  checkDigest(Buffer.alloc(0), digest);
  assert.equal(digest.imapEnvelope, '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)');
  assert.equal(digest.preview, '');
});

test('any octets give a digest that holds together', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      const message = Buffer.from(octets);
      checkDigest(message, digestMessage(message));
    }),
    { numRuns: 300 },
  );
});

test('mutated mails give digests that hold together', { timeout: 20_000 }, () => {
  const pieces = [
    '\r\n',
    '\n',
    '--a',
    '--b--',
    '=?gbk?B?',
    '?=',
    '"',
    '(',
    '<',
    ';',
    ':',
    '\0',
    '\r',
    '\xd1',
    '\xe6\x98',
  ];
  const seeds = HOSTILE_MAILS.map((mail) => mail.octets);
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.nat(20), fc.constantFrom(...pieces)), { minLength: 1, maxLength: 6 }),
      (seed, changes) => {
        let message = seed;
        for (const [place, length, piece] of changes) {
          const start = place % (message.length + 1);
          message = Buffer.concat([
            message.subarray(0, start),
            Buffer.from(piece, 'latin1'),
            message.subarray(start + length),
          ]);
        }
        const digest = digestMessage(message);
        checkDigest(message, digest);
        for (const found of extractText(message, digest.structure)) assert.equal(typeof found.text, 'string');
      },
    ),
    { numRuns: 1500, interruptAfterTimeLimit: 2000 },
  );
});

test('message ids: bracketed ones, else words with @', () => {
  assert.deepEqual(parseMessageIds(' <a@b> <c@d>\t<<e@f>'), ['a@b', 'c@d', 'e@f']);
  assert.deepEqual(parseMessageIds('a@b'), ['a@b']);
  assert.deepEqual(parseMessageIds('Your message of Monday'), []);
  assert.deepEqual(parseMessageIds('<a b@c >'), ['ab@c']);
  const many = Array.from({ length: 500 }, (_, i) => `<${i}@x>`).join(' ');
  assert.deepEqual(parseMessageIds(many).slice(-1), ['499@x']);
  assert.equal(parseMessageIds(many).length, LIMITS.messageIds);
});

test('hasAttachment: pictures shown in place and signatures do not count', () => {
  const has = (...lines: string[]): boolean => digestMessage(Buffer.from(lines.join('\r\n'))).summary.hasAttachment;
  const related = ['Content-Type: multipart/related; boundary=r', '', '--r', 'Content-Type: text/html', '', '--r'];
  assert.equal(has(...related, 'Content-Type: image/png', 'Content-ID: <a>', '', 'x', '--r--'), false);
  assert.equal(has(...related, 'Content-Type: image/png', '', 'x', '--r--'), true);
  assert.equal(has('Content-Type: application/pdf', '', 'x'), true);
  assert.equal(has('Content-Type: text/plain; name=a.txt', '', 'x'), false);
  const signed = ['Content-Type: multipart/signed; boundary=s', '', '--s', '', 'x', '--s'];
  assert.equal(has(...signed, 'Content-Type: application/pkcs7-signature; name=smime.p7s', '', 'x'), false);
});

test('the preview of an invitation, of quoted text, of an HTML alternative to nothing', () => {
  const preview = (...lines: string[]): string => digestMessage(Buffer.from(lines.join('\r\n'))).preview;
  assert.equal(
    preview('Content-Type: text/calendar', '', 'BEGIN:VEVENT', 'SUMMARY;LANGUAGE=zh:开会\\, 很', ' 久', 'LOCATION:A座'),
    '开会, 很久 · A座',
  );
  assert.equal(preview('', '> old', 'new'), 'new');
  assert.equal(preview('', '> old'), 'old');
  const alternative = ['Content-Type: multipart/alternative; boundary=a', '', '--a', '', ' ', '--a'];
  assert.equal(preview(...alternative, 'Content-Type: text/html', '', '<b>x</b>y<p>z'), 'xy z');
});
