import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DmarcSettings, decideByDmarc } from './dmarc-policy.ts';
import type { ArcResult, DmarcDisposition, DmarcResult } from './types.ts';

const draw = (value: number) => ({
  bytes: (length: number) => {
    const octets = Buffer.alloc(length);
    octets.writeUInt32BE(value);
    return octets;
  },
});

const NO_ARC: ArcResult = { result: 'none', sets: [], comment: '' };
const STRICT: DmarcSettings = { atMost: 'reject', tempfailsOnTemperror: false, trustedSealers: ['lists.example'] };

function dmarc(result: DmarcResult['result'], policy: DmarcDisposition = 'none', pct = 100): DmarcResult {
  return {
    result,
    fromDomain: 'bank.example',
    policy,
    published: {
      domain: 'bank.example',
      p: policy,
      sp: policy,
      np: undefined,
      pct,
      adkim: 'r',
      aspf: 'r',
      rua: '',
      isTesting: false,
    },
    alignedSpf: undefined,
    alignedDkim: undefined,
    comment: '',
  };
}

function sealedBy(...sealers: readonly (readonly [string, string])[]): ArcResult {
  const sets = sealers.map(([sealer, found], index) => ({
    instance: index + 1,
    sealer,
    selector: 's',
    reported: { spf: '', dkim: '', dmarc: found },
  }));
  return { result: 'pass', sets, comment: '' };
}

describe('the action follows the policy, and never exceeds the setting', () => {
  const table: readonly (readonly [DmarcResult, DmarcSettings['atMost'], string, string?])[] = [
    [dmarc('pass', 'reject'), 'reject', 'accept'],
    [dmarc('none'), 'reject', 'accept'],
    [dmarc('fail', 'none'), 'reject', 'accept'],
    [dmarc('fail', 'quarantine'), 'reject', 'quarantine'],
    [dmarc('fail', 'reject'), 'reject', 'reject'],
    [dmarc('fail', 'reject'), 'quarantine', 'quarantine', 'local_policy'],
    [dmarc('fail', 'reject'), 'mark', 'mark', 'local_policy'],
    [dmarc('fail', 'reject'), 'off', 'accept'],
    [dmarc('temperror', 'reject'), 'reject', 'accept'],
    [dmarc('permerror'), 'reject', 'mark'],
  ];
  for (const [found, atMost, action, override] of table) {
    test(`${found.result} of p=${found.policy}, at most ${atMost}: ${action}`, () => {
      const decision = decideByDmarc({ dmarc: found, arc: NO_ARC }, { ...STRICT, atMost }, draw(0));
      assert.deepEqual([decision.action, decision.override], [action, override]);
    });
  }
});

test('a failed look-up never rejects, and is put off only if that is set', () => {
  const settings = { ...STRICT, tempfailsOnTemperror: true };
  assert.equal(decideByDmarc({ dmarc: dmarc('temperror'), arc: NO_ARC }, settings, draw(0)).action, 'tempfail');
});

test('pct draws: what is not drawn gets the milder policy', () => {
  const decide = (policy: DmarcDisposition, value: number) => {
    const { action, override } = decideByDmarc({ dmarc: dmarc('fail', policy, 30), arc: NO_ARC }, STRICT, draw(value));
    return [action, override];
  };
  assert.deepEqual(decide('reject', 29), ['reject', undefined]);
  assert.deepEqual(decide('reject', 30), ['quarantine', 'sampled_out']);
  assert.deepEqual(decide('quarantine', 30), ['accept', 'sampled_out']);
});

describe('ARC', () => {
  const table: readonly (readonly [string, ArcResult, boolean])[] = [
    ['a trusted list that says pass', sealedBy(['lists.example', 'pass']), true],
    ['a trusted list that says fail', sealedBy(['lists.example', 'fail']), false],
    ['a stranger', sealedBy(['evil.example', 'pass']), false],
    [
      'a stranger before a trusted list that found it failing',
      sealedBy(['evil.example', 'pass'], ['lists.example', 'fail']),
      false,
    ],
    ['a stranger after it', sealedBy(['lists.example', 'pass'], ['evil.example', 'pass']), false],
    ['two trusted', sealedBy(['lists.example', 'pass'], ['lists.example', 'fail']), true],
    ['a broken chain', { ...sealedBy(['lists.example', 'pass']), result: 'fail' }, false],
    ['a chain nobody could judge', { ...sealedBy(['lists.example', 'pass']), result: 'temperror' }, false],
  ];
  for (const [name, arc, isAccepted] of table) {
    test(`${name}: ${isAccepted ? 'accepted' : 'rejected'}`, () => {
      const decision = decideByDmarc({ dmarc: dmarc('fail', 'reject'), arc }, STRICT, draw(0));
      assert.deepEqual(
        [decision.action, decision.override],
        isAccepted ? ['accept', 'trusted_forwarder'] : ['reject', undefined],
      );
    });
  }
});
