import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isMailError } from '#base/errors.ts';
import { ArgumentReader } from './argument-reader.ts';
import type { Literal } from './command-assembler.ts';

function reader(text: string, ...literals: string[]): ArgumentReader {
  const lines = text.split('|').map((line) => Buffer.from(line));
  const octets = literals.map((literal): Literal => ({ octets: Buffer.from(literal), isBinary: false }));
  return new ArgumentReader({ lines, literals: octets });
}

const invalid = (error: unknown): boolean => isMailError(error, 'invalid');

describe('ArgumentReader', () => {
  it('reads strings in all their forms', () => {
    const input = reader(String.raw`plain] "a \"b\\ c" {3+}| 校园`, '校');
    assert.equal(input.text(), 'plain]');
    input.space();
    assert.equal(input.text(), String.raw`a "b\ c`);
    input.space();
    assert.equal(input.text(), '校');
    input.space();
    assert.equal(input.text(), '校园');
    input.end();
  });

  it('reads lists, flags, numbers and sets', () => {
    const input = reader(String.raw`(\Seen $x) () 9007199254740991 1:*,$ ( )`);
    assert.deepEqual(
      input.list(() => input.flag()),
      ['\\Seen', '$x'],
    );
    input.space();
    assert.deepEqual(
      input.list(() => input.flag()),
      [],
    );
    input.space();
    assert.equal(input.number64(), Number.MAX_SAFE_INTEGER);
    input.space();
    assert.equal(input.sequenceSetText(), '1:*,$');
    input.space();
    assert.throws(() => input.list(() => input.atom()), invalid);
  });

  it('refuses what is malformed', () => {
    for (const text of ['"open', '"nul\0"', '{3+}', '{x}', '', ' a', '(a', '"\\']) {
      assert.throws(() => reader(text).astring(), invalid, text);
    }
    assert.throws(() => reader('{3+}|', 'a\0b').astring(), invalid, 'NUL in a literal');
    assert.equal(reader('{3+}|', 'a\0b').message().length, 3);
    assert.throws(() => reader('4294967296').number(), invalid);
    assert.throws(() => reader('12345678901234567890').number64(), invalid);
    assert.throws(() => reader('a b').end(), invalid);
    assert.throws(() => reader('').atom(), invalid);
  });

  it('takes words only whole', () => {
    assert.equal(reader('NILE').takeKeyword('NIL'), false);
    assert.equal(reader('nil)').takeKeyword('NIL'), true);
    assert.equal(reader('utf').takeKeyword('UTF8'), false);
  });

  it('knows no other error than invalid, whatever comes', () => {
    const line = fc.array(fc.oneof(fc.constantFrom(...Buffer.from('("{3+}\\ \0*%[]<>.1')), fc.nat(255)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(line, (octets) => {
        for (const method of [
          'astring',
          'string',
          'nstring',
          'listMailbox',
          'message',
          'flag',
          'atom',
          'number',
        ] as const) {
          const input = new ArgumentReader({
            lines: [Buffer.from(octets), Buffer.alloc(0)],
            literals: [{ octets: Buffer.from('x'), isBinary: true }],
          });
          try {
            input[method]();
          } catch (error) {
            assert.ok(invalid(error), String(error));
          }
        }
      }),
    );
  });
});
