import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MAX_LINE_OCTETS } from './limits.ts';
import { CANCEL, decodeInitialResponse, decodeResponseLine, encodeChallenge } from './line.ts';

test('what is encoded is decoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const line = encodeChallenge(Buffer.from(bytes));
      assert.deepEqual(decodeResponseLine(line), Buffer.from(bytes));
      assert.deepEqual(decodeResponseLine(Buffer.from(line)), Buffer.from(bytes));
    }),
  );
});

test('cancel, the empty initial response and the empty line are told apart', () => {
  assert.equal(decodeResponseLine('*'), CANCEL);
  assert.equal(decodeInitialResponse('*'), undefined);
  assert.deepEqual(decodeInitialResponse('='), Buffer.alloc(0));
  assert.equal(decodeResponseLine('='), undefined);
  assert.deepEqual(decodeResponseLine(''), Buffer.alloc(0));
});

test('anything but strict base64 is refused', () => {
  for (const bad of ['a', 'ab', 'abc', 'ab=c', 'a===', 'ab==\r', ' abcd', 'ab-_', 'abcd====', '归档归档']) {
    assert.equal(decodeResponseLine(bad), undefined, bad);
    assert.equal(decodeResponseLine(Buffer.from(bad)), undefined, bad);
  }
});

test('a line is bounded', () => {
  assert.equal((decodeResponseLine('A'.repeat(MAX_LINE_OCTETS)) as Buffer).length, (MAX_LINE_OCTETS / 4) * 3);
  assert.equal(decodeResponseLine('A'.repeat(MAX_LINE_OCTETS + 4)), undefined);
  assert.equal(decodeInitialResponse(Buffer.alloc(MAX_LINE_OCTETS + 4, 'A')), undefined);
});
