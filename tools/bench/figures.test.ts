import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureOf, formatComparison, formatPages, ratioOf } from './figures.ts';
import { median, type Row } from './target.ts';

test('a median leaves out what could not be measured', () => {
  assert.equal(median([3, Number.NaN, 1, 2]), 2);
  assert.equal(median([4, 1]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('a ratio says how many times better ours is, whichever way is better', () => {
  assert.equal(ratioOf(2_000, 400, 'more'), 5);
  assert.equal(ratioOf(10, 300, 'less'), 30);
});

const row = (label: string, name: string, figures: Record<string, unknown>): Row => ({ label, test: name, ...figures });

test('figures are medians over rounds, each server by itself', () => {
  const rows = [1, 9, 5].map((value) => row('ours', 'idle_latency', { p50_ms: value }));
  assert.equal(figureOf([...rows, row('sdbox', 'idle_latency', { p50_ms: 350 })], 'ours', 'idle_latency', 'p50_ms'), 5);
  assert.ok(Number.isNaN(figureOf(rows, 'sdbox', 'idle_latency', 'p50_ms')));
});

test('the table judges a ratio, a bound of its own, and leaves out what nobody measured', () => {
  const rows = [
    row('ours', 'smtp_spread500_c10', { delivered_per_s: 2_000, cpu_ms_per_msg: 0.5 }),
    row('sdbox', 'smtp_spread500_c10', { delivered_per_s: 500, cpu_ms_per_msg: 4 }),
    row('ours', 'announce_2000', { delivered_s: 0.1, cpu_s: 0.1 }),
    row('ours', 'announce_disk', { disk_mb: 0.4 }),
    row('sdbox', 'announce_2000', { delivered_s: 1.2, cpu_s: 1.8 }),
    row('sdbox', 'announce_disk', { disk_mb: 2 }),
  ];
  const table = formatComparison(rows, 'ours', 'sdbox');
  assert.match(table, /10 connections, 500 mailboxes: visible \| 2000 \/s \| 500 \/s \| 4\.00 \| ≥ 5\.00 \| MISSED \|/);
  assert.match(table, /visible in all \| 0\.10 s \| 1\.20 s \| 12\.0 \| ≥ 5\.00 \| met \|/);
  assert.match(table, /disk for each .* \| 0\.40 MB \| 2\.00 MB \| 5\.00 \| at most 1 MB \| met \|/);
  assert.doesNotMatch(table, /IDLE/);
  assert.doesNotMatch(formatComparison(rows, 'ours', undefined), /Dovecot|MISSED/);
});

test('pages stand side by side by the size of the mailbox', () => {
  const rows = [row('ours', 'page_m1k', { page_ms: 2.5 }), row('ours', 'page_m50k', { page_ms: 2.6 })];
  assert.match(formatPages(rows, 'ours', ['m1k', 'm50k']), /50 rows again \| 2\.50 \| 2\.60 \|/);
});
