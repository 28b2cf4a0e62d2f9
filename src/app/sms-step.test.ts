import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#directory/types.ts';
import type { CodeOutcome, CodeRequest } from '#sms/sms.ts';
import { createSmsStep } from './sms-step.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;

function open(answer: CodeOutcome) {
  const asked: CodeRequest[] = [];
  const step = createSmsStep({
    selfService: { phoneOf: async (accountId) => (accountId === LI ? '+8613812345678' : undefined) },
    sms: {
      async sendCode(request) {
        asked.push(request);
        return answer;
      },
      checkCode: async ({ codeId, phone, code }) =>
        codeId === 'second step 1' && phone === '+8613812345678' && code === '135790' ? 'right' : 'wrong',
    },
  });
  return { asked, step };
}

const sent: CodeOutcome = {
  kind: 'admitted',
  sent: Promise.resolve({ kind: 'sent', provider: 'log', providerId: '1' }),
};

test('a code goes to the telephone that is bound, and fits for its account alone', async () => {
  const { asked, step } = open(sent);
  assert.equal(await step.maskedPhone(LI), '138****5678');
  assert.equal(await step.maskedPhone(WANG), undefined);
  assert.equal(await step.sendCode(LI, '192.0.2.1'), 'sent');
  assert.equal(await step.sendCode(WANG, '192.0.2.1'), 'unavailable');
  assert.deepEqual(asked, [{ codeId: 'second step 1', phone: '+8613812345678', remoteAddress: '192.0.2.1' }]);
  assert.equal(await step.checkCode(LI, '135790'), true);
  assert.equal(await step.checkCode(LI, '135791'), false);
  assert.equal(await step.checkCode(WANG, '135790'), false);
});

test('what keeps it from being sent is told', async () => {
  assert.deepEqual(await open({ kind: 'tooOften', retryAfterMs: 60_000 }).step.sendCode(LI, '::1'), {
    retryAfterMs: 60_000,
  });
  assert.equal(await open({ kind: 'unavailable' }).step.sendCode(LI, '::1'), 'unavailable');
});
