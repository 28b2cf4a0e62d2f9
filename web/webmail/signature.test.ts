import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeSignature, withSignature } from './signature.ts';

const OWN = '<p>陈静宜</p><p>数学系</p>';
const OFFICE = '<p>教务处</p>';

test('a signature stands below what is written and above what is quoted', () => {
  assert.equal(withSignature('', OWN), `<p></p><p>-- </p>${OWN}`);
  const quoted = '<p></p><p>张三写道：</p><blockquote><p>好</p></blockquote>';
  assert.equal(
    withSignature(quoted, OWN),
    `<p></p><p>-- </p>${OWN}<p>张三写道：</p><blockquote><p>好</p></blockquote>`,
  );
  assert.equal(withSignature(quoted, ''), quoted);
});

test('another address signs otherwise, unless somebody has written into the signature', () => {
  const body = `<p>您好</p><p>-- </p>${OWN}<blockquote><p>-- </p></blockquote>`;
  assert.equal(changeSignature(body, OWN, OFFICE), `<p>您好</p><p>-- </p>${OFFICE}<blockquote><p>-- </p></blockquote>`);
  assert.equal(changeSignature(body, OWN, ''), '<p>您好</p><blockquote><p>-- </p></blockquote>');
  const edited = body.replace('数学系', '数学系 电话 123');
  assert.equal(changeSignature(edited, OWN, OFFICE), edited);
  assert.equal(changeSignature('<p>您好</p>', '', OFFICE), `<p>您好</p><p>-- </p>${OFFICE}`);
  assert.equal(changeSignature('<p>您好</p>', '', ''), '<p>您好</p>');
});

test('a first signature stands above what is quoted, too', () => {
  const quoted = '<p>好的</p><p>张三写道：</p><blockquote><p>好</p></blockquote><p></p>';
  assert.equal(
    changeSignature(quoted, '', OFFICE),
    `<p>好的</p><p>-- </p>${OFFICE}<p>张三写道：</p><blockquote><p>好</p></blockquote><p></p>`,
  );
});
