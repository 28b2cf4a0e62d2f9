import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import type { SenderStanding } from '#directory/directory.ts';
import { Mail } from '#mail/mail.ts';
import { digestMessage } from '#mime/digest.ts';
import { Queue } from '#queue/queue.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { TraceRecorder } from '#trace/recorder.ts';

import { SENDING_LIMITS } from './limits.ts';
import { Overuse } from './overuse.ts';
import type { OveruseParts } from './overuse.ts';
import { SendingLedger } from './sending-ledger.ts';

const LI = 1 as AccountId;
const STANDING: SenderStanding = {
  serviceClass: 'student',
  sending: 'allowed',
  sendingNote: '',
  stage: 'active',
  addresses: ['li@stu.example.edu', 'lilei@stu.example.edu'],
};
const EXCESS = { window: 'hour', limit: 100 } as const;

let store: Awaited<ReturnType<typeof openMemoryStore>>;
let clock: FakeClock;
let queue: Queue;
let overuse: Overuse;
/** `to: subject`. */
let posted: string[];
let reasons: string[];

function makeOveruse(parts: Partial<OveruseParts> = {}): Overuse {
  return new Overuse({
    directory: {
      async suspendSending(_accountId, reason) {
        reasons.push(reason);
        return reasons.length === 1;
      },
    },
    queue,
    ledger: new SendingLedger({ store: store.sending, whoWrote: async () => [], clock }),
    post: async (octets, to) => void posted.push(`${to}: ${digestMessage(octets).summary.subject}`),
    trace: new TraceRecorder(store.trace, silentLog),
    hostname: 'mail.example.edu',
    clock,
    random: systemRandom,
    log: silentLog,
    metrics: noMetrics,
    suspendAfter: 5,
    ...parts,
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  store = await openMemoryStore({ clock });
  queue = new Queue({ store: store.queue, clock });
  posted = [];
  reasons = [];
  overuse = makeOveruse();
});

afterEach(() => store.close());

async function refuse(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await overuse.note(LI, STANDING, EXCESS);
}

const LIMITED = [
  'li@stu.example.edu: 发信量超过上限 (Too much mail sent): li@stu.example.edu',
  'postmaster: 发信量超过上限 (Too much mail sent): li@stu.example.edu',
];
const SUSPENDED = [
  'li@stu.example.edu: 已暂停发信 (Sending suspended): li@stu.example.edu',
  'postmaster: 已暂停发信 (Sending suspended): li@stu.example.edu',
];

describe('an account that sends too much', () => {
  it('is told once an incident, as is the postmaster', async () => {
    await refuse(4);
    assert.deepEqual(posted, LIMITED);
    clock.advance(SENDING_LIMITS.incidentMs);
    await refuse(1);
    assert.deepEqual(posted, [...LIMITED, ...LIMITED]);
    assert.deepEqual(reasons, []);
  });

  it('may not send any more when it goes on, and what waits is held', async () => {
    const message = new Mail(store.mail).prepareMessage(Buffer.from('Subject: x\r\n\r\n'));
    const envelope = {
      reversePath: 'li@stu.example.edu',
      body: '8BITMIME',
      smtpUtf8: false,
      requireTls: false,
    } as const;
    for (const accountId of [LI, 2 as AccountId]) {
      await queue.enqueue({
        queueId: newQueueId(clock.now(), systemRandom),
        message,
        envelope: { ...envelope, accountId, priority: 0 },
        recipients: [{ address: 'x@example.net' }],
      });
    }
    await refuse(5);
    assert.deepEqual(posted, [...LIMITED, ...SUSPENDED]);
    assert.deepEqual(reasons, ['发信量超过上限后又继续发送 5 次 / went on 5 times after too much was sent']);
    const states = (await queue.list({}, { limit: 9 })).map(({ message: { accountId }, state }) => [accountId, state]);
    assert.deepEqual(
      states.toSorted(([a], [b]) => Number(a) - Number(b)),
      [
        [1, 'held'],
        [2, 'waiting'],
      ],
    );
    // A machine that heard of it late: nobody is told twice.
    await refuse(5);
    assert.equal(reasons.length, 2);
    assert.equal(posted.length, 4);
  });

  it('goes on for ever where that is set', async () => {
    overuse = makeOveruse({ suspendAfter: 0 });
    await refuse(50);
    assert.deepEqual(reasons, []);
  });

  it('is suspended by one of those that are refused at once', async () => {
    await Promise.all(Array.from({ length: 9 }, () => refuse(1)));
    assert.equal(reasons.length, 1);
    assert.equal(posted.length, 4);
  });
});

it('a notice that cannot be posted is logged, and no more', async () => {
  const errors: string[] = [];
  const log = {
    ...silentLog,
    error: (_fields: object, message: string) => void errors.push(message),
    child: () => log,
  };
  overuse = makeOveruse({ log, post: () => Promise.reject(new Error('injected')) });
  await refuse(1);
  assert.deepEqual(errors, ['nobody could be told that an account sends too much']);
});
