import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { DataReader } from './data-reader.ts';
import { OctetCollector } from './octet-collector.ts';

interface Outcome {
  readonly message: string;
  readonly isDone: boolean;
  /** What was left after the end of data. */
  readonly rest: string;
}

function read(pieces: readonly Buffer[]): Outcome {
  const reader = new DataReader();
  const collector = new OctetCollector();
  const rest: Buffer[] = [];
  for (const piece of pieces) {
    if (reader.isDone) rest.push(piece);
    else rest.push(piece.subarray(reader.push(piece, 0, collector)));
  }
  return {
    message: collector.take().toString('latin1'),
    isDone: reader.isDone,
    rest: Buffer.concat(rest).toString('latin1'),
  };
}

/** The same by reading RFC 5321 §4.5.2 aloud: slowly, and on the whole text at once. */
function readBySpecification(text: string): Outcome {
  let message = '';
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n');
    const line = end === -1 ? rest : rest.slice(0, end + 2);
    if (line === '.\r\n') return { message, isDone: true, rest: rest.slice(3) };
    // An unfinished line that may yet be the end of data is held back.
    if (end === -1)
      return { message: message + (line === '.\r' ? '' : line.replace(/^\./, '')), isDone: false, rest: '' };
    message += line.startsWith('.') ? line.slice(1) : line;
    rest = rest.slice(end + 2);
  }
}

const text = fc.string({
  unit: fc.constantFrom('\r', '\n', '.', '.', '\r\n', '\r\n.', 'a', '\0', '\xff'),
  maxLength: 40,
});

function cut(octets: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (octets.length + 1)).toSorted((a, b) => a - b), octets.length];
  return places.slice(1).map((end, index) => octets.subarray(places[index], end));
}

describe('DataReader', () => {
  it('agrees with the specification, whole, octet by octet and in random pieces', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (wire, places) => {
        const octets = Buffer.from(wire, 'latin1');
        const expected = readBySpecification(wire);
        assert.deepEqual(read([octets]), expected);
        assert.deepEqual(read(Array.from(octets, (octet) => Buffer.from([octet]))), expected);
        assert.deepEqual(read(cut(octets, places)), expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back any message that was dot-stuffed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('.', 'a', '归', ' ') })), (lines) => {
        const message = lines.map((line) => `${line}\r\n`).join('');
        const stuffed = lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('');
        const { message: got, isDone, rest } = read([Buffer.from(`${stuffed}.\r\nQUIT\r\n`)]);
        assert.equal(Buffer.from(got, 'latin1').toString(), message);
        assert.ok(isDone);
        assert.equal(rest, 'QUIT\r\n');
      }),
    );
  });
});
