import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PreparedMessage } from '#mail/types.ts';
import type { MessageAuthentication } from '#trust/types.ts';
import type { Incoming } from './forwarding.ts';
import { mayAnswer } from './may-answer.ts';

interface Given extends Partial<Pick<Incoming, 'into' | 'staysHere'>> {
  readonly from?: string;
  readonly header?: string;
  readonly dmarc?: string;
  readonly spf?: string;
}

function ask({ from = 'a@far.example', header = '', dmarc = 'none', spf = 'none', ...incoming }: Given): boolean {
  const octets = Buffer.from(`Return-Path: <${from}>\r\n${header}From: a@far.example\r\n\r\nhello\r\n`);
  return mayAnswer({
    ...incoming,
    message: {} as PreparedMessage,
    octets,
    receivedAt: 0,
    envelope: { reversePath: from, body: '8BITMIME', smtpUtf8: false, requireTls: false, priority: 0 },
    peer: { remoteAddress: '', helo: '' },
    authentication: { dmarc: { result: dmarc }, spf: { result: spf } } as MessageAuthentication,
  });
}

test('a person is answered', () => {
  for (const given of [
    {},
    { from: '老师@far.example' },
    { from: 'anna.bounce@far.example' },
    { from: 'SRS0=abcd=xy=far.example=a@relay.example' },
    { dmarc: 'pass', spf: 'pass' },
    { spf: 'softfail' },
    { header: 'Auto-Submitted: No\r\n' },
    { header: 'Auto-Submitted: no (a person); owner="li@kust.example"\r\n' },
    { header: 'Precedence: first-class\r\n' },
    { header: 'X-Auto-Response-Suppress: DR, NRN\r\n' },
    { header: 'Content-Type: multipart/mixed; boundary=b\r\n' },
  ])
    assert.equal(ask(given), true, JSON.stringify(given));
});

test('programs, lists, junk and the forged are not', () => {
  for (const from of [
    '',
    'x',
    'MAILER-DAEMON@far.example',
    'mailer-daemon+12@far.example',
    'postmaster@far.example',
    'noreply@far.example',
    'No-Reply@far.example',
    'do_not_reply.123@far.example',
    'github-noreply@far.example',
    'notice+donotreply@far.example',
    'owner-talk@far.example',
    'talk-owner@far.example',
    'talk-request@far.example',
    'talk-bounces+li=kust.example@far.example',
    'bounce-12@far.example',
    'listserv@far.example',
  ])
    assert.equal(ask({ from }), false, from);
  for (const field of [
    'Auto-Submitted: auto-replied',
    'auto-submitted: AUTO-GENERATED; x=y',
    'Auto-Submitted: nonsense',
    'Auto-Submitted:',
    'Auto-Submitted: no\r\nAuto-Submitted: auto-replied',
    'List-Id: <talk.far.example>',
    'List-Unsubscribe: <mailto:x@far.example>',
    'Precedence: Bulk',
    'Precedence: list',
    'Precedence: junk',
    'X-Auto-Response-Suppress: OOF',
    'X-Auto-Response-Suppress: DR, AutoReply',
    'X-Auto-Response-Suppress: All',
    'Content-Type: multipart/report; report-type=disposition-notification; boundary=b',
  ])
    assert.equal(ask({ header: `${field}\r\n` }), false, field);
  for (const given of [{ into: 'junk' }, { staysHere: true }, { dmarc: 'fail' }, { spf: 'fail' }] as const)
    assert.equal(ask(given), false, JSON.stringify(given));
});
