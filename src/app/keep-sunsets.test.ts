import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { Directory } from '#directory/directory.ts';
import type { DomainSunset } from '#directory/domain-lives.ts';
import { digestMessage } from '#mime/digest.ts';
import { openTestStore } from '#test/harness/stores.ts';
import type { TracedMessage } from '#trace/types.ts';
import type { AuditEvent } from '#audit/types.ts';
import { lookAfterSunsets, type SunsetParts } from './keep-sunsets.ts';

const NOW = Date.UTC(2020, 2, 1);
const sunset: DomainSunset = {
  domain: 'kmust.example',
  successor: 'kust.example',
  announcedAt: NOW,
  sendBlockedAt: NOW + 150 * DAY_MS,
  refusedAt: NOW + 180 * DAY_MS,
  goneAt: NOW + 545 * DAY_MS,
  setsReplyTo: true,
};

async function open() {
  const clock = new FakeClock(NOW - DAY_MS);
  const store = await openTestStore('memory', { clock });
  const directory = new Directory({
    store: store.directory,
    clock,
    random: systemRandom,
    log: silentLog,
    settings: {
      argon2id: { memoryKib: 8, iterations: 1, parallelism: 1 },
      domainPlans: { sunsets: [sunset], maintenance: [] },
    },
  });
  const mails: { readonly to: string; readonly subject: string; readonly octets: Buffer }[] = [];
  const events: AuditEvent[] = [];
  const parts: SunsetParts = {
    directory,
    traceReader: store.trace.reader,
    audit: { record: (event) => void events.push(event) },
    async post(octets, to) {
      mails.push({ to, subject: digestMessage(octets).summary.subject, octets });
    },
    hostname: 'mail.kust.example',
    clock,
    random: systemRandom,
    log: silentLog,
  };
  for (const domain of ['kmust.example', 'kust.example']) await directory.addDomain(domain);
  const zhang = await directory.createAccount('zhang@kust.example', 'Nicht-zu-raten-7');
  const li = await directory.createAccount('li@kust.example', 'Nicht-zu-raten-7');
  await directory.addAlias(zhang, 'zhang@kmust.example');
  await directory.addAlias(li, 'li@kmust.example');
  const writes = async (sender: string, recipient: string): Promise<void> => {
    const message: TracedMessage = {
      queueId: newQueueId(clock.now(), systemRandom),
      at: clock.now(),
      direction: 'in',
      accountId: null,
      sender,
      recipients: [recipient],
      messageId: 'x@y.example',
      subject: '',
      sizeBytes: 1,
      remoteAddress: '192.0.2.1',
      helo: '',
    };
    await store.trace.run('record', { traces: [{ message, events: [] }], events: [] });
  };
  return { clock, store, directory, parts, mails, events, zhang, li, writes, run: () => lookAfterSunsets(parts) };
}

test('who still receives at the old address is reminded once a date, with who writes there', async () => {
  const { clock, mails, writes, run, store } = await open();
  await writes('Editor@nature.example', 'zhang@kmust.example');
  await writes('editor@nature.example', 'ZHANG@kmust.example');
  await writes('bank@icbc.example', 'zhang@kmust.example');
  await writes('somebody@x.example', 'li@kust.example');
  await run();
  assert.equal(mails.length, 0);
  clock.advance(DAY_MS);
  await run();
  await run();
  assert.deepEqual(
    mails.map(({ to, subject }) => [to, subject]),
    [['zhang@kust.example', '@kmust.example 还有 180 天停用 (ends in 180 days)']],
  );
  const parts = (mails[0]?.octets.toString() ?? '').split('\r\n--');
  const partOf = (type: string): string => {
    const [, body = ''] = (parts.find((part) => part.includes(`Content-Type: ${type}`)) ?? '').split('\r\n\r\n');
    return Buffer.from(body.replaceAll('\r\n', ''), 'base64').toString();
  };
  const text = partOf('text/plain');
  assert.match(text, /zhang@kmust\.example 将于 2020年8月28日/);
  assert.match(text, / {2}editor@nature\.example \(2\)\r?\n {2}bank@icbc\.example \(1\)/);
  assert.match(text, /mailto:\?bcc=editor%40nature\.example%2Cbank%40icbc\.example&subject=/);
  assert.match(partOf('text/html'), /<a href="mailto:\?bcc=editor[^"]*&amp;subject=[^"]*">写信告诉他们/);
  await store.close();
});

test('who was away for several dates is reminded of the last alone, and of none when all is over', async () => {
  const { clock, mails, writes, run, store } = await open();
  clock.advance(170 * DAY_MS);
  await writes('li@kmust.example', 'editor@nature.example');
  clock.advance(4 * DAY_MS);
  await run();
  assert.deepEqual(
    mails.map(({ to, subject }) => [to, subject]),
    [['li@kust.example', '@kmust.example 还有 7 天停用 (ends in 7 days)']],
  );
  clock.advance(10 * DAY_MS);
  await run();
  assert.equal(mails.length, 1);
  await store.close();
});

test('each stage is noted once, and who writes from the old domain writes from the new one', async () => {
  const { clock, directory, events, mails, zhang, run, store } = await open();
  await directory.setDefaultSender(zhang, 'zhang@kmust.example');
  await run();
  clock.advance(DAY_MS);
  await run();
  await run();
  assert.equal(await directory.defaultSender(zhang), 'zhang@kmust.example');
  clock.advance(150 * DAY_MS);
  await run();
  await run();
  assert.equal(await directory.defaultSender(zhang), 'zhang@kust.example');
  assert.deepEqual(
    mails.map(({ to, subject }) => [to, subject]),
    [['zhang@kust.example', '默认发信地址已改为 zhang@kust.example (Your default sender has changed)']],
  );
  clock.advance(1000 * DAY_MS);
  await run();
  assert.deepEqual(
    events.map(({ subject, detail }) => [subject, detail?.['stage']]),
    ['announced', 'sendBlocked', 'gone'].map((stage) => ['kmust.example', stage]),
  );
  await store.close();
});
