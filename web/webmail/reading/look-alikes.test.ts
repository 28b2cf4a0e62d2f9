import assert from 'node:assert/strict';
import { domainToASCII, domainToUnicode } from 'node:url';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressInName, decodeLabel, isOurs, resembledDomain } from './look-alikes.ts';

const OURS = ['kust.edu.cn', 'stu.kust.edu.cn', 'mail-lab.edu.cn'];

test('what is easily mistaken for us is told, with what it resembles', () => {
  for (const domain of [
    'kusl.edu.cn',
    'kvst.edu.cn',
    'ku5t.edu.cn',
    'kuts.edu.cn',
    'kust.edu.cn.login.example',
    'kust-edu-cn.example',
    'kusteducn-mail.example',
    domainToASCII('kuѕt.edu.cn'),
    domainToASCII('küst.edu.cn'),
    'mx.ku-st.edu.cn',
  ])
    assert.equal(resembledDomain(domain, OURS), 'kust.edu.cn', domain);
  assert.equal(resembledDomain('mai1-1ab.edu.cn', OURS), 'mail-lab.edu.cn');
});

test('who is ours, or only elsewhere, is not accused', () => {
  for (const domain of [
    'kust.edu.cn',
    'STU.kust.edu.cn',
    'lab.kust.edu.cn',
    'tsinghua.edu.cn',
    'gmail.com',
    'edu.cn',
    '',
  ])
    assert.equal(resembledDomain(domain, OURS), undefined, domain);
  assert.ok(isOurs('lab.kust.edu.cn', OURS));
  assert.ok(!isOurs('notkust.edu.cn', OURS));
});

test('a name that is another’s address', () => {
  const address = 'x@evil.example';
  assert.equal(addressInName({ name: 'jwc@kust.edu.cn', address }), 'jwc@kust.edu.cn');
  assert.equal(addressInName({ name: '教务处（jwc＠kust.edu.cn）', address }), 'jwc@kust.edu.cn');
  assert.equal(addressInName({ name: 'X@Evil.example', address }), undefined);
  assert.equal(addressInName({ name: '张三 @数学系', address }), undefined);
});

test('labels are decoded as Node decodes them', () => {
  const label = fc.string({
    unit: fc.constantFrom('а', 'ö', '学', 'a', 'z', '0', '-', '𠀀', 'ß'),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(label, (text) => {
      const ascii = domainToASCII(text);
      if (ascii.startsWith('xn--')) assert.equal(decodeLabel(ascii), domainToUnicode(ascii));
    }),
  );
  for (const bad of ['xn--', 'xn--99999999999', 'xn--学', 'xn---']) assert.equal(typeof decodeLabel(bad), 'string');
});
