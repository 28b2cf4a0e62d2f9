import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { LineReader } from './line-reader.ts';

function read(pieces: readonly Buffer[]): string[] {
  const reader = new LineReader(8, 20, (octets, isTooLong) =>
    isTooLong ? `too long…${octets.toString('latin1').slice(-2)}` : octets.toString('latin1'),
  );
  const lines: string[] = [];
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      at = reader.push(piece, at);
      if (typeof reader.line === 'object') return [...lines, reader.line.kind];
      if (reader.line !== undefined) lines.push(reader.line);
    }
  }
  return lines;
}

describe('LineReader', () => {
  it('gives a line with its end, and of an overlong one enough to see the end', () => {
    assert.deepEqual(read([Buffer.from('123456\r\n1234567\r\n1234567\n1234567\n\nNO')]), [
      '123456\r\n',
      'too long…\r\n',
      '1234567\n',
      '1234567\n',
      '\n',
    ]);
    assert.deepEqual(read([Buffer.from(`${'x'.repeat(19)}\nNOOP\r\n`)]), ['too long…x\n', 'NOOP\r\n']);
  });

  it('gives up on a line without end', () => {
    assert.deepEqual(read([Buffer.alloc(20, 'x')]), []);
    assert.deepEqual(read([Buffer.alloc(21, 'x')]), ['endless']);
  });

  it('reads the same however the octets are cut', () => {
    const octet = fc.constantFrom(10, 10, 13, 13, 65, 66, 67, 0xff);
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 120 }), fc.array(fc.nat(120), { maxLength: 8 }), (octets, cuts) => {
        const whole = Buffer.from(octets);
        const expected = read([whole]);
        assert.deepEqual(read(Array.from(octets, (value) => Buffer.from([value]))), expected);
        const edges = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
        assert.deepEqual(read(edges.slice(1).map((end, i) => whole.subarray(edges[i], end))), expected);
      }),
    );
  });
});
