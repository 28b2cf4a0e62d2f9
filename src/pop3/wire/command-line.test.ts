import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { LineReader } from '#net/line-reader.ts';
import type { EndlessLine } from '#net/line-reader.ts';

import { judgeCommandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

type Line = CommandLine | EndlessLine;

function readAll(chunks: readonly Buffer[]): Line[] {
  const reader = new LineReader(20, 50, judgeCommandLine);
  const lines: Line[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      at = reader.push(chunk, at);
      if (reader.line === undefined) continue;
      lines.push(reader.line);
      if (reader.line.kind === 'endless') return lines;
    }
  }
  return lines;
}

describe('POP3 command lines', () => {
  it('reads lines that end with CRLF or LF', () => {
    assert.deepEqual(readAll([Buffer.from('NOOP\r\nUSER 李\n\r\n')]), [
      { kind: 'line', text: 'NOOP', sizeBytes: 6 },
      { kind: 'line', text: 'USER 李', sizeBytes: 9 },
      { kind: 'line', text: '', sizeBytes: 2 },
    ]);
  });

  it('takes a line of exactly the limit, and goes on after a longer one', () => {
    assert.deepEqual(readAll([Buffer.from(`${'a'.repeat(18)}\r\n${'b'.repeat(19)}\r\nNOOP\r\n`)]), [
      { kind: 'line', text: 'a'.repeat(18), sizeBytes: 20 },
      { kind: 'bad', problem: 'line too long' },
      { kind: 'line', text: 'NOOP', sizeBytes: 6 },
    ]);
  });

  it('gives up on a line without end', () => {
    assert.deepEqual(readAll([Buffer.alloc(50, 97)]), []);
    assert.deepEqual(readAll([Buffer.alloc(51, 97)]), [{ kind: 'endless' }]);
  });

  it('keeps nothing of a line that was cleared', () => {
    const reader = new LineReader(20, 50, judgeCommandLine);
    reader.push(Buffer.from('NO'), 0);
    reader.clear();
    reader.push(Buffer.from('OP\r\n'), 0);
    assert.deepEqual(reader.line, { kind: 'line', text: 'OP', sizeBytes: 4 });
  });

  it('reads the same however the octets are cut', () => {
    const octet = fc.oneof(fc.constantFrom(0, 9, 10, 10, 13, 32, 65, 0xe6, 0x9d, 0x8e), fc.nat(255));
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 200 }), fc.array(fc.nat(200), { maxLength: 8 }), (octets, cuts) => {
        const whole = Buffer.from(octets);
        const expected = readAll([whole]);
        assert.deepEqual(readAll(Array.from(octets, (value) => Buffer.from([value]))), expected);
        const edges = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
        const pieces = edges.slice(1).map((end, i) => whole.subarray(edges[i], end));
        assert.deepEqual(readAll(pieces), expected);
      }),
    );
  });
});
