import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicy } from '#trust/mta-sts.ts';
import { readConfig } from './config.ts';
import { formatOwnPolicy, policyId, policyRoute } from './mta-sts-policy.ts';

const config = (mode: string) => readConfig(`hostname = "mx.kust.example"\n[mta_sts]\nmode = "${mode}"`, 'test', {});

test('others read our policy as it is meant, and its id changes with it', () => {
  const policy = formatOwnPolicy(config('enforce'));
  assert.deepEqual(parsePolicy(policy), { mode: 'enforce', mx: ['mx.kust.example'], maxAgeS: 14 * 86_400 });
  assert.equal(policyId(policy), policyId(formatOwnPolicy(config('enforce'))));
  assert.notEqual(policyId(policy), policyId(formatOwnPolicy(config('testing'))));
});

test('it is served for domains of ours only, and only where there is one', async () => {
  const ask = async (mode: string, host = ''): Promise<number> => {
    const route = policyRoute(config(mode), async (domain) => domain === 'kust.example');
    return (await route.respond({ host } as never)).status;
  };
  assert.equal(await ask('testing', 'mta-sts.kust.example'), 200);
  assert.equal(await ask('testing', 'mta-sts.other.example'), 404);
  assert.equal(await ask('testing', 'kust.example'), 404);
  assert.equal(await ask('testing'), 404);
  assert.equal(await ask('none', 'mta-sts.kust.example'), 404);
});
