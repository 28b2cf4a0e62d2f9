import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { ReplyReader } from './reply-reader.ts';
import type { WireReply } from './reply-reader.ts';

function read(pieces: readonly Buffer[], limits = { maxReplyLineBytes: 40, maxReplyBytes: 100 }): WireReply[] {
  const reader = new ReplyReader(limits);
  const replies: WireReply[] = [];
  for (const piece of pieces) {
    let at = 0;
    while (at < piece.length) {
      at = reader.push(piece, at);
      if (reader.reply !== undefined) replies.push(reader.reply);
      if (reader.reply?.kind === 'garbage') return replies;
    }
  }
  return replies;
}

function describeReply(reply: WireReply): string {
  return reply.kind === 'garbage' ? `garbage: ${reply.message}` : `${reply.code} ${reply.lines.join('|')}`;
}

const each = (octets: Buffer): Buffer[] => Array.from(octets, (octet) => Buffer.from([octet]));

describe('ReplyReader', () => {
  const cases: [string, string[]][] = [
    ['250 Ok\r\n', ['250 Ok']],
    ['250\r\n', ['250 ']],
    ['250-a\r\n250-b\r\n250 c\r\n354 go\r\n', ['250 a|b|c', '354 go']],
    ['250 Ok\n', ['250 Ok']],
    ['550-5.1.1 没有\r\n550 5.1.1 这个邮箱\r\n', ['550 5.1.1 没有|5.1.1 这个邮箱']],
    ['550-a\r\n554 b\r\n', ['554 a|b']],
    ['250-a\r\n550 b\r\n', ['garbage: contradictory reply: 250 and 550']],
    ['-50 Ok\r\n', ['garbage: not a reply: -50 Ok']],
    ['650 Ok\r\n', ['garbage: not a reply: 650 Ok']],
    ['150 Ok\r\n', ['garbage: not a reply: 150 Ok']],
    ['2500 Ok\r\n', ['garbage: not a reply: 2500 Ok']],
    ['SSH-2.0-x\r\n', ['garbage: not a reply: SSH-2.0-x']],
    ['\r\n', ['garbage: not a reply: ']],
    ['250 a\0b\x1b[2J\u202ec\r\n', ['250 a?b?[2J?c']],
    [`250 ${'x'.repeat(60)}\r\n`, ['garbage: reply line too long']],
    ['250-xxxxxxxxxx\r\n'.repeat(7), ['garbage: reply too long']],
    ['x'.repeat(101), ['garbage: reply line too long']],
  ];
  for (const [wire, expected] of cases) {
    it(JSON.stringify(wire.slice(0, 60)), () => {
      const octets = Buffer.from(wire);
      assert.deepEqual(read([octets]).map(describeReply), expected);
      assert.deepEqual(read(each(octets)).map(describeReply), expected);
    });
  }

  it('makes text of any octets', () => {
    assert.deepEqual(read([Buffer.from('550 caf\xe9\r\n', 'latin1')]).map(describeReply), ['550 caf\ufffd']);
  });

  it('reads the same replies however the octets are cut', () => {
    const line = fc.string({
      unit: fc.constantFrom('2', '5', '0', ' ', '-', 'é', '\0', '\r', '250-', '250 '),
      maxLength: 9,
    });
    const wire = fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\r\n', '\n')), { maxLength: 9 });
    fc.assert(
      fc.property(wire, fc.array(fc.nat(), { maxLength: 6 }), (lines, places) => {
        const octets = Buffer.from(lines.map(([text, end]) => `250${text}${end}`).join(''));
        const cuts = [
          0,
          ...places.map((place) => place % (octets.length + 1)).toSorted((a, b) => a - b),
          octets.length,
        ];
        const whole = read([octets]);
        assert.deepEqual(read(cuts.slice(1).map((end, index) => octets.subarray(cuts[index], end))), whole);
        assert.deepEqual(read(each(octets)), whole);
      }),
      { numRuns: 1000 },
    );
  });
});
