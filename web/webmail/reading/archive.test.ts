import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { listArchive, tame, unpack } from './archive.ts';

const octets = (text: string) => new TextEncoder().encode(text);

test('what is in an archive is listed, with Chinese names of either kind', () => {
  const made = zipSync({ '课表/第一周.txt': octets('一'), 'a.txt': octets('12345') });
  assert.deepEqual(listArchive(made), {
    entries: [
      { name: '课表/第一周.txt', sizeBytes: 3 },
      { name: 'a.txt', sizeBytes: 5 },
    ],
    isCut: false,
  });
  // 课 in GB 18030, without the mark of UTF-8.
  const plain = zipSync({ 'XX.txt': octets('1') });
  for (let at = 0; at + 1 < plain.length; at++)
    if (plain[at] === 0x58 && plain[at + 1] === 0x58) plain.set([0xbf, 0xce], at);
  assert.equal(listArchive(plain).entries[0]?.name, '课.txt');
});

test('an archive is tamed, and one that swells too much is not looked into', () => {
  const made = zipSync({ 'word/document.xml': octets('<w/>') });
  assert.deepEqual(
    unpack(tame(made), () => true),
    { 'word/document.xml': octets('<w/>') },
  );
  const bomb = zipSync({ a: new Uint8Array(60_000_000), b: new Uint8Array(60_000_000) });
  assert.throws(() => tame(bomb), RangeError);
  assert.equal(unpack(bomb, (name) => name === 'a')['a']?.length, 60_000_000);
  assert.throws(() => listArchive(octets('no archive')));
});
