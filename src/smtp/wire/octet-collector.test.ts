import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { OctetCollector } from './octet-collector.ts';

describe('OctetCollector', () => {
  it('gives back what it was given, small pieces and large ones', () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 3000, max: 5000 }), fc.constant(20_000)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const collector = new OctetCollector();
        const pieces = lengths.map((length, index) => Buffer.alloc(length, index + 1));
        for (const piece of pieces) collector.push(Buffer.concat([Buffer.from('x'), piece]), 1, piece.length + 1);
        const expected = Buffer.concat(pieces);
        assert.equal(collector.lengthBytes, expected.length);
        assert.ok(collector.take().equals(expected));
        assert.equal(collector.lengthBytes, 0);
      }),
      { numRuns: 200 },
    );
  });

  it('hands out memory of its own', () => {
    const collector = new OctetCollector();
    const piece = Buffer.alloc(10_000, 'a');
    collector.push(piece, 0, piece.length);
    const whole = collector.take();
    piece.fill('b');
    assert.ok(whole.equals(Buffer.alloc(10_000, 'a')));
  });
});
