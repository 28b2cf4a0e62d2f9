import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { TestDnsServer } from '#dns/testing/dns-server.ts';
import { readConfig } from './config.ts';
import { openResolver } from './open-resolver.ts';

test('the resolver asks the servers of the settings, and trusts them as those say', { timeout: 20_000 }, async () => {
  await using server = await TestDnsServer.start({ zone: { 'mx.example': { a: ['192.0.2.1'], isAuthentic: true } } });
  for (const [trustAd, isAuthentic] of [
    ['auto', true],
    ['never', false],
  ] as const) {
    const config = readConfig(`[dns]\nservers = ["${server.address}"]\ntrust_ad = "${trustAd}"`, 'test.toml', {});
    const answer = await openResolver(config, silentLog, noMetrics).a('mx.example');
    assert.deepEqual(answer, { kind: 'found', records: ['192.0.2.1'], isAuthentic, ttlS: 300 });
  }
});
