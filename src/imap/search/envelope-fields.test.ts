import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { digestMessage } from '#mime/digest.ts';
import { mayContain, readAddresses, readSubject } from './envelope-fields.ts';
import { foldText } from '#search/fold.ts';

function envelopeOf(...lines: string[]): string {
  return digestMessage(Buffer.from([...lines, '', ''].join('\r\n'))).imapEnvelope;
}

it('reads back what a header said', () => {
  const envelope = envelopeOf(
    'Subject: A "quoted" \\ =?UTF-8?B?5qCh5Zut?= (x)',
    'From: "Foo, (Bar)" <A@b.c>',
    'To: Team: x@y.z, =?utf-8?q?J=C3=B6rg?= <j@k.l>;',
    'Cc: c@d.e',
  );
  assert.equal(readSubject(envelope), 'a "quoted" \\ 校园 (x)');
  assert.deepEqual(readAddresses(envelope, 'from'), ['foo, (bar) <a@b.c>']);
  assert.deepEqual(readAddresses(envelope, 'to').slice(0, 3), ['team', 'x@y.z', 'jorg <j@k.l>']);
  assert.deepEqual(readAddresses(envelope, 'cc'), ['c@d.e']);
  assert.deepEqual(readAddresses(envelope, 'bcc'), []);
});

it('finds nothing where there is nothing', () => {
  const envelope = envelopeOf('X: y');
  assert.equal(readSubject(envelope), '');
  assert.deepEqual(readAddresses(envelope, 'to'), []);
  for (const broken of ['', '(', '(NIL', '("x', '(NIL NIL ((', '(NIL NIL ((NIL']) {
    assert.equal(typeof readSubject(broken), 'string');
    assert.ok(Array.isArray(readAddresses(broken, 'from')));
  }
});

it('never rules out what is there', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
      fc.nat(20),
      fc.nat(8),
      (subject, start, length) => {
        const envelope = envelopeOf(`Subject: ${subject}`);
        const text = foldText(readSubject(envelope).slice(start, start + length));
        assert.ok(mayContain(envelope, text));
      },
    ),
  );
});
