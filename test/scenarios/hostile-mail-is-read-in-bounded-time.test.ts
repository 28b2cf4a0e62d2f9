import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_MAILS } from '#test/corpus/mime/hostile-mails.ts';
import { openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { LineClient } from '#test/harness/line-client.ts';
import { residentBytes } from '#test/harness/server-process.ts';

/** Far more than any of them takes, and far less than anything that is not linear would. */
const BOUND_MS = 15_000;
/** The server with all of it read; an empty one takes some 120 MB. */
const BOUND_BYTES = 900 * 1024 * 1024;

const repeat = (text: string, times: number): string => text.repeat(times);
const html = (text: string): string => `Content-Type: text/html\r\n\r\n${text}needle\r\n`;

const BOMBS: Readonly<Record<string, string>> = {
  '10,000 multiparts inside each other':
    Array.from({ length: 10_000 }, (_, i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`).join(
      '',
    ) + '\r\nneedle\r\n',
  '10,000 multiparts inside each other, one boundary':
    repeat('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n', 10_000) + '\r\nneedle\r\n',
  '10,000 messages inside each other': `${repeat('Content-Type: message/rfc822\r\n\r\n', 10_000)}Subject: in\r\n\r\nneedle\r\n`,
  '30,000 parts': `Content-Type: multipart/mixed; boundary=b\r\n\r\n${repeat('--b\r\n\r\nx\r\n', 30_000)}--b--\r\n`,
  'boundaries that nearly are some': `Content-Type: multipart/mixed; boundary="${repeat('B', 200)}"\r\n\r\n${repeat(`--${repeat('B', 199)}\r\n`, 20_000)}`,
  'a header line of 1 MB': `Subject: ${repeat('a', 1_000_000)}\r\n\r\nneedle\r\n`,
  '100,000 header fields': `${repeat('a: b\r\n', 100_000)}\r\nneedle`,
  '30,000 addresses': `To: ${repeat('a@b.example,\r\n ', 30_000)}\r\n\r\nneedle`,
  'comments inside each other': `From: ${repeat('(', 100_000)} a@b.example\r\n\r\nneedle`,
  'groups inside each other': `From: ${repeat('a:', 100_000)}\r\n\r\nneedle`,
  'encoded words without end': `Subject: ${repeat('=?utf-8?q?a?=\r\n ', 20_000)}${repeat('=?', 100_000)}\r\n\r\nneedle`,
  'parameters without end': `Content-Type: text/plain${Array.from({ length: 20_000 }, (_, i) => `; name*${i}*=%41`).join('')}\r\n\r\nneedle`,
  'answers to answers': `Subject: ${repeat('Re: [a] ', 50_000)}${repeat('(fwd)', 100_000)}\r\n\r\nneedle`,
  'references without end': `References: ${repeat('<a@b> ', 20_000)}${repeat('<', 100_000)}\r\n\r\nneedle`,
  'HTML that is all beginnings': html(repeat('<', 4_000_000)),
  'HTML that is all comments': html(repeat('<!--', 100_000)),
  'HTML that is deep': html(repeat('<div>', 100_000)),
  'HTML that is all entities': html(repeat('&amp', 100_000)),
  'quoted-printable that is all signs': `Content-Transfer-Encoding: quoted-printable\r\n\r\n${repeat('=', 300_000)}`,
  'base64 that ends all the time': `Content-Transfer-Encoding: base64\r\n\r\n${repeat('A=', 2_000_000)}`,
  'a letter with a million marks': `Content-Type: text/plain; charset=utf-8\r\n\r\n${repeat('\xcc\x81\xcc\xa3', 500_000)}`,
  'UTF-7 that shifts all the time': `Content-Type: text/plain; charset=utf-7\r\n\r\n${repeat('+AGE-', 800_000)}`,
  'lines that nearly are boundaries': `Content-Type: multipart/mixed; boundary=b\r\n\r\n${repeat('--c\n', 1_000_000)}`,
  'base64 that is none': `Content-Transfer-Encoding: base64\r\n\r\n${repeat('!', 300_000)}`,
  'a charset that changes all the time': `Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n${repeat('\x1b$B', 100_000)}`,
  NULs: `Subject: a\0b\r\n\r\n${repeat('\0', 100_000)}`,
  'bare line ends': repeat('Subject: a\nFrom: a@b\n\nneedle\r', 1000),
  'one octet': 'x',
  'a line end': '\r\n',
};

const FETCHED = [
  'ENVELOPE',
  'BODYSTRUCTURE',
  'BODY.PEEK[1.2.3]',
  'BODY.PEEK[1.1.1.1.MIME]',
  'BODY.PEEK[HEADER.FIELDS (Subject To)]',
  'BINARY.PEEK[1]',
];
const SEARCHED = ['TEXT needle', 'BODY zzz', 'SUBJECT re', 'FROM a', 'HEADER X-A b', 'SENTSINCE 1-Jan-2020'];

test('hostile mail is appended, read, searched and listed in bounded time and memory', async () => {
  await using campus = await openCampus();
  const imap = await campus.openImap(ZHANG);
  await imap.command('SELECT INBOX');
  const timed = async (what: string, command: string): Promise<string[]> => {
    const startedAt = performance.now();
    const responses = await imap.command(command);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < BOUND_MS, `${what} took ${tookMs} ms`);
    return responses;
  };
  const mails: [string, Buffer][] = Object.entries(BOMBS).map(([name, text]) => [name, Buffer.from(text, 'latin1')]);
  for (const { name, octets } of HOSTILE_MAILS) mails.push([name, octets]);
  const writer = await LineClient.open(campus.server.ports['imap'] as number);
  writer.send(`l LOGIN "${ZHANG}" "${PASSWORD}"\r\n`);
  while (!(await writer.readLine()).startsWith('l OK'));
  for (const [name, octets] of mails) {
    const startedAt = performance.now();
    writer.send(`a APPEND INBOX {${octets.length}+}\r\n`);
    writer.send(Buffer.concat([octets, Buffer.from('\r\n')]));
    assert.match(await writer.readLine(), /^a OK \[APPENDUID/, name);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < BOUND_MS, `APPEND of ${name} took ${tookMs} ms`);
  }
  writer.close();
  await imap.command('NOOP');
  // What it was told of when it was appended is what it is told of now: the connection understood every answer.
  for (const [i, [name]] of mails.entries()) {
    for (const item of FETCHED) {
      const responses = await timed(`${item} of ${name}`, `FETCH ${i + 1} ${item}`);
      assert.equal(responses.filter((line) => line.startsWith(`* ${i + 1} FETCH (`)).length, 1, `${item} of ${name}`);
    }
    for (const key of SEARCHED) await timed(`${key} in ${name}`, `UID SEARCH UID ${i + 1} ${key}`);
  }
  assert.equal((await timed('all', 'FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)')).length, mails.length);
  const found = (await timed('a search of all', 'SEARCH TEXT needle')).join().split(' ').length - 2;
  assert.ok(found > 5, `only ${found} were found`);
  assert.equal(campus.server.log(), '');
  assert.ok(residentBytes(campus.dataDir) < BOUND_BYTES, `the server takes ${residentBytes(campus.dataDir)} octets`);
});
