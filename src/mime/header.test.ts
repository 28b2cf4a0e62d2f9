import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHeader } from './header.ts';
import { LIMITS } from './limits.ts';

test('fields with their octets, names as they stand', () => {
  const octets = Buffer.from('Subject: a\r\n b\r\nX-Empty:\r\nsubject : c\r\n\r\nbody');
  const headers = parseHeader(octets);
  assert.deepEqual(
    headers.fields.map((field) => field.name),
    ['Subject', 'X-Empty', 'subject'],
  );
  assert.deepEqual(headers.all('subject'), ['a b', 'c']);
  assert.equal(headers.first('x-empty'), '');
  assert.equal(headers.first('x-none'), undefined);
  assert.equal(octets.toString('latin1', headers.bodyStart), 'body');
  // The fields and the empty line are the whole section.
  const texts = headers.fields.map((field) => octets.toString('latin1', field.start, field.end));
  assert.equal(`${texts.join('')}\r\n`, octets.toString('latin1', 0, headers.bodyStart));
});

test('line ends of any kind, folding of any kind', () => {
  for (const end of ['\n', '\r\n']) {
    const headers = parseHeader(Buffer.from(['A: 1', '\t2', ' ', 'B: x', '', 'body'].join(end)));
    assert.deepEqual(
      headers.fields.map((field) => [field.name, headers.value(field)]),
      [
        ['A', '1\t2'],
        ['B', 'x'],
      ],
    );
  }
  // A bare CR ends no line.
  assert.equal(parseHeader(Buffer.from('A: 1\rB: 2\n\n')).fields.length, 1);
});

test('lines that are no fields are passed over with what continues them', () => {
  const headers = parseHeader(
    Buffer.from('From x Mon\n more\n: nameless\nno colon\n\xd1: x\nA: 1\nb c: 2\nD: 3', 'latin1'),
  );
  assert.deepEqual(
    headers.fields.map((field) => field.name),
    ['A', 'D'],
  );
  assert.equal(headers.value(headers.fields[0]!), '1');
});

test('a section without an empty line ends with the octets', () => {
  const headers = parseHeader(Buffer.from('A: 1\r\nB: 2'));
  assert.equal(headers.bodyStart, 10);
  assert.equal(headers.first('b'), '2');
});

test('a million fields are bounded', () => {
  assert.equal(parseHeader(Buffer.from('a:b\n'.repeat(1_000_000))).fields.length, LIMITS.headerFields);
});
