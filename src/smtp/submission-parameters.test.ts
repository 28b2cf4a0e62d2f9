import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { parseDeliverBy, parseHoldFor, parseHoldUntil, parsePriority } from './submission-parameters.ts';

const NOW = Date.UTC(2030, 0, 1);

describe('submission parameters', () => {
  it('HOLDFOR', () => {
    assert.equal(parseHoldFor('1', NOW), NOW + 1000);
    assert.equal(parseHoldFor('999999999', NOW), NOW + 999_999_999_000);
    for (const bad of ['', '0', '-1', '+1', '01', '1.5', '1e3', '1000000000', ' 1', '１']) {
      assert.equal(parseHoldFor(bad, NOW), undefined, bad);
    }
  });

  it('HOLDUNTIL', () => {
    assert.equal(parseHoldUntil('2030-01-01T00:00:00Z'), NOW);
    assert.equal(parseHoldUntil('2030-01-01T08:00:00+08:00'), NOW);
    assert.equal(parseHoldUntil('2029-12-31T16:30:00-07:30'), NOW);
    assert.equal(parseHoldUntil('2030-01-01T00:00:00.25Z'), NOW + 250);
    assert.equal(parseHoldUntil('2029-12-31T23:59:60Z'), NOW);
    assert.equal(parseHoldUntil('2028-02-29T00:00:00Z'), Date.UTC(2028, 1, 29));
    const bad =
      '2030-01-01 2030-01-01T00:00:00 2030-13-01T00:00:00Z 2030-00-01T00:00:00Z 2030-02-29T00:00:00Z 2030-01-00T00:00:00Z ' +
      '2030-01-01T24:00:00Z 2030-01-01T00:60:00Z 2030-01-01T00:00:61Z 2030-01-01T00:00:00+24:00 2030-01-01T00:00:00.Z ' +
      '30-01-01T00:00:00Z +002030-01-01T00:00:00Z 2030-01-01T00:00Z 1893456000 now';
    for (const text of ['', ...bad.split(' ')]) assert.equal(parseHoldUntil(text), undefined, text);
  });

  it('BY', () => {
    assert.deepEqual(parseDeliverBy('120;R', NOW), { until: NOW + 120_000, mode: 'return', trace: false });
    assert.deepEqual(parseDeliverBy('+120;rt', NOW), { until: NOW + 120_000, mode: 'return', trace: true });
    assert.deepEqual(parseDeliverBy('-5;NT', NOW), { until: NOW - 5000, mode: 'notify', trace: true });
    assert.deepEqual(parseDeliverBy('0;N', NOW), { until: NOW, mode: 'notify', trace: false });
    for (const bad of ['', '120', '120;', '120;X', '120;TR', '0;R', '-1;R', '--1;N', '1000000000;N', ';R', '1 ;R']) {
      assert.equal(parseDeliverBy(bad, NOW), undefined, bad);
    }
  });

  it('MT-PRIORITY', () => {
    for (let priority = -9; priority <= 9; priority++) assert.equal(parsePriority(`${priority}`), priority);
    for (const bad of ['', '10', '-10', '-0', '+1', '01', '1.0', 'high']) assert.equal(parsePriority(bad), undefined);
  });
});
