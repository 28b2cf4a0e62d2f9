import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { systemRandom } from '#base/random.ts';
import { CHUNK_BYTES } from '#store/limits.ts';
import { RecordDamage, decodeChunk, decodeHeader, encodeRecord, headerLength, verifyRecord } from './record.ts';

function decode(record: Buffer): Buffer {
  const header = decodeHeader(record);
  const chunks = header.chunks.map(({ offset, storedBytes }, index) =>
    decodeChunk(header, index, record.subarray(offset, offset + storedBytes)),
  );
  return Buffer.concat(chunks);
}

test('octets of any size and kind come back', () => {
  const sizes = [0, 1, 16_383, 16_384, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES];
  for (const size of sizes) {
    for (const octets of [Buffer.alloc(size, 'From: 学生\r\n'), systemRandom.bytes(size)]) {
      const { hash: name, sizeBytes, encoded } = encodeRecord(octets);
      const record = Buffer.from(encoded);
      assert.equal(name, hash('sha256', octets, 'hex'));
      assert.equal(sizeBytes, size);
      assert.ok(decode(record).equals(octets), `${size} octets`);
      const header = verifyRecord(record);
      assert.deepEqual([header.hash, header.sizeBytes, header.storedBytes], [name, size, record.length]);
      assert.equal(header.headerBytes, headerLength(size));
    }
  }
});

test('text is stored smaller, noise hardly larger', () => {
  const text = encodeRecord(Buffer.alloc(1_000_000, 'a line of text\r\n'));
  assert.ok(text.encoded.length < 10_000);
  const noise = encodeRecord(systemRandom.bytes(1_000_000));
  assert.ok(noise.encoded.length < 1_000_200);
});

test('no damage of one octet goes unnoticed, and each is RecordDamage', () => {
  const octets = Buffer.concat([Buffer.alloc(20_000, 'compressible '), systemRandom.bytes(CHUNK_BYTES)]);
  const intact = Buffer.from(encodeRecord(octets).encoded);
  fc.assert(
    fc.property(fc.nat({ max: intact.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const record = Buffer.from(intact);
      record[at] = (record[at] ?? 0) ^ flip;
      assert.throws(() => verifyRecord(record), RecordDamage);
    }),
    {
      numRuns: 60,
      examples: [
        [0, 1],
        [4, 1],
        [7, 255],
        [8, 1],
        [44, 7],
        [48, 1],
        [56, 1],
        [60, 1],
      ],
    },
  );
  for (const length of [0, 10, 59, 70, intact.length - 1])
    assert.throws(() => verifyRecord(intact.subarray(0, length)), RecordDamage);
});
