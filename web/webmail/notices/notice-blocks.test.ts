import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf } from './notice-blocks.ts';

test('paragraphs, headings and lists stand one after another, blank lines between them or not', () => {
  assert.deepEqual(blocksOf('各部门：\n请注意。\n\n## 时间\n周五\n- 一\n- 二\n三\n\n\n- 四'), [
    { kind: 'paragraph', text: '各部门：\n请注意。' },
    { kind: 'heading', text: '时间' },
    { kind: 'paragraph', text: '周五' },
    { kind: 'list', points: ['一', '二'] },
    { kind: 'paragraph', text: '三' },
    { kind: 'list', points: ['四'] },
  ]);
});

test('what only looks like a mark is text, and markup is text too', () => {
  const texts = [
    '-5 度',
    '##',
    '## ',
    '- ',
    '# 一',
    '###三',
    ' - 缩进',
    '* 星',
    '<b>粗</b>',
    '[链](javascript:alert(1))',
  ];
  for (const text of texts) assert.deepEqual(blocksOf(text), [{ kind: 'paragraph', text }], text);
  assert.deepEqual(blocksOf(''), []);
  assert.deepEqual(blocksOf('## <script>'), [{ kind: 'heading', text: '<script>' }]);
});
