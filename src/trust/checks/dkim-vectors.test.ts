/** DKIM signatures that other projects' tests have (test/corpus/trust/dkim-vectors.json says whose). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { parseHeader } from '#mime/header.ts';
import { SignedFields } from '#trust/dkim/canonical.ts';
import { SignatureVerifier } from '#trust/dkim/signature.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { checkDkim } from './dkim.ts';
import { DnsQueries } from './dns-queries.ts';

interface Vectors {
  readonly cases: readonly {
    readonly name: string;
    /** A binary string. */
    readonly message: string;
    readonly records: Readonly<Record<string, string>>;
    readonly results: readonly string[];
  }[];
}

const file = join(import.meta.dirname, '../../../test/corpus/trust/dkim-vectors.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
/** After all of them were signed; none expires. */
const NOW = Date.UTC(2026, 11, 1);

describe('DKIM as others sign it', () => {
  for (const { name, message, records, results } of cases) {
    test(name, async () => {
      const octets = Buffer.from(message, 'latin1');
      const headers = parseHeader(octets);
      const fields = new SignedFields(octets, headers);
      const dns = new FakeDns();
      for (const [owner, record] of Object.entries(records)) dns.set(owner, { txt: [record] });
      const queries = new DnsQueries(dns, new FakeClock(), { timeoutMs: 1000, maxQueries: 10 });
      const verifier = new SignatureVerifier(octets, headers.bodyStart, fields, queries, NOW);
      const found = await checkDkim(fields, verifier, undefined);
      assert.deepEqual(
        found.results.map(({ result }) => result),
        results,
        found.results.map(({ comment }) => comment).join(', '),
      );
    });
  }
});
