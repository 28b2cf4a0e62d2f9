import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { LineReader } from '#net/line-reader.ts';
import type { EndlessLine } from '#net/line-reader.ts';

import { judgeCommandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

type Line = CommandLine | EndlessLine;

function read(pieces: readonly Buffer[]): Line[] {
  const reader = new LineReader(8, 20, judgeCommandLine);
  const lines: Line[] = [];
  for (const piece of pieces) {
    let at = 0;
    while (at < piece.length) {
      at = reader.push(piece, at);
      if (reader.line !== undefined) lines.push(reader.line);
    }
  }
  return lines;
}

describe('SMTP command lines', () => {
  const cases: [string, string[]][] = [
    ['NOOP\r\nQUIT\r\n', ['NOOP', 'QUIT']],
    ['\r\n', ['']],
    ['123456\r\n', ['123456']],
    ['1234567\r\nNOOP\r\n', ['bad: Line too long', 'NOOP']],
    ['1234567\nNOOP\r\n', ['bareLf', 'NOOP']],
    ['NOOP\nQUIT\r\n', ['bareLf', 'QUIT']],
    ['\nNOOP\r\n', ['bareLf', 'NOOP']],
    ['a\rb\r\n', ['bad: Bare <CR> in a command']],
    ['a\0b\r\n', ['bad: Control character in a command']],
    ['a\tb\r\n', ['a\tb']],
    ['归档\r\n', ['归档']],
    [`${'x'.repeat(18)}\r\nNOOP\r\n`, ['bad: Line too long', 'NOOP']],
    [`${'x'.repeat(10)}\rx\r\nNOOP\r\n`, ['bad: Line too long', 'NOOP']],
    [`${'x'.repeat(10)}\nNOOP\r\n`, ['bareLf', 'NOOP']],
  ];
  for (const [wire, expected] of cases) {
    it(JSON.stringify(wire), () => {
      const octets = Buffer.from(wire);
      assert.deepEqual(read([octets]).map(describeLine), expected);
      assert.deepEqual(read(Array.from(octets, (octet) => Buffer.from([octet]))).map(describeLine), expected);
    });
  }

  it('gives up on a line that never ends, holding next to nothing of it', () => {
    assert.equal(read([Buffer.alloc(21, 'x')])[0]?.kind, 'endless');
    assert.equal(read(Array.from({ length: 21 }, () => Buffer.from('x')))[0]?.kind, 'endless');
  });

  it('refuses what is not UTF-8', () => {
    assert.deepEqual(read([Buffer.from('\xff\r\n', 'latin1')]), [{ kind: 'bad', text: 'Not UTF-8' }]);
  });

  it('reads the same lines however the octets are cut, as long as none is endless', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '\0', ' '), maxLength: 7 });
    const wire = fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\r\n', '\n')), { maxLength: 6 });
    fc.assert(
      fc.property(wire, fc.array(fc.nat(), { maxLength: 5 }), (lines, places) => {
        const octets = Buffer.from(lines.map(([text, end]) => text + end).join(''));
        const cuts = [
          0,
          ...places.map((place) => place % (octets.length + 1)).toSorted((a, b) => a - b),
          octets.length,
        ];
        const whole = read([octets]);
        assert.equal(whole.length, lines.length);
        assert.deepEqual(read(cuts.slice(1).map((end, index) => octets.subarray(cuts[index], end))), whole);
        assert.deepEqual(read(Array.from(octets, (octet) => Buffer.from([octet]))), whole);
      }),
      { numRuns: 1000 },
    );
  });
});

function describeLine(line: Line): string {
  if (line.kind === 'line') return line.text;
  return line.kind === 'bad' ? `bad: ${line.text}` : line.kind;
}
