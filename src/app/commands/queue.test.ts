import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { EXIT } from '#app/command.ts';
import type { QueueId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { formatTime } from './arguments/time.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem, type TestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const STRANGE = '\u001b]0;owned\u0007\u202e\u061c';

interface Queued extends TestSystem {
  /** Queues a message from LI. */
  add(...to: string[]): Promise<QueueId>;
  /** What waits, as `destination state`. */
  waiting(): Promise<string[]>;
}

async function openQueue(t: TestContext): Promise<Queued> {
  const house = await openTestSystem(t);
  const { queue, mail, clock } = house.system;
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI, '--password', 'Rosen-und-7-Brücken']);
  const accountId = (await house.system.directory.findAddress(LI))?.accountId ?? null;
  return {
    ...house,
    async add(...to) {
      const queueId = newQueueId(clock.now(), systemRandom);
      await queue.enqueue({
        queueId,
        message: mail.prepareMessage(Buffer.from('Subject: 通知\r\n\r\n你好\r\n')),
        envelope: { reversePath: LI, body: '8BITMIME', smtpUtf8: false, requireTls: true, accountId, priority: 0 },
        recipients: to.map((address) => ({ address })),
      });
      return queueId;
    },
    async waiting() {
      const rows = await queue.list({}, { limit: 100 });
      return rows.map(({ destination, state }) => `${destination} ${state}`).toSorted();
    },
  };
}

/** An attempt that the other side put off, in words meant for the terminal. */
async function fail({ system }: Queued, destination: string, dueAt: number): Promise<void> {
  const {
    deliveries: [leased],
  } = await system.queue.lease({ owner: 'w', destination, limit: 1 });
  assert.ok(leased !== undefined);
  const { queueId, recipients } = leased;
  const lastFailure = {
    at: dueAt - 60_000,
    remote: `mx.x.example ${STRANGE}`,
    code: 450,
    enhanced: '4.2.0',
    text: `Busy ${STRANGE}${'x'.repeat(5000)}`,
  };
  await system.queue.conclude({ queueId, destination, owner: 'w', later: { recipients, dueAt, lastFailure } });
}

test('an empty queue says so', async (t) => {
  const { run } = await openQueue(t);
  assert.equal((await run(['queue', 'list'])).out, '0 messages wait in 0 deliveries, 0 held, 0 under way in all.\n');
  assert.equal((await run(['queue', 'status'])).out, '0 messages wait in 0 deliveries, 0 held, 0 under way.\n');
  assert.match((await run(['queue', 'list', '--account', LI])).out, /^Nothing that waits is like that\.\n/);
  assert.equal((await run(['queue', 'hold', '--all'])).out, '0 deliveries held.\n');
});

test('queue list has a line for each message and destination', async (t) => {
  const { run, add } = await openQueue(t);
  const first = await add('a@x.example', 'b@x.example', 'c@y.example');
  await add('d@y.example');
  const { out } = await run(['queue', 'list']);
  assert.match(out, new RegExp(`^${first}  <${LI}>  2 at x\\.example  27 octets  0 times  now$`, 'm'));
  assert.match(out, /^2 messages wait in 3 deliveries, 0 held, 0 under way in all\.$/m);
  const there = (await run(['queue', 'list', '--destination', 'Y.EXAMPLE', '--account', LI])).out;
  assert.deepEqual(there.match(/\S+@y\.example/g), ['c@y.example', 'd@y.example']);
  const cut = (await run(['queue', 'list', '--limit', '2'])).out;
  assert.ok(!cut.includes('d@y.example'));
  assert.match(cut, /^There are more;/m);
  assert.doesNotMatch((await run(['queue', 'list', '--limit', '3'])).out, /There are more/);
  for (const limit of ['0', '1001', 'x', '1.5', ''])
    await assert.rejects(run(['queue', 'list', `--limit=${limit}`]), failsWith(EXIT.usage, /1 to 1000/), limit);
  await assert.rejects(run(['queue', 'list', '--account', 'wu@kust.example']), failsWith(EXIT.failed, /no account/));
});

test('queue show tells what is known, and nothing in it steers the terminal', async (t) => {
  const house = await openQueue(t);
  const { run, add, system } = house;
  const queueId = await add('a@x.example', 'b@y.example');
  const dueAt = system.clock.now() + 3_600_000;
  await fail(house, 'x.example', dueAt);
  const { out } = await run(['queue', 'show', queueId]);
  assert.match(out, new RegExp(`^account +${LI}$`, 'm'));
  assert.match(out, /^must +travel encrypted \(REQUIRETLS\)$/m);
  assert.ok(
    out.includes(`\nx.example\n  next     ${formatTime(dueAt)}\n  tried    1 time\n  to       a@x.example\n`),
    out,
  );
  assert.match(out, /^ {2}trouble .*mx\.x\.example .* 450 4\.2\.0 Busy/m);
  assert.ok(out.includes('\ny.example\n  next   now\n  tried  0 times\n  to     b@y.example\n'), out);
  for (const text of [out, (await run(['queue', 'list'])).out]) {
    assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Bidi_Control}/u);
    assert.ok(text.length < 4000, 'a long text is cut');
  }

  const gone = newQueueId(0, systemRandom);
  await assert.rejects(run(['queue', 'show', gone]), failsWith(EXIT.failed, /campusmail trace \w+ may know/));
  await assert.rejects(run(['queue', 'show', 'x.example']), failsWith(EXIT.usage, /no id/));
});

test('queue show has every destination of a message that goes to many', async (t) => {
  const { run, add } = await openQueue(t);
  const names = Array.from({ length: 250 }, (_, at) => `d${String(at).padStart(3, '0')}.example`);
  const { out } = await run(['queue', 'show', await add(...names.map((name) => `a@${name}`))]);
  assert.deepEqual(out.match(/^d\d+\.example$/gm), names);
});

test('queue status: how much, since when, and who is next', async (t) => {
  const house = await openQueue(t);
  const { run, add, system } = house;
  await add('a@held.example');
  await run(['queue', 'hold', '--destination', 'held.example']);
  const queueId = await add('a@later.example');
  const dueAt = system.clock.now() + 3_600_000;
  await fail(house, 'later.example', dueAt);
  await add('a@now.example');
  const [oldest] = await system.queue.list({ destination: 'held.example' }, { limit: 1 });
  const { out } = await run(['queue', 'status']);
  assert.equal(
    out,
    `3 messages wait in 3 deliveries, 1 held, 0 under way.
The oldest came ${formatTime(oldest?.message.createdAt ?? 0)}.

destination    next
now.example    now
later.example  ${formatTime(dueAt)}
held.example   held or under way
`,
  );
  assert.match((await run(['queue', 'status', '--limit', '1'])).out, /^now\.example.*\n… and 2 other destinations\n$/m);
  await run(['queue', 'retry', queueId]);
  assert.match((await run(['queue', 'status'])).out, /^later\.example +now$/m);
});

test('queue status: how the last session with each destination was protected, the newest first', async (t) => {
  const { run, system } = await openQueue(t);
  const note = (destination: string, at: number, protection: string): void =>
    system.lastSessions.note({ destination, at, protection });
  note('bank.example', 0, 'in plaintext');
  note('other.example', 60_000, 'TLS 1.2, not verified');
  note('bank.example', 120_000, 'TLS 1.3, verified by DANE');
  assert.match(
    (await run(['queue', 'status'])).out,
    /\n\nlast session with +at +protected by\nbank\.example .* TLS 1\.3, verified by DANE\nother\.example .* TLS 1\.2, not verified\n$/,
  );
  assert.doesNotMatch((await run(['queue', 'status', '--limit', '1'])).out, /other\.example/);
});

test('what is selected is held, released and cancelled, and nothing else', async (t) => {
  const { run, add, waiting, system } = await openQueue(t);
  const queueId = await add('a@x.example', 'b@y.example');
  await add('c@x.example');
  assert.equal((await run(['queue', 'hold', queueId, '--destination', 'x.example'])).out, '1 delivery held.\n');
  assert.deepEqual(await waiting(), ['x.example held', 'x.example waiting', 'y.example waiting']);
  assert.equal((await run(['queue', 'hold', '--account', LI])).out, '2 deliveries held.\n');
  assert.equal((await run(['queue', 'hold', '--all'])).out, '0 deliveries held.\n');
  assert.equal((await run(['queue', 'release', '--destination', 'x.example'])).out, '2 deliveries released.\n');
  assert.deepEqual(await waiting(), ['x.example waiting', 'x.example waiting', 'y.example held']);

  await system.queue.lease({ owner: 'w', destination: 'x.example', limit: 1 });
  assert.equal(
    (await run(['queue', 'cancel', '--all'])).out,
    '2 deliveries cancelled, 1 under way and left as it is.\n' +
      'An attempt takes some minutes where a server does not answer: try again after it.\n',
  );
  assert.deepEqual(await waiting(), ['x.example waiting']);
  assert.match((await run(['queue', 'list'])).out, /  under way\n/);
});

test('who did what to a message stands in its trace', async (t) => {
  const { run, add, system } = await openQueue(t);
  const queueId = await add('a@x.example', 'b@y.example');
  const message = { queueId, at: system.clock.now(), direction: 'out', accountId: null, sender: LI } as const;
  const more = { recipients: ['a@x.example', 'b@y.example'], messageId: '', subject: '通知', sizeBytes: 27 };
  system.trace.message({ ...message, ...more, remoteAddress: '', helo: '' }, []);
  await run(['queue', 'hold', queueId, '--destination', 'x.example']);
  await run(['queue', 'cancel', queueId]);
  await system.trace.flush();
  const { out } = await run(['trace', queueId]);
  assert.deepEqual(
    Array.from(out.matchAll(/ managed +(\S+) +(.*)$/gm), ([, address, text]) => `${address}: ${text}`),
    ['a@x.example: hold (command line)', 'a@x.example: cancel (command line)', 'b@y.example: cancel (command line)'],
  );
});

test('a selection that is missing, contradictory or meant otherwise changes nothing', async (t) => {
  const { run, add, waiting } = await openQueue(t);
  await add('a@x.example');
  for (const action of ['hold', 'release', 'retry', 'cancel']) {
    const refuses = (words: string[], exit: number, pattern: RegExp): Promise<void> =>
      assert.rejects(run(['queue', action, ...words]), failsWith(exit, pattern), words.join(' '));
    await refuses([], EXIT.usage, /say which/);
    await refuses(['--all', '--destination', 'x.example'], EXIT.usage, /alone/);
    await refuses(['x.example'], EXIT.usage, /no id/);
    await refuses(['--destination', 'a@x.example'], EXIT.usage, /no destination/);
    await refuses(['--destination', ''], EXIT.usage, /no destination/);
    await refuses(['--account', ''], EXIT.usage, /no address/);
    await refuses(['--account', 'wu@kust.example'], EXIT.failed, /no account/);
    await refuses(['--destination', 'z.example'], EXIT.failed, /nothing that waits/);
    await refuses([newQueueId(0, systemRandom)], EXIT.failed, /nothing that waits/);
  }
  assert.deepEqual(await waiting(), ['x.example waiting']);
});
