import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { htmlToText } from './html-text.ts';

test('what a person reads', () => {
  const pages: Record<string, string> = {
    '<p>a<b>b</b>c</p><p>d</p>': 'abc\nd',
    'a<br>b<br/>c': 'a\nb\nc',
    ' a \n b&nbsp;&amp; &lt;c&gt; &#x4e2d;&#22269;': 'a b & <c> 中国',
    '<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>': 'a b\nc',
    '<ul><li>a<li>b</ul>': 'a\nb',
    '<script>x<b></script><style>y</style>a<!-- z --><title>t</title>': 'a',
    '<html><head><title>t</title><meta charset=gbk></head><body>a': 'a',
    '<head><style>p{}</style><body>a': 'a',
    'a<span> b</span> <i>c</i>': 'a b c',
    '1 < 2 & 3 &nonsense;': '1 < 2 & 3 &nonsense;',
    '<img alt="x" src=y>a': 'a',
    '<svg/>a<svg><text>no</text></svg>b': 'ab',
    '<noscript>no</noscript>a<textarea>no</textarea>': 'a',
    '悬<font color=red>空</font>寺': '悬空寺',
    'a\u200b\u200c\ufeffb': 'a b',
    '': '',
    '<': '<',
  };
  for (const [html, text] of Object.entries(pages)) assert.equal(htmlToText(html), text, html);
});

test('reading stops early', () => {
  assert.equal(htmlToText(`<p>${'a'.repeat(10)}</p>`.repeat(100_000), { maxChars: 25 }), 'aaaaaaaaaa\naaaaaaaaaa\naaa');
});

test('chunks make no difference, and nothing throws', () => {
  const unit = fc.constantFrom(
    '<',
    '>',
    '/',
    'p',
    'script',
    'style',
    '&',
    'amp;',
    '#x41;',
    '"',
    "'",
    '=',
    '!--',
    '--',
    ' ',
    '学',
    '\0',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (html) => {
      // Moved over the border of a chunk by blanks in front, which fold away.
      assert.equal(htmlToText(' '.repeat(4090) + html), htmlToText(` ${html}`));
    }),
    { numRuns: 1000 },
  );
});

test('deep nesting and unclosed things take linear time', () => {
  for (const piece of ['<div>', '</x>', '<a b="', '<!--', '&amp', '<style>', '<a ', '<![CDATA[']) {
    const started = process.hrtime.bigint();
    htmlToText(piece.repeat(Math.floor(500_000 / piece.length)));
    assert.ok(process.hrtime.bigint() - started < 2_000_000_000n, piece);
  }
});
