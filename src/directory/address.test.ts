import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalizeDomain, formatAddress, isCreatableLocalPart, parseAddress, splitSubaddress } from './address.ts';

test('every spelling of an address is one address', () => {
  const zhang = { localPart: 'zhang3', domain: 'kust.edu.cn' };
  for (const spelling of [
    'zhang3@kust.edu.cn',
    'Zhang3@KUST.edu.CN',
    'ＺＨＡＮＧ３＠ｋｕｓｔ．ｅｄｕ．ｃｎ',
    '\u3000zhang3@kust.edu.cn ',
    'zhang3@kust。edu。cn',
    'zhang3@kust.edu.cn.',
    'zhang3 @ kust.edu.cn',
  ]) {
    assert.deepEqual(parseAddress(spelling), zhang, spelling);
  }
});

test('international domains become A-labels', () => {
  assert.equal(canonicalizeDomain('昆明理工大学.CN'), 'xn--pss25cz2c27mfb626n.cn');
  assert.equal(canonicalizeDomain('xn--pss25cz2c27mfb626n.cn'), 'xn--pss25cz2c27mfb626n.cn');
});

test('what cannot be an address of ours', () => {
  for (const bad of [
    '',
    '@',
    'zhang',
    'zhang@',
    '@kust.edu.cn',
    ' @kust.edu.cn',
    'zhang@[192.0.2.1]',
    'zhang@192.0.2.1',
    'zhang@127.1',
    'zhang@kust..edu',
    'zhang@.cn',
    'zhang@-a.cn',
    'zhang@a-.cn',
    'zhang@a_b.cn',
    'zhang@a b.cn',
    'zhang@a%2eb.cn',
    'zhang@大学/x.cn',
    'zhang@大学%2e.cn',
    'zhang@大学:80',
    'zha\0ng@kust.edu.cn',
    'zha\nng@kust.edu.cn',
    '\ud800@kust.edu.cn',
    `${'x'.repeat(65)}@kust.edu.cn`,
    `zhang@${'x'.repeat(64)}.cn`,
    `zhang@${'x.'.repeat(127)}cn`,
    `${'ﷺ'.repeat(1000)}@kust.edu.cn`,
    `zhang@${'x'.repeat(1_000_000)}`,
  ]) {
    assert.equal(parseAddress(bad), undefined, bad.slice(0, 80));
  }
});

test('a local part may hold anything visible, since others may have quoted it', () => {
  assert.deepEqual(parseAddress('a@b c"d@kust.edu.cn'), { localPart: 'a@b c"d', domain: 'kust.edu.cn' });
  assert.deepEqual(parseAddress('张三@kust.edu.cn'), { localPart: '张三', domain: 'kust.edu.cn' });
});

test('the canonical spelling is its own canonical spelling', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 30 });
  fc.assert(
    fc.property(texts, fc.oneof(texts, fc.domain()), (localPart, domain) => {
      const address = parseAddress(`${localPart}@${domain}`);
      if (address !== undefined) assert.deepEqual(parseAddress(formatAddress(address)), address);
    }),
    { numRuns: 500 },
  );
});

test('what an account made here may be called', () => {
  for (const good of ['20191234', 'zhang.san', 'zhang_san-3', "o'neil", 'x', 'a+b'])
    assert.ok(isCreatableLocalPart(good), good);
  for (const bad of ['', '.a', 'a.', 'a..b', 'a b', 'a@b', '张三', 'a"b', 'a\\b', 'A', 'a,b', '<a>']) {
    assert.equal(isCreatableLocalPart(bad), false, bad);
  }
});

test('a subaddress is split at the first separator', () => {
  assert.deepEqual(splitSubaddress('zhang+news+x', '+'), { user: 'zhang', detail: 'news+x' });
  assert.deepEqual(splitSubaddress('zhang+', '+'), { user: 'zhang', detail: '' });
  assert.equal(splitSubaddress('+news', '+'), undefined);
  assert.equal(splitSubaddress('zhang', '+'), undefined);
});
