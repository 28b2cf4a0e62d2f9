import assert from 'node:assert/strict';
import test from 'node:test';
import { EXIT } from '#app/command.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import type { TraceEvent, TracedMessage } from '#trace/types.ts';
import { formatTime } from './arguments/time.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem, type TestSystem } from './testing/test-system.ts';

const NOON = Date.UTC(2026, 8, 16, 12);
const DAY = 86_400_000;

function record(
  { system }: TestSystem,
  at: number,
  patch: Partial<TracedMessage> = {},
  events: readonly TraceEvent[] = [],
): TracedMessage {
  const message: TracedMessage = {
    queueId: newQueueId(at, systemRandom),
    at,
    direction: 'out',
    accountId: null,
    sender: 'Li@kust.example',
    recipients: ['a@x.example', 'b@y.example'],
    messageId: `${at}@kust.example`,
    subject: 'Re: 稿件',
    sizeBytes: 2048,
    remoteAddress: '192.0.2.7',
    helo: 'laptop.kust.example',
    ...patch,
  };
  system.trace.message(message, events);
  return message;
}

test('a single message is shown with all that happened to it, however it was asked for', async (t) => {
  const house = await openTestSystem(t);
  const at = (minutes: number): number => NOON + minutes * 60_000;
  const remote = 'mx.x.example (192.0.2.1)';
  const { queueId, messageId } = record(house, NOON, {}, [
    { at: at(0), kind: 'queued' },
    {
      at: at(1),
      kind: 'deferred',
      recipients: ['a@x.example'],
      remote,
      enhanced: '4.2.0',
      text: '450 Busy',
      until: at(9),
    },
    {
      at: at(2),
      kind: 'relayed',
      recipients: ['a@x.example', 'b@y.example'],
      remote,
      tls: 'TLS 1.3, verified by DANE',
      enhanced: '2.0.0',
      text: '250 Ok',
    },
    { at: at(3), kind: 'reported', recipients: ['1@x', '2@x', '3@x', '4@x'], text: 'delayed' },
  ]);
  const { out } = await house.run(['trace', queueId]);
  assert.equal(
    out,
    `${queueId}  ${formatTime(NOON)}  out  <Li@kust.example> to 2 recipients  Re: 稿件
  Message-ID  ${messageId}
  size        2 KB
  from        192.0.2.7 (laptop.kust.example)
  to          a@x.example
  to          b@y.example
  ${formatTime(at(0))}  taken
  ${formatTime(at(0))}  queued
  ${formatTime(at(1))}  deferred  a@x.example  ${remote}  4.2.0  450 Busy  again at ${formatTime(at(9))}
  ${formatTime(at(2))}  relayed   a@x.example, b@y.example  ${remote}  TLS 1.3, verified by DANE  2.0.0  250 Ok
  ${formatTime(at(3))}  reported  4 recipients  delayed
`,
  );
  for (const words of [
    ['--message-id', messageId],
    ['--message-id', `<${messageId}>`],
    ['--from', 'li@KUST.example', '--to', 'B@y.example'],
    ['--to', '<a@x.example>', '--since', formatTime(NOON), '--until', formatTime(NOON + 1000)],
  ]) {
    assert.equal((await house.run(['trace', ...words])).out, out, words.join(' '));
  }
});

test('several messages are listed, the newest first, at most so many, in a span of time', async (t) => {
  const house = await openTestSystem(t);
  const ids = [0, 1, 2].map((day) => record(house, NOON + day * DAY, { recipients: ['a@x.example'] }).queueId);
  const listed = async (...words: string[]): Promise<string[]> => {
    const { out } = await house.run(['trace', '--to', 'a@x.example', ...words]);
    return out.split('\n').map((line) => line.split(' ')[0] ?? '');
  };
  assert.deepEqual(await listed(), [...ids.toReversed(), '']);
  assert.deepEqual(await listed('--limit', '2'), [ids[2], ids[1], 'There', '']);
  assert.deepEqual(await listed('--since', formatTime(NOON + DAY)), [ids[2], ids[1], '']);
  assert.deepEqual(await listed('--until', formatTime(NOON + 2 * DAY)), [ids[1], ids[0], '']);
  const [newest] = (await house.run(['trace', '--to', 'a@x.example'])).out.split('\n');
  assert.equal(newest, `${ids[2]}  ${formatTime(NOON + 2 * DAY)}  out  <Li@kust.example> to a@x.example  Re: 稿件`);
});

test('nothing that a stranger wrote steers the terminal or fills it', async (t) => {
  const house = await openTestSystem(t);
  const strange = '\u001b]0;owned\u0007\r\n\u009b2J\u202e\u061c\u2028';
  const long = strange + 'x'.repeat(9000);
  const patch = { sender: long, subject: long, helo: long, messageId: strange, remoteAddress: strange };
  const event: TraceEvent = {
    at: NOON,
    kind: 'failed',
    recipients: [long],
    remote: strange,
    enhanced: strange,
    text: long,
  };
  const recipients = ['q@x.example', ...Array.from({ length: 999 }, (_, at) => `${strange}${at}@x.example`)];
  const { queueId } = record(house, NOON, { ...patch, recipients }, [event]);
  record(house, NOON + 1, { ...patch, recipients });
  for (const words of [[queueId], ['--to', 'q@x.example']]) {
    const { out } = await house.run(['trace', ...words]);
    assert.doesNotMatch(out, /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    assert.ok(out.length < 6000, `${out.length}`);
  }
  const { out } = await house.run(['trace', queueId]);
  assert.equal(out.match(/^ {2}to /gm)?.length, 21);
  assert.match(out, /^ {2}to +… and 980 more$/m);
});

test('what is not found or not asked rightly is said', async (t) => {
  const house = await openTestSystem(t);
  const { queueId } = record(house, NOON);
  const refuses = (words: string[], exit: number, pattern: RegExp): Promise<void> =>
    assert.rejects(house.run(['trace', ...words]), failsWith(exit, pattern), words.join(' '));
  await refuses([newQueueId(0, systemRandom)], EXIT.failed, /^no message 2{8}\w{5} is known .* 400 days/);
  await refuses(['--to', 'z@x.example'], EXIT.failed, /^no such message is known/);
  await refuses(['--to', 'a@x.example', '--since', formatTime(NOON + DAY)], EXIT.failed, /^no such message is known/);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', 'li@kust.example']);
  await house.run(['alias', 'add', 'lei@kust.example', 'li@kust.example']);
  await refuses(
    ['--from', 'lei@kust.example'],
    EXIT.failed,
    /lei@kust\.example has other addresses: li@kust\.example$/,
  );
  await refuses(['--to', 'lu@kust.example'], EXIT.failed, /there is no address lu@kust\.example here$/);
  await refuses([], EXIT.usage, /say which/);
  await refuses(['--since', '2026-09-16'], EXIT.usage, /say which/);
  for (const name of ['from', 'to', 'message-id']) await refuses([`--${name}`, '<>'], EXIT.usage, /is empty/);
  await refuses(['\u001b[2J'], EXIT.usage, /no id/);
  await refuses([queueId, '--to', 'z@x.example'], EXIT.usage, /alone/);
  await refuses(['--to', 'a@x.example', '--since', 'yesterday'], EXIT.usage, /no time/);
  await refuses(['--to', 'a@x.example', '--limit', '0'], EXIT.usage, /1 to 1000/);
});
