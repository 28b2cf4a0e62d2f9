import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeSearchKey, decodeText, isKnownCharset, resolveCharset } from './charset.ts';

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

const XUEXIAO_TONGZHI = hex('D1A7 D0A3 CDA8 D6AA');

test('what is relied on in TextDecoder', () => {
  const gb = new TextDecoder('gb18030');
  assert.equal(gb.decode(hex('A2E3 80 8139EE39 95328236')), '€€㐀𠀀');
  // GB 18030-2022.
  assert.equal(gb.decode(hex('A6D9 FE59')), '\ufe10\u9fb4');
  // If this fails, TextDecoder has learnt Big5-HKSCS and iconv-lite can go.
  assert.equal(new TextDecoder('big5').decode(hex('C6A1')), '\uf6b1');
  for (const label of ['cp936', 'cp950', 'utf-7', 'hz-gb-2312', 'iso-2022-cn', 'iso-2022-kr', 'euc-tw']) {
    assert.throws(() => new TextDecoder(label), label);
  }
});

test('labels as mail writes them', () => {
  const names: Record<string, string | undefined> = {
    '"gb2312"': 'gb18030',
    'GB_2312-80': 'gb18030',
    'x-gbk': 'gb18030',
    cp936: 'gb18030',
    MS936: 'gb18030',
    'windows-936': 'gb18030',
    cp950: 'big5',
    'x-windows-950': 'big5',
    'Big5-HKSCS': 'big5',
    utf8: 'utf-8',
    'utf-8;': 'utf-8',
    'UTF-8 ': 'utf-8',
    'charset=utf-8': 'utf-8',
    '_iso-2022-jp$ESC': 'iso-2022-jp',
    'hz-gb-2312': 'hz',
    'ISO-2022-CN-EXT': 'iso-2022-cn',
    'iso8859-1': 'windows-1252',
    'koi8-r': 'koi8-r',
    cp437: 'cp437',
    'x-unknown': undefined,
    default: undefined,
    'unknown-8bit': undefined,
    none: undefined,
    '': undefined,
    base64: undefined,
    ['x'.repeat(10_000)]: undefined,
  };
  for (const [label, name] of Object.entries(names)) assert.equal(resolveCharset(label), name, label.slice(0, 40));
  assert.equal(isKnownCharset('GB18030'), true);
  assert.equal(isKnownCharset('klingon'), false);
});

test('domain vectors: labelled text', () => {
  assert.equal(decodeText(hex('E946 86B4 8139EE39'), 'gb2312'), '镕喆㐀');
  assert.equal(decodeText(hex('95328236'), 'GB18030'), '𠀀');
  assert.equal(decodeText(hex('A2E3'), 'gbk'), '€');
  assert.equal(decodeText(Buffer.from('~{VP9z~} ~~ a~\nb~{VP\nc'), 'hz-gb-2312'), '中国 ~ ab中\nc');
  assert.equal(decodeText(hex('A874 B2CE'), 'big5'), '系統');
  assert.equal(decodeText(hex('8940 C6A1'), 'cp950'), '𪎩①');
  assert.equal(decodeText(hex('1B2442 2422 1B2842'), 'iso-2022-jp'), 'あ');
  assert.equal(decodeText(Buffer.from('+ZeVnLA-'), 'utf-7'), '日本');
  assert.equal(decodeText(hex('B0A1'), 'ks_c_5601-1987'), '가');
});

test('ISO-2022-CN, ISO-2022-KR and EUC-TW by decoders of our own', () => {
  assert.equal(decodeText(hex('1B242941 0E 3D3B 3B3B 0F 41'), 'iso-2022-cn'), '交换A');
  assert.equal(decodeText(hex('1B242947 0E 4421 4422 0F'), 'iso-2022-cn'), '一乙');
  // Designations may be repeated; SO ends with its line, plane 2 comes by ESC N.
  assert.equal(decodeText(hex('1B242947 0E 4421 0A 1B242A48 41 1B4E 2121'), 'iso-2022-cn-ext'), '一\nA乂');
  assert.equal(decodeText(hex('1B242943 0E 3021 0F 41'), 'iso-2022-kr'), '가A');
  assert.equal(decodeText(hex('C4A1 C4A2 8EA2A1A1 61'), 'euc-tw'), '一乙乂a');
  assert.equal(decodeText(hex('8EA3A1A1'), 'euc-tw'), '\ufffd');
});

test('the 联通 trap: octets that are GBK and valid UTF-8', () => {
  const words = { D1A7D0A3: '学校', D1A7D4BA: '学院', CDA8D6AA: '通知', CFB5CDB3: '系统', C6BDCCA8: '平台' };
  for (const [digits, word] of Object.entries(words)) assert.equal(decodeText(hex(digits)), word);
  assert.equal(decodeText(XUEXIAO_TONGZHI), '学校通知');
  assert.equal(decodeText(XUEXIAO_TONGZHI, 'us-ascii'), '学校通知');
  assert.equal(decodeText(XUEXIAO_TONGZHI, 'iso-8859-1'), '学校通知');
  assert.equal(decodeText(XUEXIAO_TONGZHI, 'x-unknown', { sibling: 'gbk', locale: 'en' }), '学校通知');
  // Elsewhere, or when the rest of the message is UTF-8, it is what it says.
  assert.equal(decodeText(XUEXIAO_TONGZHI, undefined, { locale: 'ru' }), '\u0467\u0423\u0368\u05aa');
  assert.equal(decodeText(XUEXIAO_TONGZHI, undefined, { sibling: 'utf-8' }), '\u0467\u0423\u0368\u05aa');
});

test('real text of other scripts in UTF-8 survives the trap', () => {
  for (const text of [
    'Привет, мир',
    'Résumé',
    'Müller',
    'Ελληνικά',
    'שלום',
    'السلام عليكم',
    'ئۇيغۇرچە',
    'naïve café',
    'Nguyễn',
  ]) {
    assert.equal(decodeText(Buffer.from(text)), text);
  }
});

test('labels that the octets refute', () => {
  assert.equal(decodeText(Buffer.from('系统通知'), 'gbk'), '系统通知');
  assert.equal(decodeText(Buffer.from('系統通知'), 'big5'), '系統通知');
  assert.equal(decodeText(hex('CFB5 CDB3 C6F4 D3C3'), 'utf-8'), '系统启用');
  assert.equal(decodeText(hex('CFB5 CDB3 CDA8 D6AA'), 'windows-1252'), '系统通知');
  assert.equal(decodeText(Buffer.from('Größe', 'latin1'), 'iso-8859-1'), 'Größe');
  assert.equal(decodeText(Buffer.from('Résumé déjà vu', 'latin1')), 'Résumé déjà vu');
  // UTF-8 cut short is UTF-8.
  assert.equal(decodeText(Buffer.from('系统通知').subarray(0, -1), 'utf-8'), '系统通\ufffd');
});

test('unlabelled Big5 for readers of traditional Chinese, and in longer text for all', () => {
  assert.equal(decodeText(hex('A874 B2CE'), undefined, { locale: 'zh-TW' }), '系統');
  assert.equal(decodeText(hex('A874 B2CE B371 AABE B9CF AED1 C05D'), undefined), '系統通知圖書館');
});

test('names in a zip without the UTF-8 flag', () => {
  assert.equal(decodeText(Buffer.concat([hex('CDA8 D6AA'), Buffer.from('/1.doc')])), '通知/1.doc');
});

test('search keys', () => {
  assert.equal(decodeSearchKey(Buffer.from('悬空'), undefined), '悬空');
  assert.equal(decodeSearchKey(Buffer.from('悬空'), 'UTF-8'), '悬空');
  assert.equal(decodeSearchKey(Buffer.from('悬空'), 'US-ASCII'), '悬空');
  assert.equal(decodeSearchKey(XUEXIAO_TONGZHI, 'GB18030'), '学校通知');
  assert.equal(decodeSearchKey(hex('A874 B2CE'), 'BIG5'), '系統');
  assert.equal(decodeSearchKey(hex('E946'), undefined) === undefined, false);
  assert.equal(decodeSearchKey(Buffer.from('x'), 'klingon'), undefined);
});

test('never throws, whatever the octets and the label', () => {
  const labels = [
    'gbk',
    'big5',
    'utf-7',
    'hz',
    'iso-2022-cn',
    'iso-2022-kr',
    'euc-tw',
    'utf-16',
    'utf-32',
    'iso-2022-jp',
    'cp437',
  ];
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.oneof(fc.constantFrom(...labels), fc.string()),
      (octets, label) => {
        assert.equal(typeof decodeText(octets, label), 'string');
        decodeSearchKey(octets, label);
      },
    ),
    { numRuns: 2000 },
  );
});

test('text of one charset comes back', () => {
  const han = fc.string({
    unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  });
  fc.assert(fc.property(han, (text) => assert.equal(decodeText(Buffer.from(text), 'utf-8'), text)));
});
