import { DAY_MS } from '#base/clock.ts';
import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { generate } from 'selfsigned';
import type { DnsAnswer, TlsaRecord } from '#dns/resolver.ts';
import { matchChain, readDemand } from './dane.ts';

const notBeforeDate = new Date('2026-01-01T00:00:00Z');
const notAfterDate = new Date('2027-01-01T00:00:00Z');
const NOW = Date.parse('2026-06-01T00:00:00Z');

const authority = await generate([{ name: 'commonName', value: 'Campus CA' }], {
  keyType: 'ec',
  notBeforeDate,
  notAfterDate,
  extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
});
const server = await generate([{ name: 'commonName', value: 'mx.example.edu' }], {
  keyType: 'ec',
  notBeforeDate,
  notAfterDate,
  ca: { key: authority.private, cert: authority.cert },
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'mx.example.edu' }] }],
});
const other = await generate([{ name: 'commonName', value: 'Campus CA' }], {
  keyType: 'ec',
  notBeforeDate,
  notAfterDate,
  extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
});
const der = (pem: string): Buffer => new X509Certificate(pem).raw;
const spki = (pem: string): Buffer => new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
const chain = [der(server.cert), der(authority.cert)];

function record(usage: number, selector: number, matchingType: number, pem: string): TlsaRecord {
  const content = selector === 0 ? der(pem) : spki(pem);
  const hash = matchingType === 1 ? 'sha256' : 'sha512';
  return {
    usage,
    selector,
    matchingType,
    data: matchingType === 0 ? content : createHash(hash).update(content).digest(),
  };
}

const names = ['mx.example.edu', 'example.edu'];

describe('what a TLSA answer asks for', () => {
  const good = record(3, 1, 1, server.cert);
  const found = (records: readonly TlsaRecord[], isAuthentic = true): DnsAnswer<TlsaRecord> => ({
    kind: 'found',
    records,
    isAuthentic,
    ttlS: 60,
  });
  const table: readonly (readonly [string, DnsAnswer<TlsaRecord>, string])[] = [
    ['a usable record', found([good]), 'match'],
    ['one among others', found([{ ...good, usage: 1 }, good]), 'match'],
    ['one that nobody vouches for', found([good], false), 'none'],
    [
      'usages 0 and 1 only',
      found([
        { ...good, usage: 0 },
        { ...good, usage: 1 },
      ]),
      'encrypt',
    ],
    ['an unknown selector', found([{ ...good, selector: 2 }]), 'encrypt'],
    ['an unknown matching type', found([{ ...good, matchingType: 3 }]), 'encrypt'],
    ['a digest of the wrong length', found([{ ...good, data: good.data.subarray(1) }]), 'encrypt'],
    ['an empty one', found([{ ...good, matchingType: 0, data: Buffer.alloc(0) }]), 'encrypt'],
    ['a proven absence', { kind: 'absent', why: 'nodata', isAuthentic: true, ttlS: 1 }, 'none'],
    ['a failure', { kind: 'failed', why: 'servfail', message: 'bogus' }, 'wait'],
  ];
  for (const [name, answer, kind] of table) {
    test(`${name}: ${kind}`, () => assert.equal(readDemand(answer).kind, kind));
  }
});

describe('a chain', () => {
  for (const selector of [0, 1]) {
    for (const matchingType of [0, 1, 2]) {
      test(`matches 3 ${selector} ${matchingType}, whatever its names and dates`, () => {
        const records = [record(3, selector, matchingType, other.cert), record(3, selector, matchingType, server.cert)];
        const verdict = matchChain(records, chain, ['elsewhere.example'], NOW + 1000 * DAY_MS);
        assert.deepEqual(verdict, { kind: 'match', record: records[1] });
        assert.equal(matchChain(records.slice(0, 1), chain, names, NOW).kind, 'mismatch');
      });

      test(`matches 2 ${selector} ${matchingType} by name and date`, () => {
        const anchor = record(2, selector, matchingType, authority.cert);
        assert.equal(matchChain([anchor], chain, names, NOW).kind, 'match');
        const why = (found: ReturnType<typeof matchChain>): string => (found.kind === 'match' ? 'match' : found.why);
        assert.equal(why(matchChain([anchor], chain, ['elsewhere.example'], NOW)), 'certificate-host-mismatch');
        assert.equal(why(matchChain([anchor], chain, names, NOW + 1000 * DAY_MS)), 'certificate-expired');
        const stranger = record(2, selector, matchingType, other.cert);
        assert.equal(why(matchChain([stranger], [...chain, der(other.cert)], names, NOW)), 'certificate-not-trusted');
      });
    }
  }

  test('need not show an anchor that a record holds whole', () => {
    assert.equal(matchChain([record(2, 0, 0, authority.cert)], chain.slice(0, 1), names, NOW).kind, 'match');
    assert.equal(matchChain([record(2, 0, 1, authority.cert)], chain.slice(0, 1), names, NOW).kind, 'mismatch');
  });

  test('may be empty, malformed or endless', () => {
    const records = [record(2, 0, 1, authority.cert)];
    assert.equal(matchChain(records, [], names, NOW).kind, 'mismatch');
    assert.equal(matchChain(records, [Buffer.from('nonsense')], names, NOW).kind, 'mismatch');
    assert.equal(matchChain(records, [Buffer.alloc(100_000)], names, NOW).kind, 'mismatch');
    const endless = [...Array<Buffer>(1000).fill(chain[0]!), chain[1]!];
    assert.equal(matchChain(records, endless, names, NOW).kind, 'mismatch');
  });
});
