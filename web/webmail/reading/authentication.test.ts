import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeSender } from './authentication.ts';

const OURS = 'mail.kust.example';
const judge = (fields: readonly string[], domain = 'a.example') => judgeSender(fields, OURS, domain);

test('the author’s domain stands by the letter, or does not', () => {
  assert.equal(
    judge([`${OURS}; spf=fail smtp.mailfrom=x.example; dmarc=pass (p=reject) header.from=a.example`]),
    'verified',
  );
  assert.equal(judge([`${OURS}; dkim=pass header.d=b.example; dmarc=fail header.from=a.example`]), 'unverified');
  assert.equal(judge([`${OURS} 1; dmarc=pass header.from=b.example`]), 'unverified', 'it speaks of another domain');
});

test('without a policy, what signed or sent has to be of the same domain', () => {
  assert.equal(judge([`${OURS}; dkim=pass header.d=mail.a.example header.s=k; dmarc=none`]), 'verified');
  assert.equal(
    judge([`${OURS}; dkim=pass header.d=b.example; spf=pass smtp.mailfrom=u@b.example; dmarc=none`]),
    'unverified',
  );
  assert.equal(judge([`${OURS}; spf=pass smtp.mailfrom=u@a.example; dkim=none`]), 'verified');
  assert.equal(judge([`${OURS}; spf=temperror; dkim=none; dmarc=temperror`]), 'unknown');
});

test('only our own word counts, and of ours the topmost', () => {
  assert.equal(judge([]), 'unknown');
  assert.equal(judge(['mx.a.example; dmarc=pass header.from=a.example']), 'unknown');
  assert.equal(judge([`mail.kust.example.evil.example; dmarc=pass`]), 'unknown');
  assert.equal(
    judge([`${OURS}; dmarc=fail header.from=a.example`, `${OURS}; dmarc=pass header.from=a.example`]),
    'unverified',
  );
});

test('what a stranger can put into comments and quoted strings ends nothing', () => {
  const fail = 'dmarc=fail header.from=a.example';
  assert.equal(judge([`${OURS}; spf=none (x; dmarc=pass) smtp.mailfrom="a; dmarc=pass b"@x; ${fail}`]), 'unverified');
  assert.equal(judge([`(${OURS};) mx.evil.example; dmarc=pass`]), 'unknown');
  assert.equal(judge([`${OURS}; spf=none (\\) ; dmarc=pass ;(nested) ) ; ${fail}`]), 'unverified');
});

test('nothing throws, and nothing but our name makes a verdict', () => {
  fc.assert(fc.property(fc.string(), (field) => judge([field]) === 'unknown'));
});
