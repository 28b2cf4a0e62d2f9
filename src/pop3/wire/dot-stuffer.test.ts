import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { DotStuffer } from './dot-stuffer.ts';

function stuff(chunks: readonly Buffer[]): string {
  const stuffer = new DotStuffer();
  const sent = chunks.map((chunk) => stuffer.push(chunk));
  return Buffer.concat([...sent, Buffer.from(stuffer.end())]).toString('latin1');
}

/** The same in the most obvious way. */
function stuffSlowly(text: string): string {
  const lines = text.replace(/\r?\n/g, '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return [...lines.map((line) => (line.startsWith('.') ? `.${line}` : line)), '.', ''].join('\r\n');
}

describe('DotStuffer', () => {
  it('doubles leading dots', () => {
    assert.equal(stuff([Buffer.from('.\r\n..\r\na.\r\n')]), '..\r\n...\r\na.\r\n.\r\n');
  });

  it('ends the last line', () => {
    assert.equal(stuff([Buffer.from('a')]), 'a\r\n.\r\n');
    assert.equal(stuff([Buffer.from('a\r')]), 'a\r\n.\r\n');
    assert.equal(stuff([]), '.\r\n');
  });

  it('copies nothing when nothing has to be added', () => {
    const chunk = Buffer.from('a\r\nb.\r\n');
    assert.equal(new DotStuffer().push(chunk), chunk);
  });

  it('makes the same however the octets are cut, and what a client reads back is the message', () => {
    const text = fc.string({ unit: fc.constantFrom('.', '\r\n', '\n', 'a', '\u00e9'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (text, cuts) => {
        const whole = Buffer.from(text, 'latin1');
        const expected = stuffSlowly(text);
        assert.equal(stuff([whole]), expected);
        assert.equal(stuff(Array.from(whole, (octet) => Buffer.from([octet]))), expected);
        const edges = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
        assert.equal(stuff(edges.slice(1).map((end, i) => whole.subarray(edges[i], end))), expected);
      }),
    );
  });
});
