import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { generate } from 'selfsigned';

import { FakeClock } from '#base/clock.ts';
import type { TlsaRecord } from '#dns/resolver.ts';
import { FakeResolver } from '#dns/testing/zone.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { derOf } from '#test/harness/authority.ts';
import { StsPolicies } from '#trust/mta-sts.ts';
import type { FetchedText } from '#trust/mta-sts.ts';

import { createTlsPlanner, describeProtection, OPPORTUNISTIC, resultOf } from './plan-tls.ts';
import type { TlsPlan } from './plan-tls.ts';

const certificate = derOf((await generate([{ name: 'commonName', value: 'whoever' }], { keyType: 'ec' })).cert);
const pin: TlsaRecord = {
  usage: 3,
  selector: 0,
  matchingType: 1,
  data: createHash('sha256').update(certificate).digest(),
};
const useless: TlsaRecord = { ...pin, usage: 1 };
const isAuthentic = true;
/** RFC 8461 as x.example wants it. */
const sts: Zone = { '_mta-sts.x.example': { txt: ['v=STSv1; id=1'] } };

function policyOf(mode: string, mx = 'mx.x.example'): FetchedText {
  const text = `version: STSv1\nmode: ${mode}\nmx: ${mx}\nmax_age: 86400\n`;
  return { kind: 'fetched', status: 200, contentType: 'text/plain', text };
}

interface Case {
  readonly zone?: Zone;
  readonly policy?: FetchedText;
  readonly destination?: string;
  /** Of the MX record, and of the address; all authentic where nothing is said. */
  readonly isNameAuthentic?: boolean;
  readonly isAddressAuthentic?: boolean;
}

async function planOf({
  zone = {},
  policy = { kind: 'failed', why: 'other', message: 'nobody is there' },
  destination = 'x.example',
  isNameAuthentic = true,
  isAddressAuthentic = true,
}: Case) {
  const resolver = new FakeResolver({ 'mx.x.example': { isAuthentic }, ...zone });
  const clock = new FakeClock();
  const cache = { get: async () => undefined, put: async () => undefined };
  const policies = new StsPolicies({ resolver, clock, cache, fetchText: async () => policy });
  const host = {
    name: 'mx.x.example',
    address: '1.0.0.1',
    port: 25,
    isNameAuthentic,
    isAuthentic: isNameAuthentic && isAddressAuthentic,
  };
  return { plan: await createTlsPlanner({ resolver, policies, clock })(destination, host), asked: resolver.asked };
}

/** `basis policy`, `at` another name, `?` where a certificate that does not fit is no failure, and what was wrong. */
async function plan(one: Case): Promise<string> {
  const { plan: found } = await planOf(one);
  if ('skip' in found) return `${found.basis} skip ${found.skip}`;
  const { basis = '-', policy, serverName, wantsProof, flaw } = found;
  const at = serverName === undefined ? [] : [`at ${serverName}`];
  return [basis, `${policy.kind}${wantsProof ? '' : '?'}`, ...at, ...(flaw === undefined ? [] : [flaw])].join(' ');
}

const tlsa = (name: string, records: readonly TlsaRecord[], more = {}): Zone => ({
  [`_25._tcp.${name}`]: { tlsa: records, isAuthentic, ...more },
});

describe('what a destination asks of the TLS of its servers', () => {
  const signed = tlsa('mx.x.example', [pin]);
  const alias: Zone = { 'mx.x.example': { cname: 'a.y.example', isAuthentic }, 'a.y.example': { isAuthentic } };
  const noPolicy = 'no-policy-found opportunistic?';
  const cases: Readonly<Record<string, readonly [Case, string]>> = {
    nothing: [{}, noPolicy],
    DANE: [{ zone: signed }, 'tlsa dane at mx.x.example'],
    'DANE, whatever its MTA-STS policy': [
      { zone: { ...signed, ...sts }, policy: policyOf('enforce', 'other.example') },
      'tlsa dane at mx.x.example',
    ],
    'records that nobody vouches for': [{ zone: tlsa('mx.x.example', [pin], { isAuthentic: false }) }, noPolicy],
    'records of a server that an unsigned domain names': [{ zone: signed, isNameAuthentic: false }, noPolicy],
    'records of a server whose address is not signed': [{ zone: signed, isAddressAuthentic: false }, noPolicy],
    'records that nobody can use': [{ zone: tlsa('mx.x.example', [useless]) }, 'tlsa encrypted? tlsa-invalid'],
    'records that nobody can use, and a policy that is enforced': [
      { zone: { ...tlsa('mx.x.example', [useless]), ...sts }, policy: policyOf('enforce') },
      'sts verified',
    ],
    'records that nobody can use, and a policy that does not name the server': [
      { zone: { ...tlsa('mx.x.example', [useless]), ...sts }, policy: policyOf('enforce', 'other.example') },
      'sts skip validation-failure',
    ],
    'records that cannot be looked up': [
      { zone: tlsa('mx.x.example', [], { fails: 'servfail' }) },
      'tlsa skip dnssec-invalid',
    ],
    'records that cannot be looked up, and a policy': [
      { zone: { ...tlsa('mx.x.example', [], { fails: 'timeout' }), ...sts }, policy: policyOf('enforce') },
      'tlsa skip dnssec-invalid',
    ],
    'records of what the server is an alias of': [
      { zone: { ...alias, ...signed, ...tlsa('a.y.example', [pin]) } },
      'tlsa dane at a.y.example',
    ],
    'records of an alias, whose target has none': [{ zone: { ...alias, ...signed } }, 'tlsa dane at mx.x.example'],
    'records of an alias, whose target cannot be looked up': [
      { zone: { ...alias, ...signed, ...tlsa('a.y.example', [], { fails: 'servfail' }) } },
      'tlsa skip dnssec-invalid',
    ],
    'records of a signed alias into what is not signed': [
      {
        zone: { ...alias, 'a.y.example': { fails: 'servfail' }, ...signed, ...tlsa('a.y.example', [useless]) },
        isAddressAuthentic: false,
      },
      'tlsa dane at mx.x.example',
    ],
    'an alias that cannot be looked up': [
      { zone: { ...signed, 'mx.x.example': { fails: 'servfail' } } },
      'tlsa skip dnssec-invalid',
    ],
    'a policy that is enforced': [{ zone: sts, policy: policyOf('enforce') }, 'sts verified'],
    'one that names it by a pattern': [{ zone: sts, policy: policyOf('enforce', '*.x.example') }, 'sts verified'],
    'one that does not name the server': [
      { zone: sts, policy: policyOf('enforce', '*.mx.x.example') },
      'sts skip validation-failure',
    ],
    'a policy that is tested': [{ zone: sts, policy: policyOf('testing') }, 'sts opportunistic'],
    'one that is tested and does not name the server': [
      { zone: sts, policy: policyOf('testing', 'other.example') },
      'sts opportunistic? validation-failure',
    ],
    'a policy of none': [{ zone: sts, policy: policyOf('none') }, noPolicy],
    'a policy that cannot be had': [{ zone: sts }, 'sts opportunistic? sts-policy-fetch-error'],
    'a policy that is none': [
      { zone: sts, policy: { ...policyOf('enforce'), contentType: 'text/html' } as FetchedText },
      'sts opportunistic? sts-policy-invalid',
    ],
    'a record that is none, and larger than any datagram': [
      { zone: { '_mta-sts.x.example': { txt: [`v=STSv1; id=${'1'.repeat(60_000)}`] } }, policy: policyOf('enforce') },
      noPolicy,
    ],
    'an address literal': [{ zone: signed, destination: '[1.0.0.1]' }, '- opportunistic?'],
  };
  for (const [what, [one, expected]] of Object.entries(cases)) {
    it(`${what}: ${expected}`, async () => assert.equal(await plan(one), expected));
  }

  it('aliases in a circle come to an end', async () => {
    const zone: Zone = { 'mx.x.example': { cname: 'mx.x.example', isAuthentic } };
    assert.ok((await planOf({ zone })).asked.length < 20);
  });

  it('asks for no records where nobody could vouch for them', async () => {
    const { asked } = await planOf({ isNameAuthentic: false });
    assert.deepEqual(asked, ['TXT _mta-sts.x.example']);
  });

  it('DANE judges the certificate by the records', async () => {
    const { plan: found } = await planOf({ zone: signed });
    if ('skip' in found || found.policy.kind !== 'dane') assert.fail();
    assert.equal(found.policy.judge([certificate]), undefined);
    assert.equal(found.policy.judge([])?.result, 'validation-failure');
    const other = derOf((await generate([{ name: 'commonName', value: 'x' }], { keyType: 'ec' })).cert);
    assert.equal(found.policy.judge([other])?.result, 'certificate-not-trusted');
  });
});

describe('what came of a session', () => {
  const base = { version: 'TLSv1.3', cipher: undefined, chain: [], verifiedBy: undefined, problem: undefined } as const;
  const problem = { result: 'certificate-expired', detail: '' } as const;
  const verified: TlsPlan = { basis: 'sts', policy: { kind: 'verified' }, wantsProof: true };

  it('is told in a few words', () => {
    assert.equal(describeProtection(OPPORTUNISTIC, undefined), 'in plaintext');
    assert.equal(describeProtection(OPPORTUNISTIC, { ...base, version: undefined }), 'in plaintext');
    assert.equal(describeProtection(OPPORTUNISTIC, { ...base, problem }), 'TLS 1.3, not verified');
    const webpki = { ...base, version: 'TLSv1.2', verifiedBy: 'webpki' } as const;
    assert.equal(describeProtection(OPPORTUNISTIC, webpki), 'TLS 1.2, verified by its certificate');
    assert.equal(describeProtection(verified, webpki), 'TLS 1.2, verified by MTA-STS');
    assert.equal(describeProtection(OPPORTUNISTIC, { ...base, verifiedBy: 'dane' }), 'TLS 1.3, verified by DANE');
  });

  it('is counted by what the domain had asked for', () => {
    assert.equal(resultOf(verified, base), 'success');
    assert.equal(resultOf(verified, { ...base, problem }), 'certificate-expired');
    assert.equal(resultOf(OPPORTUNISTIC, { ...base, problem }), 'success');
    const none = { ...base, version: undefined, problem: { result: 'starttls-not-supported', detail: '' } } as const;
    assert.equal(resultOf(OPPORTUNISTIC, none), 'starttls-not-supported');
    assert.equal(resultOf({ ...OPPORTUNISTIC, flaw: 'sts-policy-invalid' }, base), 'sts-policy-invalid');
  });
});
