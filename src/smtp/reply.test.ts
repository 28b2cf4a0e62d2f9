import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import type { SmtpReply } from './receiver.ts';
import { chooseReply, formatReply, isFinalReply } from './reply.ts';

const good: SmtpReply = { code: 250, text: 'a' };
const later: SmtpReply = { code: 451, text: 'b' };
const never: SmtpReply = { code: 550, text: 'c' };

describe('formatReply', () => {
  it('writes one line and several', () => {
    assert.equal(formatReply({ code: 250, enhanced: '2.0.0', text: 'Ok' }, { utf8: false }), '250 2.0.0 Ok\r\n');
    assert.equal(
      formatReply({ code: 550, enhanced: '5.7.1', text: 'one\ntwo' }, { utf8: false }),
      '550-5.7.1 one\r\n550 5.7.1 two\r\n',
    );
  });

  it('shows UTF-8 only to those who can read it', () => {
    const reply: SmtpReply = { code: 550, text: '没有' };
    assert.equal(formatReply(reply, { utf8: true }), '550 没有\r\n');
    assert.equal(formatReply(reply, { utf8: false }), '550 ??\r\n');
  });

  it('never writes a line beyond 512 octets, another code, or a control character', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'word ', '归', '😀', '\r', '\n', '\0', '\ud800', 'x'.repeat(300)),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, fc.boolean(), (words, utf8) => {
        const wire = formatReply({ code: 450, enhanced: '4.2.0', text: words }, { utf8 });
        assert.ok(wire.endsWith('\r\n'));
        const lines = wire.slice(0, -2).split('\r\n');
        for (const [index, line] of lines.entries()) {
          assert.ok(Buffer.byteLength(line) + 2 <= 512);
          assert.ok(line.startsWith(index === lines.length - 1 ? '450 4.2.0 ' : '450-4.2.0 '));
          assert.ok(line.isWellFormed());
          assert.doesNotMatch(line, utf8 ? /\p{Cc}/u : /[^\x20-\x7e]/);
        }
      }),
    );
  });
});

describe('chooseReply', () => {
  it('prefers a success, then what is temporary', () => {
    assert.equal(chooseReply([never, later, good]), good);
    assert.equal(chooseReply([never, later]), later);
    assert.equal(chooseReply([never]), never);
  });
});

describe('isFinalReply', () => {
  it('knows what a receiver may answer', () => {
    assert.deepEqual(
      [200, 250, 299, 421, 550, 599].filter((code) => !isFinalReply({ code, text: '' })),
      [],
    );
    assert.deepEqual(
      [0, 199, 300, 354, 399, 600, 250.5, Number.NaN].filter((code) => isFinalReply({ code, text: '' })),
      [],
    );
  });
});
