import assert from 'node:assert/strict';
import { it } from 'node:test';

import { withoutReturnPath } from './return-path.ts';

it('a Return-Path goes with its folded lines, and only the first field', () => {
  for (const [given, left] of [
    ['Return-Path: <a@x>\r\nSubject: y\r\n\r\n', 'Subject: y\r\n\r\n'],
    ['RETURN-PATH:\r\n <a@x>\r\n\t(c)\r\nSubject: y\r\n', 'Subject: y\r\n'],
    ['Return-Path: <a@x>', ''],
    ['Return-Path: <a>\r\nReturn-Path: <b>\r\n', 'Return-Path: <b>\r\n'],
    ['Subject: y\r\nReturn-Path: <a>\r\n', 'Subject: y\r\nReturn-Path: <a>\r\n'],
    ['Return-Pat', 'Return-Pat'],
    ['', ''],
  ] as const) {
    assert.equal(withoutReturnPath(Buffer.from(given)).toString(), left);
  }
});
