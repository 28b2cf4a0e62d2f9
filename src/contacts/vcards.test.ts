import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import iconv from 'iconv-lite';
import { Card, nameOfCard } from '#contract/jmap/contacts.ts';
import { check } from '#contract/jmap/values.ts';
import { formatVcards } from './format-vcards.ts';
import { CONTACT_FILE_LIMITS } from './limits.ts';
import { looksLikeVcards, parseVcards } from './parse-vcards.ts';

function counter(): () => string {
  let count = 0;
  return () => `new${++count}`;
}

function parse(text: string | Buffer) {
  return parseVcards(Buffer.from(text), counter());
}

function first(text: string | Buffer): Card {
  const [card] = parse(text).cards;
  assert.ok(card !== undefined);
  return card;
}

const vcard = (...lines: readonly string[]): string => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');

/** As a phone writes it. */
const ZENG = vcard(
  'VERSION:3.0',
  'N:曾;国藩;;教授;',
  'FN:曾国藩',
  'NICKNAME:涤生,伯涵',
  'ORG:昆明理工大学;教务处;考务科',
  'TITLE:处长',
  'item1.EMAIL;TYPE=INTERNET,WORK,pref:zeng@x.example',
  'EMAIL;TYPE=HOME:z\\,g@y.example',
  'TEL;TYPE=CELL:+86 138 0013 8000',
  'ADR;TYPE=WORK:;;学府路 68 号;昆明;云南;650093;中国',
  'BDAY:1811-11-26',
  'NOTE:评审专家\\n第二行\\, 逗号',
  'X-QQ:10001',
  'X-PHONETIC-LAST-NAME:Zeng',
  'item1.X-ABLabel:单位',
  'UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1',
);

describe('vCards are read', () => {
  test('of a phone, every part in its place and the rest kept', () => {
    assert.deepEqual(first(ZENG), {
      '@type': 'Card',
      version: '1.0',
      kind: 'individual',
      uid: 'urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1',
      name: {
        components: [
          { kind: 'surname', value: '曾' },
          { kind: 'given', value: '国藩' },
          { kind: 'title', value: '教授' },
        ],
        full: '曾国藩',
      },
      nicknames: { '1': { name: '涤生' }, '2': { name: '伯涵' } },
      organizations: { '1': { name: '昆明理工大学', units: [{ name: '教务处' }, { name: '考务科' }] } },
      titles: { '1': { name: '处长', kind: 'title' } },
      emails: {
        '1': { address: 'zeng@x.example', contexts: { work: true }, pref: 1 },
        '2': { address: 'z,g@y.example', contexts: { private: true } },
      },
      phones: { '1': { number: '+86 138 0013 8000', features: { mobile: true } } },
      addresses: {
        '1': {
          components: [
            { kind: 'name', value: '学府路 68 号' },
            { kind: 'locality', value: '昆明' },
            { kind: 'region', value: '云南' },
            { kind: 'postcode', value: '650093' },
            { kind: 'country', value: '中国' },
          ],
          contexts: { work: true },
        },
      },
      anniversaries: { '1': { kind: 'birth', date: { '@type': 'PartialDate', year: 1811, month: 11, day: 26 } } },
      notes: { '1': { note: '评审专家\n第二行, 逗号' } },
      onlineServices: { '1': { service: 'QQ', user: '10001' } },
      vCardProps: [
        ['x-phonetic-last-name', {}, 'unknown', 'Zeng'],
        ['x-ablabel', {}, 'unknown', '单位'],
      ],
    });
  });

  test('of Outlook, version 2.1 in quoted-printable and GBK, folded its way', () => {
    const quoted = [...iconv.encode('王芳', 'gbk')].map((octet) => `=${octet.toString(16).toUpperCase()}`).join('');
    const card = first(
      vcard(
        'VERSION:2.1',
        `N;LANGUAGE=zh-cn;CHARSET=gb2312;ENCODING=QUOTED-PRINTABLE:${quoted.slice(0, 6)}=`,
        `${quoted.slice(6)};;;;`,
        'TEL;CELL;VOICE:13800138000',
        'EMAIL;PREF;INTERNET:wang@x.example',
      ),
    );
    assert.equal(nameOfCard(card), '王芳');
    assert.deepEqual(card.phones, { '1': { number: '13800138000', features: { mobile: true, voice: true } } });
    assert.equal(card.emails?.['1']?.pref, 1);
    assert.equal(card.uid, 'new1');
  });

  test('whatever the encoding of the file', () => {
    const text = vcard('VERSION:3.0', 'FN:欧阳慧敏', 'EMAIL:o@x.example');
    for (const octets of [
      Buffer.from(text),
      Buffer.from(`\uFEFF${text}`),
      iconv.encode(text, 'gb18030'),
      iconv.encode(text, 'utf-16le', { addBOM: true }),
      Buffer.from(text.replaceAll('\r\n', '\n')),
      Buffer.from(text.replaceAll('\r\n', '\r')),
    ]) {
      assert.ok(looksLikeVcards(octets));
      assert.equal(first(octets).name?.full, '欧阳慧敏');
    }
    assert.ok(!looksLikeVcards(Buffer.from('姓名,邮箱\r\n')));
  });

  test('groups of Apple and of version 4.0', () => {
    for (const lines of [
      ['VERSION:4.0', 'KIND:group', 'FN:课题组', 'MEMBER:urn:uuid:a'],
      ['VERSION:3.0', 'X-ADDRESSBOOKSERVER-KIND:group', 'FN:课题组', 'X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a'],
    ]) {
      const { kind, members } = first(vcard(...lines));
      assert.deepEqual([kind, members], ['group', { 'urn:uuid:a': true }]);
    }
  });

  test('what is none, too large or too many is left out and counted', () => {
    const { lineLength, cards } = CONTACT_FILE_LIMITS;
    assert.deepEqual(parse(''), { cards: [], skipped: 0 });
    assert.equal(parse(`${vcard('VERSION:3.0')}${vcard('FN:好')}BEGIN:VCARD\r\nFN:cut`).skipped, 2);
    const large = first(vcard('FN:大', `PHOTO;ENCODING=b;TYPE=JPEG:${'A'.repeat(lineLength)}`));
    assert.equal(large['media'], undefined);
    const many = parse(vcard('FN:多').repeat(cards + 3));
    assert.deepEqual([many.cards.length, many.skipped], [cards, 3]);
  });
});

describe('vCards are written', () => {
  const CARD = { ...first(ZENG), 'example.com:x': { unknown: true } } satisfies Card;

  test('and read again, in both versions', () => {
    for (const version of ['3.0', '4.0'] as const) {
      const text = formatVcards([CARD], version);
      const { 'example.com:x': _, ...rest } = CARD;
      assert.deepEqual(first(text), rest, version);
      for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
    }
  });

  test('with a name whatever there is, and nothing that begins a line of its own', () => {
    const text = formatVcards(
      [
        {
          '@type': 'Card',
          version: '1.0',
          uid: 'u',
          kind: 'individual',
          emails: { e: { address: 'a@x.example\r\nTEL:1' } },
          links: { l: { uri: 'https://x.example/\r\nTEL:2' } },
          vCardProps: [['x-y\r\nTEL', {}, 'unknown', '3'], ['x-ok', {}, 'unknown', '4\r\nTEL:4'], 'no', [1]],
        },
      ],
      '3.0',
    );
    assert.doesNotMatch(text, /^TEL/m);
    assert.match(text, /^N:;;;;\r$/m);
    assert.match(text, /^X-OK:4TEL:4\r$/m);
  });

  test('any card is written so that it is read again as the same person', () => {
    const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((text) => text.trim());
    const property = fc.property(words, words, words, (full, note, address) => {
      fc.pre([full, note, address].every((text) => text !== '' && !/[\r\p{Cc}]/u.test(text)));
      const card = { '@type': 'Card' as const, version: '1.0', uid: 'u', kind: 'individual', name: { full } };
      const whole = { ...card, notes: { '1': { note } }, emails: { '1': { address: `${address}@x` } } };
      for (const version of ['3.0', '4.0'] as const) {
        const read = first(formatVcards([whole], version));
        assert.equal(nameOfCard(read), full);
        assert.equal(read.notes?.['1']?.note, note);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('whatever the octets, what is read is a card, in little time', () => {
    const piece = fc.constantFrom(
      'BEGIN:VCARD\r\n',
      'END:VCARD\r\n',
      'FN:',
      'N',
      ';',
      ':',
      ',',
      '\\',
      '"',
      '=',
      '\r\n',
      ' ',
      '\0',
      '曾',
      '\ud83c',
    );
    const name = fc.constantFrom(
      'ENCODING=QUOTED-PRINTABLE',
      'CHARSET=gbk',
      'TYPE',
      'MEMBER',
      'PHOTO',
      'BDAY:2000-13-99',
    );
    const text = fc.array(fc.oneof(piece, name, fc.string({ maxLength: 9 })), { maxLength: 60 });
    fc.assert(
      fc.property(text, (pieces) => {
        for (const card of parse(`BEGIN:VCARD\r\nFN:x\r\n${pieces.join('')}\r\nEND:VCARD`).cards) {
          const result = check(Card, card);
          assert.ok(result.ok, result.ok ? '' : result.why);
          assert.ok(parse(formatVcards([card], '4.0')).cards.length === 1);
        }
      }),
      { numRuns: 100 },
    );
    const started = process.cpuUsage();
    for (const hostile of [
      `BEGIN:VCARD\r\n${'FN:x\r\n '.repeat(60_000)}`,
      `BEGIN:VCARD\r\nFN${';a="'.repeat(60_000)}`,
      `BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:${`${'a'.repeat(70)}=\r\n`.repeat(30_000)}`,
      'BEGIN:VCARD\r\n'.repeat(30_000),
      `BEGIN:VCARD\r\nTEL${';A'.repeat(60_000)}:1`,
    ])
      parse(hostile);
    // Some 100 ms; what grows with the square of its length takes minutes.
    assert.ok(process.cpuUsage(started).user < 5_000_000);
  });
});
