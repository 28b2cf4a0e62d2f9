import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { toCrlf, toLf } from './crlf.ts';
import { DistinctNames, safeFileName } from './file-name.ts';
import { formatMaildirFlags, formatMboxFlags, readMaildirFlags, readMboxFlags } from './keywords.ts';
import { formatFolderName, readLevel } from './maildir-name.ts';
import { readMboxMessage } from './mbox-message.ts';

const crlf = (text: string, unquote = false) => toCrlf(Buffer.from(text), unquote).toString();
const lf = (text: string, quote = false) => toLf(Buffer.from(text), quote).toString();

test('line ends become CRLF, whatever they were; a CR by itself stays', () => {
  assert.equal(crlf('\na\nb\r\n\nc\rd'), '\r\na\r\nb\r\n\r\nc\rd');
  assert.equal(crlf(''), '');
  assert.equal(crlf('>From a\n>>From b\n> From\n>Fro', true), 'From a\r\n>From b\r\n> From\r\n>Fro');
  assert.equal(crlf('>From a\n'), '>From a\r\n');
});

test('and LF again, with From_ quoted', () => {
  assert.equal(lf('a\r\nb\nc\rd\r\r\n'), 'a\nb\nc\rd\r\n');
  assert.equal(lf('From a\r\n>From b\r\nFromage\r\nx From \r\n', true), '>From a\n>>From b\nFromage\nx From \n');
});

test('what was written comes back octet for octet', () => {
  const line = fc.constantFrom('From x', '>From x', '>>From', '', '.', 'text', '\rodd', 'é>From ');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const message = Buffer.from(lines.map((text) => `${text}\r\n`).join(''));
      assert.deepEqual(toCrlf(toLf(message, true), true), message);
      assert.deepEqual(toCrlf(toLf(message)), message);
    }),
  );
});

test('flags of Maildir and mbox there and back', () => {
  const system = ['$seen', '$flagged', '$answered', '$draft'];
  fc.assert(
    fc.property(fc.subarray(system), fc.subarray(['$forwarded', 'amtlich', '$junk']), fc.boolean(), (a, b, deleted) => {
      const flags = { keywords: [...a, ...b], deleted };
      const sorted = { keywords: flags.keywords.toSorted(), deleted };
      const letters = new Map([
        ['amtlich', 'a'],
        ['$junk', 'b'],
      ]);
      const info = formatMaildirFlags(flags, (keyword) => letters.get(keyword) ?? '');
      assert.deepEqual(info, info.split('').toSorted().join(''));
      const fromMaildir = readMaildirFlags(
        info,
        new Map([
          ['a', 'amtlich'],
          ['b', '$junk'],
        ]),
      );
      assert.deepEqual({ ...fromMaildir, keywords: fromMaildir.keywords.toSorted() }, sorted);

      const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(formatMboxFlags(flags))?.[1] ?? '';
      const fromMbox = readMboxFlags(value('Status'), value('X-Status'), value('X-Keywords'));
      assert.deepEqual({ ...fromMbox, keywords: fromMbox.keywords.toSorted() }, sorted);
    }),
  );
});

test("what cannot be a keyword is left out; clients' own names are understood", () => {
  assert.deepEqual(readMboxFlags('', '', 'NonJunk 已归档 a"b (x) $Forwarded').keywords, ['$notjunk', '$forwarded']);
});

test("an mbox's own fields are taken off and read; the rest stays as it is", () => {
  const raw = Buffer.from(
    'Received: x;\n\tMon, 16 Sep 2019 10:00:02 +0800\nStatus: RO\nX-Status: AF\nX-Keywords: Wichtig\n  $Junk\nSubject: =?gb18030?B?xOO6ww==?=\n\n>From me\nStatus: R\n',
  );
  const read = readMboxMessage('From li Mon Sep 16 10:00:00 2019', raw);
  assert.equal(
    read.octets.toString(),
    'Received: x;\r\n\tMon, 16 Sep 2019 10:00:02 +0800\r\nSubject: =?gb18030?B?xOO6ww==?=\r\n\r\nFrom me\r\nStatus: R\r\n',
  );
  assert.deepEqual(read.keywords.toSorted(), ['$answered', '$flagged', '$junk', '$seen', 'wichtig']);
  // The From_ line has the hour but not the zone; Received has both.
  assert.equal(read.receivedAt, Date.UTC(2019, 8, 16, 2, 0, 2));
});

test('the date of arrival: of the From_ line, of Received or Date where they agree with it', () => {
  const date = (fromLine: string, header: string) => readMboxMessage(fromLine, Buffer.from(`${header}\n\n`)).receivedAt;
  assert.equal(date('From li Mon Sep 16 10:00:00 2019', 'X: y'), Date.UTC(2019, 8, 16, 10));
  assert.equal(date('From "a b" <c> Mon Sep 16 10:00:00 2019', 'X: y'), Date.UTC(2019, 8, 16, 10));
  assert.equal(
    date('From - Mon Sep 16 10:00:00 2019', 'Date: Tue, 1 Jan 2013 00:00:00 +0000'),
    Date.UTC(2019, 8, 16, 10),
  );
  assert.equal(
    date('From - Mon Sep 16 10:00:00 2019', 'Date: Mon, 16 Sep 2019 10:00:00 +0800'),
    Date.UTC(2019, 8, 16, 2),
  );
  assert.equal(date('From x y 12:00 1999', 'Date: Mon, 16 Sep 2019 10:00:00 +0800'), Date.UTC(2019, 8, 16, 2));
  assert.equal(date('From nobody', 'X: y'), undefined);
});

test('leftovers are no messages: deleted in Thunderbird, the notes of UW IMAP', () => {
  const isLeftover = (header: string) => readMboxMessage('From -', Buffer.from(`${header}\n\nx\n`)).isLeftover;
  assert.equal(isLeftover('X-Mozilla-Status: 0009'), true);
  assert.equal(isLeftover('X-Mozilla-Status: 1007'), false);
  assert.equal(isLeftover("X-IMAP: 1 2\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"), true);
  assert.equal(isLeftover('Subject: FOLDER INTERNAL DATA'), false);
  const read = readMboxMessage('From -', Buffer.from('X-Mozilla-Status: 1007\nX-Mozilla-Keys: wichtig   \nA: b\n\n'));
  assert.deepEqual(read.keywords.toSorted(), ['$answered', '$flagged', '$forwarded', '$seen', 'wichtig']);
  assert.equal(read.octets.toString(), 'A: b\r\n\r\n');
});

test('names of Maildir folders there and back, hostile ones too', () => {
  for (const path of [
    'Sent',
    'Sent/2019',
    '归档 & Résumé',
    'a.b/c..d',
    'INBOX/x',
    '垃圾.邮件/\u202eRTL',
    '&-',
    '&AC4-',
  ]) {
    const name = formatFolderName(path);
    assert.match(name, /^\.[\x20-\x7e]+$/);
    assert.equal(name.slice(1).split('.').map(readLevel).join('/'), path);
  }
  assert.equal(formatFolderName('归档 & Résumé'), '.&X1JoYw- &- R&AOk-sum&AOk-');
  assert.equal(formatFolderName('INBOX'), '');
  assert.equal(readLevel('已发送'), '已发送');
  assert.equal(readLevel('&broken'), '&broken');
  assert.equal(readLevel(''), '_');
  assert.equal(readLevel('a\u0007/b'), 'a__b');
  assert.ok(Buffer.byteLength(readLevel('档'.repeat(200))) <= 255);
});

test('names of files are safe everywhere, and differ where mailboxes do', () => {
  assert.equal(safeFileName('归档 & Résumé'), '归档 & Résumé');
  assert.equal(safeFileName('a:b?c%d"'), 'a%3Ab%3Fc%25d%22');
  assert.equal(safeFileName('..'), '%2E%2E');
  assert.equal(safeFileName('.hidden'), '%2Ehidden');
  assert.equal(safeFileName('CON.txt'), '%43ON.txt');
  assert.equal(safeFileName('end. '), 'end.%20');
  const names = new DistinctNames();
  assert.deepEqual(
    ['Sent', 'sent', 'SENT'].map((name) => names.claim(name)),
    ['Sent', 'sent (2)', 'SENT (3)'],
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (level) => {
      const name = safeFileName(level);
      assert.ok(name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name));
      assert.ok(Buffer.byteLength(name) <= 200);
    }),
  );
});
