/** What every QueueStore promises, as tests over the queue's own operations; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import { silentLog } from '#base/log.ts';
import type { AccountId, MailboxId, QueueId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { Mail } from '#mail/mail.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import { Queue } from '#queue/queue.ts';
import { LOCAL, NEVER } from '#queue/types.ts';
import type { LeasedDelivery, QueuedEnvelope } from '#queue/types.ts';
import type { FakeClock } from '#base/clock.ts';
import { TraceRecorder } from '#trace/recorder.ts';
import type { TestStore } from '#test/harness/stores.ts';

const HOUR = 3_600_000;

const envelope: QueuedEnvelope = {
  reversePath: '张三@stu.ylut.example',
  body: '8BITMIME',
  smtpUtf8: true,
  requireTls: false,
  ret: 'HDRS',
  envid: 'a b+c',
  accountId: 7 as AccountId,
  priority: 0,
};

interface Fixture {
  readonly store: TestStore;
  readonly queue: Queue;
  readonly clock: FakeClock;
  add(to: readonly string[], patch?: Partial<QueuedEnvelope>, text?: string, holdUntil?: number): Promise<QueueId>;
  lease(owner: string, destination: string, limit?: number): Promise<readonly LeasedDelivery[]>;
}

export function queueStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withQueue = (title: string, body: (fixture: Fixture) => Promise<void>): void => {
    test(title, async () => {
      const store = await open();
      const clock = store.clock as FakeClock;
      const queue = new Queue({ store: store.queue, clock });
      const add: Fixture['add'] = async (to, patch = {}, text = 'Subject: 通知\r\n\r\n你好\r\n', holdUntil = 0) => {
        const queueId = newQueueId(clock.now(), systemRandom);
        const message = prepareMessage(Buffer.from(text), (octets) => store.mail.prepareBlob(octets));
        const recipients = to.map((address) => ({ address }));
        await queue.enqueue({ queueId, message, envelope: { ...envelope, ...patch }, recipients, holdUntil });
        return queueId;
      };
      const lease: Fixture['lease'] = async (owner, destination, limit = 10) =>
        (await queue.lease({ owner, destination, limit })).deliveries;
      try {
        await body({ store, queue, clock, add, lease });
      } catch (error) {
        await store.discard();
        throw error;
      }
      await store.close();
    });
  };

  describe(`QueueStore contract: ${name}`, () => {
    withQueue('a message has one delivery a destination and its octets once', async ({ store, queue, add, clock }) => {
      const queueId = await add(['a@x.example', 'b@Y.example', 'c@X.EXAMPLE']);
      const message = await store.queue.reader.message(queueId);
      assert.deepEqual(
        { ...message, blobKey: 0 },
        { ...envelope, queueId, blobKey: 0, sizeBytes: 27, createdAt: clock.now(), expiresAt: clock.now() + 72 * HOUR },
      );
      const rows = await store.queue.reader.deliveries(queueId);
      assert.deepEqual(
        rows.map((row) => [row.destination, row.recipients.map(({ address }) => address), row.state, row.attempts]),
        [
          ['x.example', ['a@x.example', 'c@X.EXAMPLE'], 'waiting', 0],
          ['y.example', ['b@Y.example'], 'waiting', 0],
        ],
      );
      assert.equal((await queue.readOctets(queueId)).toString(), 'Subject: 通知\r\n\r\n你好\r\n');
      assert.deepEqual(await queue.totals(), {
        messages: 1,
        deliveries: 2,
        held: 0,
        underWay: 0,
        oldestAt: clock.now(),
      });
      await assert.rejects(
        store.queue.run('enqueue', {
          queueId,
          message: prepareMessage(Buffer.from('x'), (octets) => store.mail.prepareBlob(octets)),
          envelope,
          expiresAt: 1,
          attentionAt: 1,
          dueAt: 1,
          isHeld: false,
          deliveries: [],
        }),
        (error) => isMailError(error, 'alreadyExists'),
      );
    });

    withQueue('what is leased is nobody else’s, and goes when it is concluded', async (fixture) => {
      const { store, queue, add, lease } = fixture;
      const queueId = await add(['a@x.example', 'b@y.example']);
      const [taken] = await lease('one', 'x.example');
      assert.equal(taken?.message.queueId, queueId);
      assert.equal(taken?.attempts, 1);
      assert.deepEqual(await lease('two', 'x.example'), []);
      assert.equal(await queue.conclude({ owner: 'two', queueId, destination: 'x.example' }), false);
      assert.equal(await queue.conclude({ owner: 'one', queueId, destination: 'x.example' }), true);
      assert.notEqual(await store.queue.reader.message(queueId), undefined);
      await lease('one', 'y.example');
      assert.equal(await queue.conclude({ owner: 'one', queueId, destination: 'y.example' }), true);
      assert.equal(await store.queue.reader.message(queueId), undefined);
      await assert.rejects(queue.readOctets(queueId), (error) => isMailError(error, 'notFound'));
    });

    withQueue('what is put off comes back when it is due, with what went wrong', async (fixture) => {
      const { queue, add, lease, clock } = fixture;
      const queueId = await add(['a@x.example', 'b@x.example']);
      await lease('one', 'x.example');
      const lastFailure = { at: clock.now(), remote: 'mx (192.0.2.1)', code: 451, enhanced: '4.7.1', text: 'later' };
      const recipients = [{ address: 'b@x.example', orcpt: 'rfc822;b@x.example' }];
      const dueAt = clock.now() + 1000;
      await queue.conclude({
        owner: 'one',
        queueId,
        destination: 'x.example',
        later: { recipients, dueAt, lastFailure },
      });
      assert.deepEqual(await queue.destinations(), [{ destination: 'x.example', nextDueAt: dueAt }]);
      assert.deepEqual(await lease('one', 'x.example'), []);
      clock.advance(1000);
      const [again] = await lease('one', 'x.example');
      assert.deepEqual(
        [again?.attempts, again?.recipients, again?.lastFailure, again?.dueAt],
        [2, recipients, lastFailure, NEVER],
      );
    });

    withQueue('who took all that is due is told when the next is', async ({ queue, add, clock }) => {
      const next = async (limit: number) =>
        (await queue.lease({ owner: 'one', destination: 'x.example', limit })).nextDueAt;
      assert.equal(await next(10), NEVER);
      await add(['a@x.example', 'a@y.example']);
      await add(['b@x.example'], { priority: 4 }, 'Subject: later', clock.now() + 3000);
      await add(['c@x.example'], { priority: -5 }, 'Subject: sooner', clock.now() + 2000);
      assert.equal(await next(1), clock.now());
      assert.equal(await next(1), clock.now() + 2000);
      clock.advance(2000);
      assert.equal(await next(2), clock.now() + 1000);
      clock.advance(1000);
      assert.equal(await next(2), NEVER);
    });

    withQueue('the urgent goes first, then the oldest; destinations are listed once each', async (fixture) => {
      const { queue, add, lease, clock } = fixture;
      const bulk = await add(['a@x.example'], { priority: -5 });
      clock.advance(1);
      const first = await add(['a@x.example']);
      clock.advance(1);
      const second = await add(['a@x.example']);
      const urgent = await add(['a@x.example'], { priority: 4 });
      await add(['a@z.example', 'a@y.example']);
      assert.deepEqual((await queue.destinations()).map(({ destination }) => destination).toSorted(), [
        'x.example',
        'y.example',
        'z.example',
      ]);
      const order = [...(await lease('one', 'x.example', 2)), ...(await lease('one', 'x.example', 2))];
      assert.deepEqual(
        order.map((row) => row.queueId),
        [urgent, first, second, bulk],
      );
    });

    withQueue('what a dead worker had under way falls due again', async ({ queue, add, lease, clock }) => {
      await queue.keepAlive({ owner: 'dead', aliveUntil: clock.now() + 1000, isAlone: false });
      await queue.keepAlive({ owner: 'alive', aliveUntil: clock.now() + 5000, isAlone: false });
      await add(['a@x.example', 'a@y.example']);
      await lease('dead', 'x.example');
      await lease('alive', 'y.example');
      assert.equal(await queue.keepAlive({ owner: 'alive', aliveUntil: clock.now() + 5000, isAlone: false }), 0);
      clock.advance(1000);
      assert.equal(await queue.keepAlive({ owner: 'alive', aliveUntil: clock.now() + 5000, isAlone: false }), 1);
      assert.equal((await lease('alive', 'x.example')).length, 1);
      assert.deepEqual(await lease('alive', 'y.example'), []);
      assert.equal(await queue.keepAlive({ owner: 'new', aliveUntil: clock.now() + 5000, isAlone: true }), 2);
    });

    withQueue('a delay is told once, the end is the end', async ({ store, queue, add, lease, clock }) => {
      const queueId = await add(['a@x.example']);
      clock.advance(4 * HOUR);
      const [row] = await queue.needingAttention(10);
      const attentionAt = row?.attentionAt ?? 0;
      const args = { queueId, destination: 'x.example', attentionAt };
      const nextAttentionAt = clock.now() + 68 * HOUR;
      assert.equal(await queue.attend({ ...args, nextAttentionAt }), true);
      assert.equal(await queue.attend({ ...args, nextAttentionAt }), false);
      assert.deepEqual(await queue.needingAttention(10), []);
      clock.advance(68 * HOUR);
      assert.equal((await queue.needingAttention(10)).length, 1);
      await lease('one', 'x.example');
      assert.deepEqual(await queue.needingAttention(10), []);
      await queue.stopWorker('one');
      assert.equal(await queue.attend({ ...args, attentionAt: nextAttentionAt }), true);
      assert.equal(await store.queue.reader.message(queueId), undefined);
    });

    withQueue('people hold, release, retry and cancel by id, destination and account', async (fixture) => {
      const { store, queue, add, lease, clock } = fixture;
      const told = { by: 'test', trace: new TraceRecorder(store.trace, silentLog) };
      const one = await add(['a@x.example', 'a@y.example']);
      await add(['b@x.example'], { accountId: 8 as AccountId });
      assert.deepEqual(await queue.manage('hold', { destination: 'x.example' }, told), { changed: 2, busy: 0 });
      assert.deepEqual(await lease('one', 'x.example'), []);
      assert.equal((await queue.totals()).held, 2);
      clock.advance(100 * HOUR);
      // Held mail is not returned, however old.
      assert.deepEqual(
        (await queue.needingAttention(10)).map(({ destination }) => destination),
        ['y.example'],
      );
      assert.deepEqual(await queue.manage('release', { accountId: 8 as AccountId }, told), { changed: 1, busy: 0 });
      const [released] = await lease('one', 'x.example');
      assert.equal(released?.message.accountId, 8);
      assert.ok((released?.message.expiresAt ?? 0) > clock.now());
      assert.deepEqual(await queue.manage('cancel', { destination: 'x.example' }, told), { changed: 1, busy: 1 });
      assert.deepEqual(await queue.manage('cancel', { queueId: one }, told), { changed: 1, busy: 0 });
      assert.equal((await queue.totals()).messages, 1);
      assert.deepEqual(await queue.manage('retry', { queueId: one }, told), { changed: 0, busy: 0 });
      await told.trace.flush();
    });

    withQueue('listed page by page', async ({ queue, add }) => {
      for (let count = 0; count < 7; count++) await add([`a@x${count % 2}.example`, 'a@local.example']);
      const seen: string[] = [];
      let after: LeasedDelivery | undefined;
      for (;;) {
        const page = await queue.list({}, { ...(after === undefined ? {} : { after }), limit: 4 });
        seen.push(...page.map(({ queueId, destination }) => `${queueId} ${destination}`));
        after = page.at(-1);
        if (page.length < 4) break;
      }
      assert.equal(new Set(seen).size, 14);
    });

    withQueue('watchers hear of destinations with something to do', async ({ store, add, clock, queue, lease }) => {
      const heard: string[] = [];
      const both = new Promise<void>((resolve) => {
        store.queue.watch((destination) => {
          heard.push(destination);
          if (heard.length === 2) resolve();
        });
      });
      await add(['a@x.example']);
      await lease('one', 'x.example');
      await queue.keepAlive({ owner: 'two', aliveUntil: clock.now() + 1, isAlone: true });
      await both;
      assert.deepEqual(heard, ['x.example', 'x.example']);
    });

    withQueue('mailboxes are changed in the same commit, each by itself', async ({ store, queue, clock }) => {
      const mail = new Mail(store.mail);
      const [full, here, fresh] = [1, 2, 3] as AccountId[] as [AccountId, AccountId, AccountId];
      for (const accountId of [full, here]) await mail.account(accountId).provision();
      await mail.account(full).setQuota({ quotaBytes: 1, quotaMessages: null });
      const queueId = newQueueId(clock.now(), systemRandom);
      const queued = {
        queueId,
        message: mail.prepareMessage(Buffer.from('Subject: 通知\r\n\r\n你好\r\n')),
        envelope,
        recipients: [{ address: 'a@x.example' }],
      };
      const deliver = (): ReturnType<Mail['deliver']> =>
        mail.deliver(queued.message, [full, here, fresh], clock.now(), undefined, (changes) =>
          queue.enqueueWith(queued, changes),
        );
      const emailsOf = async (accountId: AccountId): Promise<number | undefined> =>
        (await mail.account(accountId).findMailbox('INBOX'))?.totalEmails;
      const { promise: heard, resolve } = Promise.withResolvers<unknown>();
      const unwatch = store.mail.watch(here, resolve);
      const outcomes = await deliver();
      assert.deepEqual(
        Array.from(outcomes, ([accountId, outcome]) => [accountId, outcome.ok || outcome.error.code]),
        [
          [full, 'overQuota'],
          [here, true],
          [fresh, true],
        ],
      );
      await heard;
      unwatch();
      assert.deepEqual(await Promise.all([full, here, fresh].map(emailsOf)), [0, 1, 1]);
      assert.equal((await store.queue.reader.deliveries(queueId)).length, 1);
      assert.deepEqual((await store.queue.reader.readOctets(queueId)).toString(), 'Subject: 通知\r\n\r\n你好\r\n');
      // It cannot be queued under the same id: then no mailbox has it again.
      await assert.rejects(deliver(), (error) => isMailError(error, 'alreadyExists'));
      assert.deepEqual(await Promise.all([full, here, fresh].map(emailsOf)), [0, 1, 1]);
    });

    withQueue('a change that fails late leaves nothing of itself, and all else', async ({ store, queue, clock }) => {
      const mail = new Mail(store.mail);
      const [broken, here] = [1, 2] as AccountId[] as [AccountId, AccountId];
      await Promise.all([broken, here].map((accountId) => mail.account(accountId).provision()));
      const message = mail.prepareMessage(Buffer.from('Subject: s\r\n\r\ntext\r\n'));
      const queueId = newQueueId(clock.now(), systemRandom);
      const late = { message, mailboxes: [99_999 as MailboxId], keywords: [] };
      const item = { message, mailboxes: ['inbox' as const], keywords: [] };
      const outcomes = await queue.enqueueWith(
        { queueId, message, envelope, recipients: [{ address: 'a@x.example' }] },
        [
          { accountId: broken, name: 'append', args: { items: [item, late], source: 'system' } },
          { accountId: here, name: 'append', args: { items: [item], source: 'smtp' } },
        ],
      );
      assert.deepEqual(
        outcomes.map((outcome) => outcome.ok || outcome.error.code),
        ['notFound', true],
      );
      assert.equal((await mail.account(broken).findMailbox('INBOX'))?.totalEmails, 0);
      assert.equal((await mail.account(here).findMailbox('INBOX'))?.totalEmails, 1);
      assert.equal((await queue.totals()).messages, 1);
    });

    withQueue('recipients with a mailbox here have a destination of their own', async ({ store, queue, clock }) => {
      const queueId = newQueueId(clock.now(), systemRandom);
      const message = prepareMessage(Buffer.from('a'), (octets) => store.mail.prepareBlob(octets));
      const recipients = [{ address: 'a@x.example', isLocal: true }, { address: 'b@x.example' }];
      await queue.enqueue({ queueId, message, envelope, recipients });
      const rows = await store.queue.reader.deliveries(queueId);
      assert.deepEqual(
        rows.map(({ destination }) => destination),
        [LOCAL, 'x.example'],
      );
    });
  });
}
