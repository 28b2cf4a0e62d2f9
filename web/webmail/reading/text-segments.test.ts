import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { segmentsOf, splitQuoted } from './text-segments.ts';

test('links in running text, without the punctuation around them', () => {
  const urls = (text: string) => segmentsOf(text).flatMap(({ url }) => url ?? []);
  assert.deepEqual(urls('见 https://jw.example.edu.cn/a?b=1，谢谢'), ['https://jw.example.edu.cn/a?b=1']);
  assert.deepEqual(urls('(see http://a.example/x.) and <https://b.example>'), [
    'http://a.example/x',
    'https://b.example',
  ]);
  assert.deepEqual(urls('https:// javascript:alert(1) ftp://x'), []);
});

test('nothing of a text is lost, and it takes no time that grows faster than the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('http://', 'a', '.', ' ', '。', ')', '\n') }), (text) => {
      assert.equal(
        segmentsOf(text)
          .map(({ text }) => text)
          .join(''),
        text,
      );
    }),
  );
  const brackets = ')'.repeat(200_000);
  assert.equal(segmentsOf(`http://a${brackets}`)[0]?.url, 'http://a');
  assert.equal(segmentsOf(`http://a/${brackets}b`)[0]?.text.length, 200_010);
});

test('the quoted end is told from what is said', () => {
  assert.deepEqual(splitQuoted('好的\n\n> 几点？\n> 三点\n'), { said: '好的', quoted: '> 几点？\n> 三点' });
  assert.deepEqual(splitQuoted('> 全是引用'), { said: '> 全是引用', quoted: '' });
  assert.deepEqual(splitQuoted('> 引\n答'), { said: '> 引\n答', quoted: '' });
});
