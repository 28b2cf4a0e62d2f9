import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicaliseField, canonicaliseOwnField, hashBody } from './canonical.ts';

/** RFC 6376 §3.4.3 and §3.4.4 as they are written. */
function canonicalBody(body: string, how: 'simple' | 'relaxed'): string {
  const lines = body.split('\r\n');
  const kept = how === 'simple' ? lines : lines.map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (kept.length > 0 && kept.at(-1) === '') kept.pop();
  if (kept.length === 0) return how === 'simple' ? '\r\n' : '';
  return `${kept.join('\r\n')}\r\n`;
}

const body = fc
  .array(
    fc.constantFrom(
      'a',
      'é',
      ' ',
      '\t',
      '  ',
      '\r\n',
      '\r',
      '\n',
      ' \r\n',
      '\r\n\r\n',
      'x'.repeat(40_000),
      // So that what follows stands astride two chunks.
      'x'.repeat(65_532),
      ' '.repeat(65_534),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

for (const how of ['simple', 'relaxed'] as const) {
  test(`a ${how} body, whole and in part`, async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.nat({ max: 60_000 }), async (text, limit) => {
        const message = Buffer.from(`head${text}`, 'latin1');
        const wanted = Buffer.from(canonicalBody(text, how), 'latin1');
        const hash = (octets: Buffer): string => createHash('sha256').update(octets).digest('base64');
        assert.deepEqual(await hashBody(message, 4, how), { hash: hash(wanted), octets: wanted.length });
        assert.equal((await hashBody(message, 4, how, limit)).hash, hash(wanted.subarray(0, limit)));
      }),
      { numRuns: 500 },
    );
  });
}

test('a large body lets others have their turn', async () => {
  for (const how of ['simple', 'relaxed'] as const) {
    let turns = 0;
    let isHashed = false;
    const other = (): void => {
      turns++;
      if (!isHashed) setImmediate(other);
    };
    setImmediate(other);
    await hashBody(Buffer.alloc(8 << 20, 'word  '), 0, how);
    isHashed = true;
    assert.ok(turns >= 7, `${how}: ${turns}`);
  }
});

test('fields, as RFC 6376 §3.4.5 shows them', () => {
  assert.equal(canonicaliseField('A: X\r\n', 'relaxed'), 'a:X\r\n');
  assert.equal(canonicaliseField('B : Y\t\r\n\tZ  \r\n', 'relaxed'), 'b:Y Z\r\n');
  assert.equal(canonicaliseField('B : Y\t\r\n\tZ  \r\n', 'simple'), 'B : Y\t\r\n\tZ  \r\n');
});

test('only b= is emptied, wherever it stands', () => {
  assert.equal(canonicaliseOwnField('D: bh=x; b = AB\r\n CD\r\n', 'simple'), 'D: bh=x; b =');
  assert.equal(canonicaliseOwnField('D: b=AB;\r\n z=Subject:b=1; bh=x\r\n', 'relaxed'), 'd:b=; z=Subject:b=1; bh=x');
});
