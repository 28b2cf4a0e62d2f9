import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { FakeDns, type FakeRecords } from '#trust/testing/fake-dns.ts';
import { DnsQueries } from './dns-queries.ts';
import { checkSpf } from './spf.ts';

type SuiteRecord = string | Readonly<Record<string, string | readonly string[] | readonly [number, string] | boolean>>;

interface Suite {
  readonly scenarios: readonly {
    readonly description: string;
    readonly tests: readonly {
      readonly name: string;
      readonly helo: string;
      readonly host: string;
      readonly mailfrom: string;
      readonly result: readonly string[];
      readonly explanation?: string;
    }[];
    readonly zone: Readonly<Record<string, readonly SuiteRecord[]>>;
  }[];
}

const file = join(import.meta.dirname, '../../../test/corpus/trust/rfc7208-tests.json');
const suite = JSON.parse(readFileSync(file, 'utf8')) as Suite;

/** The suite's zones: SPF records double as TXT unless the name has TXT records of its own; TIMEOUT breaks the rest. */
function toDns(zone: Suite['scenarios'][number]['zone']): FakeDns {
  const dns = new FakeDns();
  for (const [name, records] of Object.entries(zone)) {
    const found: { -readonly [K in keyof FakeRecords]: FakeRecords[K] } = {};
    const pick = (type: string): unknown[] =>
      records.flatMap((record) => (typeof record === 'object' && type in record ? [record[type]] : []));
    const texts = pick(records.some((record) => typeof record === 'object' && 'TXT' in record) ? 'TXT' : 'SPF')
      .filter((text) => text !== 'NONE')
      .map((text) => (Array.isArray(text) ? text.join('') : String(text)));
    if (texts.length > 0) found.txt = texts;
    if (pick('A').length > 0) found.a = pick('A').map(String);
    if (pick('AAAA').length > 0) found.aaaa = pick('AAAA').map(String);
    if (pick('CNAME').length > 0) found.cname = pick('CNAME').map(String);
    const hosts = pick('MX') as [number, string][];
    if (hosts.length > 0) found.mx = hosts.map(([preference, exchange]) => ({ preference, exchange }));
    if (pick('TIMEOUT').includes(true)) found.isBroken = true;
    dns.set(name, found);
    const reverse = /^(.*)\.(?:in-addr|ip6)\.arpa$/.exec(name)?.[1]?.split('.').toReversed();
    if (reverse !== undefined && pick('PTR').length > 0) {
      const address = reverse.length === 4 ? reverse.join('.') : reverse.join('').replace(/(.{4})(?=.)/g, '$1:');
      dns.set(address, { ptr: pick('PTR').map(String) });
    }
  }
  return dns;
}

for (const { description, tests, zone } of suite.scenarios) {
  describe(`the RFC 7208 suite: ${description}`, () => {
    for (const one of tests) {
      test(one.name, async () => {
        const queries = new DnsQueries(toDns(zone), new FakeClock(), { timeoutMs: 1000, maxQueries: 250 });
        const found = await checkSpf(
          { remoteAddress: one.host, helo: one.helo, reversePath: one.mailfrom, hostname: 'receiver.example' },
          queries,
        );
        assert.ok(
          one.result.includes(found.result),
          `${found.result} (${found.comment}) is not ${one.result.join(' or ')}`,
        );
        if (one.explanation !== undefined && one.explanation !== 'DEFAULT') {
          // Hexadecimal digits of an address may be of either case.
          assert.equal(found.explanation?.toLowerCase(), one.explanation.toLowerCase());
        }
      });
    }
  });
}
