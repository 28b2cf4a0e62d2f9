import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { explainRefusal } from './explain-refusal.ts';
import { REFUSAL_TEXTS } from './refusal-texts.ts';
import type { RefusalCause } from './refusal-texts.ts';

function causeOf(reply: string): RefusalCause {
  const [, code = '', enhanced, text = ''] = /^(\d{3}|-) (\d\.\d+\.\d+ )?(.*)$/.exec(reply) ?? assert.fail(reply);
  const isReply = code !== '-';
  return explainRefusal({
    at: 0,
    ...(isReply ? { code: Number(code) } : {}),
    enhanced: enhanced?.trim() ?? `${isReply ? code[0] : 4}.0.0`,
    text,
  }).cause;
}

const CASES: Readonly<Record<RefusalCause, readonly string[]>> = {
  noSuchUser: [
    '550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table',
    '550 5.1.1 The email account that you tried to reach does not exist. https://support.google.com/mail/?p=NoSuchUser',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
    '550 5.4.1 Recipient address rejected: Access denied. [x.prod.protection.outlook.com]',
    '550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?id=20022',
    '550 User not found: a@163.com',
    '550 Unrouteable address',
    "554 delivery error: dd This user doesn't have a yahoo.com account",
    '559 Invalid rcptto [@sm060101]',
    '550 收件人不存在',
    '551 sorry',
  ],
  noSuchDomain: [
    '550 5.1.2 whatever',
    '- Host not found',
    '450 4.1.2 <a@b>: Recipient address rejected: Domain not found',
  ],
  acceptsNoMail: ['556 5.1.10 Recipient address has null MX', '521 we do not'],
  badAddress: ['501 5.1.3 no', '501 Bad address syntax.', '553 no'],
  badSender: [
    '550 5.1.8 <a@b>: Sender address rejected: Domain not found',
    '450 Sender address rejected: Domain not found',
    '550 Sender verify failed',
    '550 5.1.7 x',
  ],
  mailboxFull: [
    '452 4.2.2 The recipient inbox is out of storage space. https://support.google.com/mail/?p=OverQuotaTemp',
    '552 5.2.2 <a@b>: Quota exceeded (mailbox for user is full)',
    '554 5.7.1 Mailbox is full',
    '550 5.0.0 对方邮箱已满',
    '552 no',
  ],
  mailboxDisabled: [
    '550 5.2.1 The email account that you tried to reach is disabled.',
    '550 5.2.1 no',
    '550 User suspended',
    '554 30 Sorry, your message to a@yahoo.com cannot be delivered. This mailbox is disabled (554.30).',
  ],
  restricted: [
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup',
    '550 Mail is rejected by recipients',
    '550 5.7.1 This list only accepts messages from its members',
  ],
  senderBlocked: ['550 Suspected spam sender', '554 MI:SPB 163 smtp1', '553 host denies the sender'],
  serverBlocked: [
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. part of their network is on our block list (S3150).",
    '550 5.7.606 Access denied, banned sending IP [192.0.2.1]',
    '421 HL:REP 163 smtp8,PSmowABXF 1609459200 http://mail.163.com/help/help_spam_16.htm?ip=192.0.2.1',
    '554 IP is rejected, smtp auth error limit exceed',
    '550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup',
  ],
  unauthenticated: [
    "550 5.7.26 Unauthenticated email from x is not accepted due to domain's DMARC policy.",
    '550 MI:SPF 163 mx12',
    '550 5.7.1 SPF check failed',
    '550 DMARC check failed.',
    '550 5.7.509 Access denied, sending domain x does not pass DMARC verification',
  ],
  relayDenied: [
    '554 5.7.1 <a@b>: Relay access denied',
    '550 relay not permitted',
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
  ],
  rateLimited: [
    '421 4.7.28 Our system has detected an unusual rate of unsolicited mail',
    '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages',
    '550 Connection frequency limited',
    '451 MI:SFQ 163 smtp',
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
  ],
  tooManyRecipients: ['452 4.5.3 x', '452 Too many recipients'],
  tryLater: [
    '450 4.2.0 <a@b>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch',
    '451 4.7.1 Please try again later',
  ],
  serverTrouble: ['421 Service not available', '452 4.3.1 Insufficient system resources', '451 4.3.0 x', '421 4.0.0 x'],
  tooLarge: ['552 5.3.4 Message size exceeds fixed limit', '552 message is too long', '550 5.2.3 x'],
  spam: [
    '554 DT:SPM 163 smtp10,DsCowABX',
    '550 Mail content denied. http://service.mail.qq.com',
    '550 5.7.1 Our system has detected that this message is likely unsolicited mail.',
    '554 Reject by content spam',
  ],
  virus: [
    '552 Virus found',
    '552 5.7.0 This message was blocked because its content presents malware',
    '554 Illegal Attachment',
  ],
  unsupported: ['550 5.6.7 x', '554 5.6.3 The message needs 8BITMIME'],
  unreachable: [
    '- connect to b.example[192.0.2.1]:25: Connection timed out',
    '450 4.4.1 x',
    '421 4.4.2 b.example Error: timeout exceeded',
  ],
  tlsFailed: [
    '530 5.7.0 Must issue a STARTTLS command first',
    '550 5.7.10 REQUIRETLS',
    '- the certificate has expired',
    '454 x',
  ],
  loop: ['554 5.4.6 x', '554 5.4.14 Hop count exceeded - possible mail loop', '550 Too many hops'],
  expired: ['450 4.4.7 x'],
  policy: ['554 5.7.1 Access denied'],
  temporary: ['450 no', '451 4.0.0 x', '- '],
  permanent: ['550 no', '554 5.0.0 x', '550 5.9.9 x'],
};

for (const [cause, replies] of Object.entries(CASES)) {
  test(`${cause} is recognised`, () => {
    assert.deepEqual(
      replies.map((reply) => [reply, causeOf(reply)]),
      replies.map((reply) => [reply, cause]),
    );
  });
}

test('every cause has its texts', () => {
  for (const [cause, { zh, en }] of Object.entries(REFUSAL_TEXTS)) {
    assert.match(zh, /^[\p{Script=Han}].{20,}。$/u, cause);
    assert.match(en, /^[A-Z][\x20-\x7e]{20,}\.$/, cause);
  }
});

test('explains whatever a server says', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.option(fc.integer(), { nil: undefined }),
      (text, enhanced, code) => {
        const { cause, zh } = explainRefusal({ at: 0, enhanced, text, ...(code === undefined ? {} : { code }) });
        assert.equal(zh, REFUSAL_TEXTS[cause].zh);
      },
    ),
  );
});

test('reads only so much', () => {
  assert.equal(causeOf(`550 ${'- '.repeat(2_000_000)}user unknown`), 'permanent');
});
