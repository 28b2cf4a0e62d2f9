import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDate, parseDate } from './date.ts';

function iso(value: string): string | undefined {
  const ms = parseDate(value);
  return ms === undefined ? undefined : new Date(ms).toISOString().replace('.000Z', 'Z');
}

test('RFC 5322 and its obsolete forms', () => {
  const dates: Record<string, string> = {
    'Mon, 16 Sep 2019 10:00:00 +0800': '2019-09-16T02:00:00Z',
    'Mon, 16 Sep 2019 10:00:00 +0800 (CST)': '2019-09-16T02:00:00Z',
    'Fri, 21 Nov 1997 09:55:06 -0600': '1997-11-21T15:55:06Z',
    '21 Nov 97 09:55:06 GMT': '1997-11-21T09:55:06Z',
    'Fri, 21 Nov 97 09(comment):   55  :  06 -0600': '1997-11-21T15:55:06Z',
    '16 Sep 19 10:00 EST': '2019-09-16T15:00:00Z',
    '31 Dec 1999 23:59:60 -0000': '1999-12-31T23:59:59Z',
    '1 Jan 119 00:00:00 Z': '2019-01-01T00:00:00Z',
    '1 Jan 2019 00:00:00 A': '2019-01-01T00:00:00Z',
    'Mon, 16 Sep 2019 02:00:00 GMT': '2019-09-16T02:00:00Z',
  };
  for (const [value, expected] of Object.entries(dates)) assert.equal(iso(value), expected, value);
});

test('forms of no standard', () => {
  const dates: Record<string, string | undefined> = {
    'Mon Sep 16 10:00:00 CST 2019': '2019-09-16T02:00:00Z',
    'Mon Sep 16 10:00:00 2019': '2019-09-16T10:00:00Z',
    'Monday, 16-Sep-19 10:00:00 GMT': '2019-09-16T10:00:00Z',
    '2019-09-16T10:00:00+08:00': '2019-09-16T02:00:00Z',
    '2019-09-16 10:00:00 +0800': '2019-09-16T02:00:00Z',
    '2019/9/16 10:00': '2019-09-16T10:00:00Z',
    '2019年9月16日 10:00': '2019-09-16T10:00:00Z',
    'Sep 16, 2019 10:00 PM': '2019-09-16T22:00:00Z',
    '16 Sep 2019': '2019-09-16T00:00:00Z',
    'Mon, 16 Sep 2019 10.00.00 +0800': '2019-09-16T02:00:00Z',
    'Mon, 16 Sep 2019 10:00:00 GMT+08:00': '2019-09-16T02:00:00Z',
    yesterday: undefined,
    '': undefined,
    '99 Sep 2019 10:00:00': undefined,
    '16 Xyz 2019 10:00:00': undefined,
    '16 Sep 2019 99:00:00': undefined,
  };
  for (const [value, expected] of Object.entries(dates)) assert.equal(iso(value), expected, value);
});

test('what is written is read back', () => {
  assert.equal(formatDate(Date.UTC(2019, 8, 16, 2), 480), 'Mon, 16 Sep 2019 10:00:00 +0800');
  assert.equal(formatDate(0, -570), 'Wed, 31 Dec 1969 14:30:00 -0930');
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: -720, max: 840 }), (second, offset) => {
      assert.equal(parseDate(formatDate(second * 1000, offset)), second * 1000);
    }),
  );
});

test('never throws', () => {
  const unit = fc.constantFrom(
    '1',
    '9',
    ':',
    ' ',
    'Sep',
    'Mon',
    ',',
    '+',
    '-',
    '0800',
    '年',
    '月',
    '(',
    'PM',
    'CST',
    '2019',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (value) => {
      const ms = parseDate(value);
      assert.ok(ms === undefined || Number.isSafeInteger(ms));
    }),
    { numRuns: 2000 },
  );
});
