/** Whom a reverse path is shown to belong to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isShownByDomain } from './reverse-path.ts';
import type { DkimResult, SpfResult } from './types.ts';

function spf(result: SpfResult['result'], identity: SpfResult['identity'] = 'mailfrom'): SpfResult {
  return { result, identity, domain: 'example.net', comment: '' };
}

function signature(domain: string, differences: Partial<DkimResult> = {}): DkimResult {
  const plain = { selector: 's', algorithm: 'rsa-sha256', signatureStart: '', comment: '', isTesting: false } as const;
  return { result: 'pass', domain, ...plain, ...differences };
}

test('SPF has to pass, for the path itself', () => {
  assert.equal(isShownByDomain('a@example.net', { spf: spf('pass'), dkim: [] }), true);
  assert.equal(isShownByDomain('a@example.net', { spf: spf('pass', 'helo'), dkim: [] }), false);
  for (const result of ['none', 'neutral', 'fail', 'softfail', 'temperror', 'permerror'] as const)
    assert.equal(isShownByDomain('a@example.net', { spf: spf(result), dkim: [] }), false);
});

test("or a signature is the path's own organisation's", () => {
  const shows = (reversePath: string, ...dkim: DkimResult[]): boolean =>
    isShownByDomain(reversePath, { spf: spf('fail'), dkim });
  assert.equal(shows('a@bounces.example.net', signature('other.example'), signature('example.net')), true);
  assert.equal(shows('a@例え.jp', signature('xn--r8jz45g.jp')), true);
  assert.equal(shows('a@example.net', signature('example.org')), false);
  // Two customers of one registry, or host, are strangers.
  assert.equal(shows('a@one.com.cn', signature('two.com.cn')), false);
  assert.equal(shows('a@one.github.io', signature('two.github.io')), false);
  assert.equal(shows('a@example.net', signature('example.net', { result: 'fail' })), false);
  assert.equal(shows('a@example.net', signature('example.net', { isTesting: true })), false);
  assert.equal(shows('a@[192.0.2.1]', signature('example.net')), false);
});
