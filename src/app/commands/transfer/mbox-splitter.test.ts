import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MboxSplitter, type MboxMessage } from './mbox-splitter.ts';

const FROM = 'From li@kust.example Mon Sep 16 10:00:00 2019';

function split(text: string | Buffer, cuts: readonly number[] = [], limit = 1000): MboxMessage[] {
  const octets = Buffer.from(text);
  const splitter = new MboxSplitter(limit);
  const found: MboxMessage[] = [];
  let at = 0;
  for (const cut of [...cuts.filter((c) => c < octets.length).toSorted((a, b) => a - b), octets.length]) {
    found.push(...splitter.push(octets.subarray(at, cut)));
    at = cut;
  }
  found.push(...splitter.end());
  return found;
}

const texts = (messages: readonly MboxMessage[]) => messages.map(({ raw }) => raw?.toString('latin1'));

test('messages end before the empty line that precedes the next From_ line', () => {
  const mbox = `${FROM}\nSubject: 1\n\nbody\n\n${FROM}\nSubject: 2\n\n\n\n${FROM}\n\nempty header\n`;
  const found = split(mbox);
  assert.deepEqual(texts(found), ['Subject: 1\n\nbody\n', 'Subject: 2\n\n\n', '\nempty header\n']);
  assert.deepEqual(
    found.map(({ fromLine }) => fromLine),
    [FROM, FROM, FROM],
  );
  assert.equal(found[0]?.end, found[1]?.start);
  assert.equal(mbox.slice(found[2]?.start).startsWith('From '), true);
  assert.equal(found[2]?.end, mbox.length);
});

test('CRLF files, files without a last line end, empty files', () => {
  assert.deepEqual(texts(split(`${FROM}\r\nA: 1\r\n\r\nx\r\n\r\n${FROM}\r\nB: 2\r\n\r\n`)), [
    'A: 1\r\n\r\nx\r\n',
    'B: 2\r\n',
  ]);
  assert.deepEqual(texts(split(`${FROM}\nA: 1\n\nx`)), ['A: 1\n\nx']);
  assert.deepEqual(texts(split(FROM)), ['']);
  assert.deepEqual(split(''), []);
  assert.deepEqual(split('\n\n'), []);
});

test('a sentence that begins with From is no From_ line, nor is one without an empty line before it', () => {
  const body = `A: 1\n\nFrom here on it rained.\n\nFrom 2019 to 2020 too.\nsee\n${FROM}\n`;
  assert.deepEqual(texts(split(`${FROM}\n${body}`)), [body]);
});

test('what does not begin with a From_ line is no mbox', () => {
  for (const text of ['Subject: x\n\ny\n', 'x', `x\n\n${FROM}\n\nz\n`]) {
    const splitter = new MboxSplitter(1000);
    splitter.push(Buffer.from(text));
    splitter.end();
    assert.equal(splitter.isNoMbox, true, text);
  }
  const good = new MboxSplitter(1000);
  good.push(Buffer.from(`\n${FROM}\n\nz\n`));
  good.end();
  assert.equal(good.isNoMbox, false);
});

test('a message over the limit is counted, not held; its neighbours are whole', () => {
  const found = split(`${FROM}\n${'x'.repeat(5000)}\n\n${FROM}\nA: 1\n\n`, [], 100);
  assert.deepEqual([found[0]?.raw, found[0]?.sizeBytes], [undefined, 5001]);
  assert.equal(found[1]?.raw?.toString(), 'A: 1\n');
  assert.equal(split(`${FROM}\n${'x'.repeat(99)}\n\n${FROM}\n\n`, [], 100)[0]?.raw?.length, 100);
});

test('however the octets are cut, the messages are the same', () => {
  const piece = fc.constantFrom(
    `${FROM}\n`,
    `${FROM}\r\n`,
    'From ',
    '\n',
    '\n\n',
    '\r\n\r\n',
    '>From x\n',
    'text\n',
    'é'.repeat(30),
    `${'From '.repeat(300)}\n`,
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(2000), { maxLength: 20 }), (pieces, cuts) => {
      const octets = Buffer.from(`${FROM}\n${pieces.join('')}`);
      const whole = split(octets);
      assert.deepEqual(split(octets, cuts), whole);
      assert.deepEqual(split(octets, Array.from(octets.keys())), whole);
      assert.equal(whole[0]?.start, 0);
      assert.equal(whole.at(-1)?.end, octets.length);
      for (const [i, { start }] of whole.slice(1).entries()) assert.equal(whole[i]?.end, start);
    }),
    { numRuns: 200 },
  );
});
