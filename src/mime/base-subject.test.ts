import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { analyseSubject, baseSubject } from './base-subject.ts';

test('RFC 5256 §2.1', () => {
  const subjects: Record<string, string> = {
    'Re: hello': 'hello',
    'RE:  Hello  World ': 'hello world',
    're [x]: hello': 'hello',
    '[list] Re: hello': 'hello',
    'Re: [list] hello (fwd) (FWD)': 'hello',
    'Fwd: Re: fw: hello': 'hello',
    '[fwd: hello]': 'hello',
    '[Fwd: [list] Re: hello (fwd)]': 'hello',
    '[a][b]': '[b]',
    '[only]': '[only]',
    'Re:': '',
    '': '',
    'Restart: x': 'restart: x',
    'Regarding: x': 'regarding: x',
    'Re hello': 're hello',
    'a: Re: b': 'a: re: b',
  };
  for (const [subject, base] of Object.entries(subjects)) assert.equal(baseSubject(subject), base, subject);
});

test('marks of Chinese mailers', () => {
  const marks = [
    'Re:',
    'RE：',
    '回复:',
    '回复：',
    '答复:',
    '答复: ',
    'Fw:',
    'FW:',
    '转发:',
    '转发：',
    '回覆：',
    '轉寄:',
    '回复(2):',
    '回复（3）：',
    'Re[4]:',
    'ＲＥ：',
    'Re^2: ',
    '自动回复: ',
  ];
  for (const mark of marks) {
    assert.deepEqual(analyseSubject(`${mark}通知`), { base: '通知', isReplyOrForward: true }, mark);
    assert.equal(baseSubject(`回复：${mark}[公告]${mark}通知`), '通知', mark);
  }
  assert.deepEqual(analyseSubject('回复率统计'), { base: '回复率统计', isReplyOrForward: false });
  assert.deepEqual(analyseSubject('[通知] 放假'), { base: '放假', isReplyOrForward: false });
});

test('width and case fold', () => {
  assert.equal(baseSubject('Re: ＡＢＣ　通知'), baseSubject('abc 通知'));
});

test('a base is its own base, and hostile subjects are quick', () => {
  const unit = fc.constantFrom('re', ':', '[', ']', ' ', '回复', '：', '(fwd)', '[fwd:', 'x', '2', '(');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (subject) => {
      const base = baseSubject(subject);
      assert.equal(baseSubject(base), base);
    }),
    { numRuns: 2000 },
  );
  for (const piece of ['re:', '[x]', '(fwd)', '[fwd:', ' ', '\ufdfa', '[', 're[']) {
    const started = process.hrtime.bigint();
    baseSubject(piece.repeat(100_000));
    assert.ok(process.hrtime.bigint() - started < 1_000_000_000n, piece);
  }
});
