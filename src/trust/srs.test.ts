import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSrs, encodeSrs } from './srs.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 8, 1);
const ours = { domain: 'srs.example.edu', keys: [Buffer.from('one'), Buffer.from('old')] };
const theirs = { domain: 'fwd.example', keys: [Buffer.from('theirs')] };

const local = (path: string | undefined): string => path?.slice(0, path.lastIndexOf('@')) ?? '';

test('a path is rewritten and comes back, in any case, also when the key has changed', () => {
  const path = encodeSrs('Joe.Doe+x=y@sender.example', ours, NOW);
  assert.match(path ?? '', /^SRS0=[a-z2-7]{6}=[a-z2-7]{2}=sender\.example=Joe\.Doe\+x=y@srs\.example\.edu$/);
  assert.deepEqual(decodeSrs(local(path), ours, NOW), {
    kind: 'path',
    reversePath: 'Joe.Doe+x=y@sender.example',
    tag: '',
  });
  assert.deepEqual(decodeSrs(local(path).toLowerCase(), ours, NOW), {
    kind: 'path',
    reversePath: 'joe.doe+x=y@sender.example',
    tag: '',
  });
  const changed = { keys: [Buffer.from('new'), Buffer.from('one')] };
  assert.equal(decodeSrs(local(path).toUpperCase(), changed, NOW).kind, 'path');
  assert.deepEqual(decodeSrs(local(path), { keys: [Buffer.from('new')] }, NOW), { kind: 'invalid', reason: 'forged' });
});

test('it is believed for three weeks, also over the end of the cycle of days', () => {
  for (let start = 0; start < 1100; start += 9) {
    const made = NOW + start * DAY;
    const path = local(encodeSrs('a@b.example', ours, made));
    assert.equal(decodeSrs(path, ours, made + 21 * DAY).kind, 'path');
    assert.deepEqual(decodeSrs(path, ours, made + 22 * DAY), { kind: 'invalid', reason: 'expired' });
  }
});

test('a second and a third forwarder lead back to the first', () => {
  const first = encodeSrs('joe@sender.example', theirs, NOW) ?? '';
  const second = encodeSrs(first, ours, NOW) ?? '';
  assert.match(
    second,
    /^SRS1=[a-z2-7]{6}=fwd\.example==[a-z2-7]{6}=[a-z2-7]{2}=sender\.example=joe@srs\.example\.edu$/,
  );
  assert.deepEqual(decodeSrs(local(second), ours, NOW), { kind: 'path', reversePath: first, tag: '' });
  const third = encodeSrs(second, theirs, NOW) ?? '';
  assert.deepEqual(decodeSrs(local(third), theirs, NOW), { kind: 'path', reversePath: first, tag: '' });
  // Other hosts separate by + or -.
  const plus = encodeSrs('SRS0+abcd=xy=sender.example=joe@fwd.example', ours, NOW);
  assert.deepEqual(decodeSrs(local(plus), ours, NOW), {
    kind: 'path',
    reversePath: 'SRS0+abcd=xy=sender.example=joe@fwd.example',
    tag: '',
  });
});

test('what does not fit is not rewritten', () => {
  for (const path of [
    '',
    'nobody',
    '"a b"@sender.example',
    '张@sender.example',
    'a@张.example',
    `${'x'.repeat(60)}@sender.example`,
    `a@${'x'.repeat(60)}.example`,
    'a@b',
    'a\r\nb@sender.example',
  ]) {
    assert.equal(encodeSrs(path, ours, NOW), undefined, path);
  }
});

test('what is no rewritten path is told from one that is forged', () => {
  assert.deepEqual(decodeSrs('joe', ours, NOW), { kind: 'other' });
  assert.deepEqual(decodeSrs('srs0', ours, NOW), { kind: 'other' });
  assert.deepEqual(decodeSrs('SRS0=', ours, NOW), { kind: 'invalid', reason: 'malformed' });
  assert.deepEqual(decodeSrs('SRS1=a=b', ours, NOW), { kind: 'invalid', reason: 'malformed' });
  assert.deepEqual(decodeSrs(`SRS0=${'x'.repeat(100_000)}`, ours, NOW), { kind: 'invalid', reason: 'malformed' });
  const path = local(encodeSrs('joe@sender.example', ours, NOW));
  for (const forged of [path.replace('joe', 'eve'), path.replace('sender', 'other'), path.replace(/=..=/, '=aa=')]) {
    assert.deepEqual(decodeSrs(forged, ours, NOW), { kind: 'invalid', reason: 'forged' }, forged);
  }
});

test('any text is read without a throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const decoded = decodeSrs(`SRS0=${text}`, ours, NOW);
      assert.equal(decoded.kind, 'invalid');
    }),
  );
});

test('a tag comes back in any case, and cannot be changed or taken off', () => {
  const path = local(encodeSrs('a@b.example', { ...ours, tag: '4x' }, NOW));
  assert.match(path, /^SRS0=[a-z2-7]{6}4x=[a-z2-7]{2}=b\.example=a$/);
  const decoded = { kind: 'path', reversePath: 'a@b.example', tag: '4x' };
  assert.deepEqual(decodeSrs(path.toLowerCase(), ours, NOW), decoded);
  for (const other of ['5x', '', '4', '4x1'])
    assert.deepEqual(decodeSrs(path.replace('4x=', `${other}=`), ours, NOW), { kind: 'invalid', reason: 'forged' });
});
