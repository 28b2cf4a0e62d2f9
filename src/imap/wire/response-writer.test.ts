import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ResponseWriter } from './response-writer.ts';

function written(write: (out: ResponseWriter) => void): string {
  const out = new ResponseWriter();
  write(out);
  return Buffer.concat(out.take()).toString();
}

describe('ResponseWriter', () => {
  it('writes numbers as String does', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeNat(),
          fc.nat(),
          fc.nat(1000),
          fc.constantFrom(0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
        ),
        (n) => {
          assert.equal(
            written((out) => out.number(n)),
            String(n),
          );
        },
      ),
    );
  });

  it('quotes what can be quoted', () => {
    assert.equal(
      written((out) => out.string(String.raw`a "b" \c`)),
      String.raw`"a \"b\" \\c"`,
    );
    assert.equal(
      written((out) => out.string('a\r\nb')),
      '{4}\r\na\r\nb',
    );
    assert.equal(
      written((out) => out.string('校')),
      '{3}\r\n校',
    );
    assert.equal(
      written((out) => out.string('校', true)),
      '"校"',
    );
    assert.equal(
      written((out) => out.string('\ud800', true)),
      '{3}\r\n\ufffd',
    );
    assert.equal(
      written((out) => out.string('x'.repeat(1001))),
      `{1001}\r\n${'x'.repeat(1001)}`,
    );
    assert.equal(
      written((out) => out.nstring(undefined)),
      'NIL',
    );
  });

  it('keeps the order of small and large, in blocks of any fill', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
      fc.integer({ min: 0, max: 20_000 }).map((length) => Buffer.alloc(length, 'x')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const out = new ResponseWriter();
        for (const one of pieces) {
          if (typeof one === 'string') out.text(one);
          else out.octets(one);
        }
        const { bytes } = out;
        const all = Buffer.concat(out.take());
        assert.equal(bytes, all.length);
        assert.equal(out.bytes, 0);
        assert.equal(all.toString(), pieces.map(String).join(''));
      }),
    );
  });

  it('takes back to a mark, unless it has left', () => {
    for (const more of [10, 600, 30_000]) {
      const out = new ResponseWriter();
      out.ascii('before ');
      const mark = out.mark();
      for (let i = 0; i < more; i += 10) out.ascii('0123456789');
      out.octets(Buffer.alloc(more, 'y'));
      assert.equal(out.rollback(mark), true);
      assert.equal(out.bytes, 7);
      out.ascii('after');
      assert.equal(Buffer.concat(out.take()).toString(), 'before after');
      assert.equal(out.rollback(mark), false);
    }
  });
});
