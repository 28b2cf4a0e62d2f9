import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CommandAssembler, type AssemblerEvent, type AssemblerLimits } from './command-assembler.ts';

function limits(held: { bytes: number }): AssemblerLimits {
  return {
    lineBytes: 100,
    discardedLineBytes: 300,
    discardedLiteralBytes: 1000,
    judgeLiteral: (name, sizeBytes, heldBytes) =>
      name === 'APPEND'
        ? sizeBytes + heldBytes > 500
          ? 'messageTooLarge'
          : undefined
        : sizeBytes > 20
          ? 'tooLarge'
          : undefined,
    hold: (bytes) => {
      held.bytes += bytes;
    },
  };
}

/** What comes of `octets` in these pieces, readable. */
function assemble(pieces: readonly Buffer[]): string[] {
  const held = { bytes: 0 };
  const assembler = new CommandAssembler(limits(held));
  const events: string[] = [];
  for (const piece of pieces) {
    // As a socket's buffer is used again, so is this one.
    assembler.push(Buffer.from(piece));
    for (;;) {
      const event = assembler.next();
      if (event === undefined) break;
      events.push(describeEvent(event));
      assembler.release();
      if (event.kind === 'endless') return events;
    }
  }
  if (!assembler.isInside) assert.equal(held.bytes, 0, 'held literals are given back');
  return events;
}

function describeEvent(event: AssemblerEvent): string {
  if (event.kind === 'refused') return `${event.tag} ${event.refusal}`;
  if (event.kind !== 'command') return event.kind;
  const { lines, literals } = event.input;
  return lines
    .map(
      (line, i) =>
        line.toString('latin1') + (literals[i] === undefined ? '' : `<${literals[i].octets.toString('latin1')}>`),
    )
    .join('|');
}

const CASES: readonly (readonly [name: string, input: string, expected: readonly string[]])[] = [
  ['a line', 'a NOOP\r\n', ['a NOOP']],
  ['two, one with a bare LF', 'a NOOP\nb NOOP\r\n', ['a NOOP', 'b NOOP']],
  ['a literal that waits', 'a LOGIN {2}\r\nxy z\r\n', ['continue', 'a LOGIN {2}<xy>| z']],
  ['literals that do not', 'a LOGIN {2+}\r\nxy {0+}\r\n\r\n', ['a LOGIN {2+}<xy>| {0+}<>|']],
  [
    'a literal with line ends and braces',
    'a X ~{9+}\r\n{3}\r\n{4}\0\r\nb NOOP\r\n',
    ['a X ~{9+}<{3}\r\n{4}\0>|', 'b NOOP'],
  ],
  ['what is no announcement', 'a X {x}\r\nb X {1 }\r\nc {12345678901}\r\n', ['a X {x}', 'b X {1 }', 'c {12345678901}']],
  ['too large, waiting', 'a X {21}\r\nb NOOP\r\n', ['a tooLarge', 'b NOOP']],
  ['too large, not waiting', `a X {21+}\r\n${'x'.repeat(21)} {3+}\r\nabc\r\nb NOOP\r\n`, ['a tooLarge', 'b NOOP']],
  ['too large, then waiting', `a X {21+}\r\n${'x'.repeat(21)} {3}\r\nb NOOP\r\n`, ['a tooLarge', 'b NOOP']],
  [
    'a message too large in sum',
    `a APPEND {400+}\r\n${'x'.repeat(400)} {200}\r\nb NOOP\r\n`,
    ['a messageTooLarge', 'b NOOP'],
  ],
  ['much too large', 'a X {1001+}\r\n', ['endless']],
  ['a line too long', `a X ${'x'.repeat(100)}\r\nb NOOP\r\n`, ['a lineTooLong', 'b NOOP']],
  [
    'a line too long in sum',
    `a X ${'x'.repeat(60)} {1+}\r\ny${'x'.repeat(60)}\r\nb NOOP\r\n`,
    ['a lineTooLong', 'b NOOP'],
  ],
  ['a line too long with a literal', `a X ${'x'.repeat(100)}{3+}\r\nabc\r\nb NOOP\r\n`, ['a lineTooLong', 'b NOOP']],
  ['no tag', ` X ${'x'.repeat(100)}\r\n+ y\r\n`, ['* lineTooLong', '+ y']],
  ['a line without end', 'x'.repeat(500), ['endless']],
  ['an empty line', '\r\n\n', ['', '']],
];

describe('CommandAssembler', () => {
  for (const [name, input, expected] of CASES) {
    const octets = Buffer.from(input, 'latin1');
    it(`${name}: whole`, () => assert.deepEqual(assemble([octets]), expected));
    it(`${name}: octet by octet`, () => {
      assert.deepEqual(assemble(Array.from(octets, (octet) => Buffer.of(octet))), expected);
    });
  }

  it('does not mind where octets are split', () => {
    const all = Buffer.from(
      CASES.filter(([, , expected]) => !expected.includes('endless'))
        .map(([, input]) => input)
        .join(''),
      'latin1',
    );
    const expected = assemble([all]);
    fc.assert(
      fc.property(fc.array(fc.nat(all.length), { maxLength: 30 }), (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), all.length];
        assert.deepEqual(assemble(ends.map((end, i) => all.subarray(ends[i - 1] ?? 0, end))), expected);
      }),
      { numRuns: 200 },
    );
  });

  it('takes any octets without throwing, the same whole or in pieces', () => {
    const octet = fc.oneof(fc.constantFrom(...Buffer.from('a {}+~123\r\n"')), fc.nat(255));
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 300 }), (octets) => {
        const all = Buffer.from(octets);
        assert.deepEqual(assemble(octets.map((one) => Buffer.of(one))), assemble([all]));
      }),
      { numRuns: 300 },
    );
  });

  it('announcing a literal costs no memory until it comes', () => {
    const assembler = new CommandAssembler({ ...limits({ bytes: 0 }), judgeLiteral: () => undefined });
    const before = process.memoryUsage().arrayBuffers;
    assembler.push(Buffer.from('a APPEND {4000000000}\r\n'));
    assert.equal(assembler.next()?.kind, 'continue');
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  });

  it('gives single lines, and nothing said before clear', () => {
    const assembler = new CommandAssembler(limits({ bytes: 0 }));
    assembler.push(Buffer.from('DO'));
    assert.equal(assembler.nextLine(10), undefined);
    assembler.push(Buffer.from('NE\r\nx'));
    assert.equal(String(assembler.nextLine(10)), 'DONE');
    assembler.push(Buffer.from('y'.repeat(20)));
    assert.equal(assembler.nextLine(10), 'tooLong');
    assembler.clear();
    assembler.push(Buffer.from('b NOOP\r\n'));
    assert.equal(describeEvent(assembler.next() as AssemblerEvent), 'b NOOP');
  });
});
