import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { MailErrorCode } from '#base/errors.ts';

import { describeAppendFailure, toReply } from './outcome.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { showReply } from './testing/campus.ts';

const facts = { address: 'li@example.edu', utf8: false, queueId: 'abcdefghijklm' };

describe('outcomes', () => {
  // A record, so that a new kind or code without an entry does not compile.
  const expectedReplies: Record<DeliveryOutcome['kind'], string> = {
    delivered: '250 2.0.0 Ok: queued as ID',
    posted: '250 2.0.0 Ok: queued as ID',
    read: '250 2.0.0 Ok: queued as ID',
    noReport: '550 5.6.0 <li@example.edu>: the report in this message cannot be read (id ID)',
    mayNotPost: '550 5.7.1 <li@example.edu>: only members may write to this group',
    nobody: '550 5.2.4 <li@example.edu>: this group has no members',
    listLoop: '554 5.4.6 <li@example.edu>: the message came by this list already (id ID)',
    overQuota: '452 4.2.2 <li@example.edu>: mailbox full',
    unknownDomain: '550 5.7.1 <li@example.edu>: relaying denied',
    unknownUser: '550 5.1.1 <li@example.edu>: no such user here',
    badReturnPath: '550 5.7.1 <li@example.edu>: no return path of ours (a reason)',
    notReceiving: '550 5.2.1 <li@example.edu>: mailbox disabled',
    moved: '550 5.1.6 <li@example.edu>: moved, use <li@new.example.edu>',
    resting: '451 4.3.2 <li@example.edu>: this domain is under maintenance, try again later',
    loop: '554 5.4.6 Mail loop: too many Received fields (id ID)',
    unauthenticated: '550 5.7.26 Refused by DMARC: a reason (id ID)',
    unverified: '451 4.7.0 Try again later: a reason (id ID)',
    tooLarge: '552 5.2.3 <li@example.edu>: message too large',
    fault: '451 4.3.0 <li@example.edu>: local fault, try again later (id ID)',
  };

  const given = { posting: 'members', reason: 'a reason', why: 'damaged', address: 'li@new.example.edu' };

  for (const [kind, expected] of Object.entries(expectedReplies)) {
    it(`${kind}: the class of code and of enhanced code agree`, () => {
      const reply = toReply({ ...given, kind } as DeliveryOutcome, facts);
      assert.equal(showReply(reply), expected);
      assert.equal(reply.enhanced?.[0], String(reply.code)[0]);
    });
  }

  const expectedFailures: Record<MailErrorCode | 'fault', DeliveryOutcome['kind']> = {
    overQuota: 'overQuota',
    tooLarge: 'tooLarge',
    notFound: 'fault',
    alreadyExists: 'fault',
    forbidden: 'fault',
    limit: 'fault',
    inUse: 'fault',
    unavailable: 'fault',
    invalid: 'fault',
    stateMismatch: 'fault',
    expunged: 'fault',
    fault: 'fault',
  };

  it('failures of an append are temporary unless the message can never be stored', () => {
    for (const [code, kind] of Object.entries(expectedFailures)) {
      const outcome = describeAppendFailure(code as MailErrorCode);
      assert.equal(outcome.kind, kind, code);
      assert.equal(toReply(outcome, facts).code < 500, code !== 'tooLarge', code);
    }
  });
});
