import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '#base/clock.ts';
import { type FetchedText, type StsPolicy, StsPolicies, allowsMx, parsePolicy, readPolicyId } from './mta-sts.ts';
import { FakeDns } from './testing/fake-dns.ts';

const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 86400\r\n';

function fetched(text: string, patch: Partial<FetchedText & { kind: 'fetched' }> = {}): FetchedText {
  return { kind: 'fetched', status: 200, contentType: 'text/plain; charset=utf-8', text, ...patch };
}

function setUp(answer: FetchedText = fetched(POLICY)) {
  const clock = new FakeClock();
  const resolver = new FakeDns({ '_mta-sts.example.com': { txt: ['v=STSv1; id=20160831085700Z;'] } });
  const kept = new Map<string, StsPolicy>();
  const urls: string[] = [];
  const state = { answer };
  const policies = new StsPolicies({
    clock,
    resolver,
    cache: {
      get: async (domain) => kept.get(domain),
      put: async (domain, policy) => void kept.set(domain, policy),
    },
    fetchText: async (url) => {
      urls.push(url);
      return state.answer;
    },
  });
  return { clock, resolver, kept, urls, state, policies };
}

const EXPIRED_MS = 86_400_000;

test('a policy is fetched once, kept, and fetched again when its id changes', async () => {
  const { clock, resolver, kept, urls, state, policies } = setUp();
  const found = await policies.find('example.com');
  assert.deepEqual(found, { kind: 'policy', policy: kept.get('example.com') });
  assert.deepEqual(kept.get('example.com'), {
    id: '20160831085700Z',
    mode: 'enforce',
    mx: ['mail.example.com', '*.example.net'],
    expiresAt: clock.now() + EXPIRED_MS,
  });
  assert.deepEqual(urls, ['https://mta-sts.example.com/.well-known/mta-sts.txt']);
  await policies.find('example.com');
  assert.equal(urls.length, 1);
  resolver.set('_mta-sts.example.com', { txt: ['v=STSv1; id=2'] });
  state.answer = fetched(POLICY.replace('enforce', 'testing'));
  const changed = await policies.find('example.com');
  assert.equal(changed.kind === 'policy' && changed.policy.mode, 'testing');
  assert.equal(urls.length, 2);
});

test('while it lasts, a kept policy outlives its record, its server and the DNS', async () => {
  const { clock, resolver, state, policies } = setUp();
  await policies.find('example.com');
  for (const records of [{}, { isBroken: true }, { txt: ['v=STSv1; id=3'] }]) {
    resolver.set('_mta-sts.example.com', records);
    state.answer = { kind: 'failed', why: 'other', message: 'refused' };
    assert.equal((await policies.find('example.com')).kind, 'policy');
  }
  clock.advance(EXPIRED_MS);
  assert.equal((await policies.find('example.com')).kind, 'failed');
  resolver.set('_mta-sts.example.com', {});
  assert.equal((await policies.find('example.com')).kind, 'none');
});

test('on its last day a kept policy is fetched anew while mail goes on, once an hour at most', async () => {
  const { clock, kept, urls, state, policies } = setUp(fetched(POLICY.replace('86400', '604800')));
  await policies.find('example.com');
  clock.advance(6 * EXPIRED_MS);
  state.answer = { kind: 'failed', why: 'other', message: 'refused' };
  await Promise.all(Array.from({ length: 5 }, () => policies.find('example.com')));
  assert.equal(urls.length, 1);
  clock.advance(1);
  for (let i = 0; i < 5; i++) assert.equal((await policies.find('example.com')).kind, 'policy');
  assert.equal(urls.length, 2);
  await setImmediate();
  clock.advance(5 * 60_000);
  state.answer = fetched(POLICY);
  await policies.find('example.com');
  assert.equal(urls.length, 3);
  await setImmediate();
  assert.equal(kept.get('example.com')?.expiresAt, clock.now() + EXPIRED_MS);
  // It never lasts longer than a day now.
  clock.advance(3_599_999);
  await policies.find('example.com');
  assert.equal(urls.length, 3);
  clock.advance(1);
  await policies.find('example.com');
  assert.equal(urls.length, 4);
});

test('many at once ask once', async () => {
  const { urls, policies } = setUp();
  const found = await Promise.all(Array.from({ length: 20 }, () => policies.find('example.com')));
  assert.equal(urls.length, 1);
  assert.ok(found.every(({ kind }) => kind === 'policy'));
});

test('a policy that lasts shorter than an hour is not used for longer', async () => {
  const { clock, urls, policies } = setUp(fetched(POLICY.replace('86400', '60')));
  await policies.find('example.com');
  clock.advance(60_000);
  await policies.find('example.com');
  assert.equal(urls.length, 2);
});

describe('what cannot be had', () => {
  const answers: readonly (readonly [string, FetchedText, string])[] = [
    ['a certificate', { kind: 'failed', why: 'certificate', message: 'expired' }, 'sts-webpki-invalid'],
    ['a time-out', { kind: 'failed', why: 'other', message: 'time-out' }, 'sts-policy-fetch-error'],
    ['a redirect', fetched('', { status: 301 }), 'sts-policy-fetch-error'],
    ['a web page', fetched(POLICY, { contentType: 'text/html' }), 'sts-policy-invalid'],
    ['nonsense', fetched('hello'), 'sts-policy-invalid'],
  ];
  for (const [name, answer, why] of answers) {
    test(`${name}: ${why}, and not asked for again for five minutes`, async () => {
      const { clock, urls, state, policies } = setUp(answer);
      const found = await policies.find('example.com');
      assert.equal(found.kind === 'failed' && found.why, why);
      assert.deepEqual(await policies.find('example.com'), found);
      assert.equal(urls.length, 1);
      clock.advance(5 * 60_000);
      state.answer = fetched(POLICY);
      assert.equal((await policies.find('example.com')).kind, 'policy');
    });
  }
});

test('a mode of none is no policy', async () => {
  const { policies } = setUp(fetched('version: STSv1\nmode: none\nmax_age: 60\n'));
  assert.deepEqual(await policies.find('example.com'), { kind: 'none' });
});

test('the record must be one, of this version, with an id', () => {
  assert.equal(readPolicyId(['v=STSv1; id=abc']), 'abc');
  assert.equal(readPolicyId(['other', 'v=STSv1;id=abc;']), 'abc');
  for (const records of [
    [],
    ['v=STSv1; id=a', 'v=STSv1; id=b'],
    ['v=STSv2; id=a'],
    ['v=STSv1; id='],
    ['v=STSv1; id=a b'],
    ['v=STSv1'],
    [`v=STSv1; id=${'a'.repeat(33)}`],
  ]) {
    assert.equal(readPolicyId(records), undefined, records.join());
  }
});

test('a policy is read strictly', () => {
  assert.equal(parsePolicy(POLICY)?.maxAgeS, 86_400);
  assert.equal(parsePolicy(`${POLICY}mode: none\r\nextra_field: x\r\n\r\n`)?.mode, 'enforce');
  assert.equal(parsePolicy(POLICY.replace('86400', '9999999999'))?.maxAgeS, 31_557_600);
  for (const text of [
    '',
    POLICY.replace('STSv1', 'STSv2'),
    POLICY.replace('enforce', 'force'),
    POLICY.replace('max_age: 86400', 'max_age: -1'),
    POLICY.replace('max_age: 86400', ''),
    POLICY.replaceAll(/mx:.*\r\n/g, ''),
    POLICY.replace('*.example.net', '*'),
    POLICY.replace('*.example.net', 'mail.*.net'),
    POLICY.replace('*.example.net', 'a b.net'),
    POLICY.replace('mode:', 'mode'),
    `${POLICY}${'mx: a.example.com\r\n'.repeat(200)}`,
    POLICY + 'x: y\n'.repeat(20_000),
  ]) {
    assert.equal(parsePolicy(text), undefined, text.slice(0, 100));
  }
});

test('a pattern stands for one label', () => {
  const policy = { mx: ['mail.example.com', '*.example.net'] };
  for (const host of ['mail.example.com', 'a.example.net']) assert.ok(allowsMx(policy, host), host);
  for (const host of ['example.com', 'a.mail.example.com', 'example.net', 'a.b.example.net', 'aexample.net', '']) {
    assert.ok(!allowsMx(policy, host), host);
  }
});
