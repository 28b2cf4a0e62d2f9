import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { LineInspector } from './line-inspector.ts';
import type { LineFault } from './line-inspector.ts';

const limits = { maxLineBytes: 6, maxHeaderBytes: 14 };

function inspect(pieces: readonly Buffer[], isBinary = false): LineFault | undefined {
  const inspector = new LineInspector({ ...limits, isBinary });
  // Each piece in the midst of a larger Buffer, as the readers give them.
  for (const piece of pieces)
    inspector.push(Buffer.concat([Buffer.from('\n'), piece, Buffer.from('\n')]), 1, piece.length + 1);
  inspector.end();
  return inspector.fault;
}

describe('LineInspector', () => {
  const cases: [string, LineFault | undefined, LineFault | undefined][] = [
    ['', undefined, undefined],
    ['a: b\r\n\r\nbody\r\n', undefined, undefined],
    ['a: b\r\n\r\nbody', undefined, undefined],
    ['a\n', 'bareLf', 'bareLf'],
    ['\n', 'bareLf', 'bareLf'],
    ['a\r', 'bareCr', 'bareCr'],
    ['a\rb\r\n', 'bareCr', 'bareCr'],
    ['a\r\r\n', 'bareCr', 'bareCr'],
    ['a\0\r\n', 'nul', 'nul'],
    ['\r\n\0\r\n', 'nul', undefined],
    ['\r\na\n\r', 'bareLf', undefined],
    ['123456\r\n', undefined, undefined],
    ['1234567\r\n', 'longLine', 'longLine'],
    ['1234567', 'longLine', 'longLine'],
    ['1234\r\n1234\r\n\r\n', undefined, undefined],
    ['1234\r\n12345\r\n\r\n', undefined, undefined],
    ['1234\r\n123456\r\n1\r\n', 'longHeader', 'longHeader'],
    ['\r\n1234567\r\n', 'longLine', undefined],
  ];
  for (const [text, fault, binaryFault] of cases) {
    it(`${JSON.stringify(text)}: ${fault ?? 'good'}, binary: ${binaryFault ?? 'good'}`, () => {
      assert.equal(inspect([Buffer.from(text)]), fault);
      assert.equal(inspect([Buffer.from(text)], true), binaryFault);
    });
  }

  it('finds the same however the octets are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('\r\n', '\r\n', 'ab', 'abc', '\r', '\n', '\0'), maxLength: 12 });
    fc.assert(
      fc.property(text, fc.nat(), fc.boolean(), (wire, place, isBinary) => {
        const octets = Buffer.from(wire);
        const at = place % (octets.length + 1);
        const whole = inspect([octets], isBinary);
        assert.equal(inspect([octets.subarray(0, at), octets.subarray(at)], isBinary), whole);
        assert.equal(
          inspect(
            Array.from(octets, (octet) => Buffer.from([octet])),
            isBinary,
          ),
          whole,
        );
      }),
      { numRuns: 3000 },
    );
  });
});
