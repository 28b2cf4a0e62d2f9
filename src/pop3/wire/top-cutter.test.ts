import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { TopCutter } from './top-cutter.ts';

function cut(chunks: readonly Buffer[], lines: number): { text: string; isDone: boolean } {
  const cutter = new TopCutter(lines);
  const kept = chunks.map((chunk) => cutter.push(chunk));
  return { text: Buffer.concat(kept).toString('latin1'), isDone: cutter.isDone };
}

describe('TopCutter', () => {
  const message = Buffer.from('A: b\r\n c\r\n\r\n1\r\n\r\n3\r\n4');

  it('keeps the header, its blank line and so many lines', () => {
    assert.deepEqual(cut([message], 0), { text: 'A: b\r\n c\r\n\r\n', isDone: true });
    assert.deepEqual(cut([message], 2), { text: 'A: b\r\n c\r\n\r\n1\r\n\r\n', isDone: true });
    assert.deepEqual(cut([message], 9), { text: message.toString(), isDone: false });
  });

  it('knows bare LF, and a message without a body', () => {
    assert.deepEqual(cut([Buffer.from('A: b\n\n1\n2\n')], 1), { text: 'A: b\n\n1\n', isDone: true });
    assert.deepEqual(cut([Buffer.from('A: b\r\n')], 1), { text: 'A: b\r\n', isDone: false });
    assert.deepEqual(cut([Buffer.from('\r\nbody\r\n')], 0), { text: '\r\n', isDone: true });
  });

  it('cuts at the same place however the octets come', () => {
    const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'a', ' '), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.nat(4), (text, lines) => {
        const whole = Buffer.from(text);
        const expected = cut([whole], lines);
        assert.deepEqual(
          cut(
            Array.from(whole, (octet) => Buffer.from([octet])),
            lines,
          ),
          expected,
        );
      }),
    );
  });
});
