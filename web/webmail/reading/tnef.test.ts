import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTnef } from './tnef.ts';

const le32 = (value: number) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255];
const le16 = (value: number) => [value & 255, value >>> 8];
const attribute = (id: number, value: readonly number[]) => [2, ...le32(id), ...le32(value.length), ...value, 0, 0];
const SIGNATURE = [...le32(0x223e9f78), 1, 0];
const utf16 = (text: string) => Array.from(`${text}\0`).flatMap((character) => le16(character.charCodeAt(0)));
const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const property = (type: number, tag: number, value: readonly number[]) => [
  ...le16(type),
  ...le16(tag),
  ...le32(1),
  ...le32(value.length),
  ...value,
];

test('the files of a winmail.dat have their long names and their octets', () => {
  const octets = new Uint8Array([
    ...SIGNATURE,
    ...attribute(0x00069007, [...le32(936), ...le32(0)]),
    ...attribute(0x0002800c, [0xc4, 0xfa, 0xba, 0xc3, 0]),
    ...attribute(0x00069002, []),
    ...attribute(0x00018010, utf8('ZHAOSH~1.XLS\0')),
    ...attribute(0x0006800f, utf8('PK..')),
    ...attribute(0x00069005, [...le32(1), ...property(0x001f, 0x3707, utf16('招生计划.xlsx'))]),
    ...attribute(0x00069002, []),
    ...attribute(0x00018010, utf8('b.txt\0')),
    ...attribute(0x0006800f, utf8('b')),
  ]);
  const tnef = readTnef(octets);
  assert.equal(tnef?.text, '您好');
  assert.deepEqual(
    tnef.files.map(({ name, octets }) => [name, new TextDecoder().decode(octets)]),
    [
      ['招生计划.xlsx', 'PK..'],
      ['b.txt', 'b'],
    ],
  );
});

test('what is none is none, and what is broken breaks nothing', () => {
  assert.equal(readTnef(new Uint8Array(utf8('PK'))), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
      readTnef(new Uint8Array([...SIGNATURE, ...noise]));
      readTnef(new Uint8Array([...SIGNATURE, ...attribute(0x00069002, []), ...attribute(0x00069005, [...noise])]));
    }),
  );
});
