import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { createHttpsClient } from './https-client.ts';

test('a number is asked by nobody, since nobody could say whether it may be', async () => {
  const ask = createHttpsClient({
    clock: systemClock,
    findAddresses: async () => assert.fail('there is no name to look up'),
  });
  for (const host of ['127.0.0.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:10.0.0.1]']) {
    const limits = { maxOctets: 100, timeoutMs: 1_000 };
    const answer = await ask(`https://${host}:1/`, { method: 'GET', headers: {} }, limits);
    assert.match(answer.kind === 'failed' ? answer.message : '', /is not a name$/, host);
  }
});
