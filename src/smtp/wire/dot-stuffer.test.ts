import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { DataReader } from './data-reader.ts';
import { stuffDots } from './dot-stuffer.ts';
import { OctetCollector } from './octet-collector.ts';

function stuff(message: Buffer): Buffer {
  return Buffer.concat([...stuffDots(message)].map((piece) => Buffer.from(piece as string)));
}

describe('stuffDots', () => {
  it('stuffs what begins with a dot, adds a last line end, and ends', () => {
    assert.equal(String(stuff(Buffer.from('.\r\na.b\r\n..c'))), '..\r\na.b\r\n...c\r\n.\r\n');
    assert.equal(String(stuff(Buffer.from('a\r\n'))), 'a\r\n.\r\n');
  });

  it('is undone by the DataReader, at every boundary of its blocks', () => {
    const line = fc.constantFrom('', '.', '..', '.x', 'x.', 'x'.repeat(65_533), '.'.repeat(700));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const message = Buffer.from(lines.map((text) => `${text}\r\n`).join(''));
        const reader = new DataReader();
        const collector = new OctetCollector();
        const wire = stuff(message);
        assert.equal(reader.push(wire, 0, collector), wire.length);
        assert.ok(reader.isDone);
        assert.ok(collector.take().equals(message));
      }),
    );
  });

  it('does not copy blocks without such lines', () => {
    const message = Buffer.alloc(200_000, 'abc\r\n');
    assert.ok([...stuffDots(message)].every((piece) => typeof piece === 'string' || piece.buffer === message.buffer));
  });
});
