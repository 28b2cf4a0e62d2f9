/** Mail for elsewhere leaves by the queue, whatever happens to the server meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { SENDER_LIMITS } from '#queue/sender.ts';
import { FakeReceiver } from '#smtp/testing/fake-receiver.ts';
import { createSmtpServer } from '#smtp/server.ts';
import { eventually, LI, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { LineClient, readReply } from '#test/harness/line-client.ts';
import { mustRun } from '#test/harness/server-process.ts';

/** Another domain's server on loopback; it knows nobody called `unknown`. */
async function openElsewhere() {
  const receiver = new FakeReceiver();
  const server = createSmtpServer({
    protocol: 'smtp',
    hostname: 'mx.elsewhere.example',
    receiver,
    log: silentLog,
    clock: systemClock,
    random: systemRandom,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    port,
    receiver,
    subjects: () =>
      receiver.messages.map(({ message }) => /^Subject: (.*)\r$/m.exec(message.toString('latin1'))?.[1] ?? ''),
    [Symbol.asyncDispose]: () => server.close({ drainMs: 0 }),
  };
}

/** Signs in and sends; answers the code of the reply to the message. */
async function submit(port: number, to: readonly string[], subject: string): Promise<number> {
  const client = await LineClient.open(port);
  const ask = async (text: string): Promise<number> => {
    client.send(`${text}\r\n`);
    return (await readReply(client)).code;
  };
  try {
    await readReply(client);
    await ask('EHLO laptop');
    const identity = Buffer.from(`\0${ZHANG}\0${PASSWORD}`).toString('base64');
    assert.equal(await ask(`AUTH PLAIN ${identity}`), 235);
    assert.equal(await ask(`MAIL FROM:<${ZHANG}>`), 250);
    for (const address of to) assert.equal(await ask(`RCPT TO:<${address}>`), 250, address);
    await ask('DATA');
    return await ask(`From: ${ZHANG}\r\nBcc: secret@elsewhere.example\r\nSubject: ${subject}\r\n\r\nhello\r\n.`);
  } finally {
    client.send('QUIT\r\n');
  }
}

function settingsFor(port: number, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
    CAMPUSMAIL_QUEUE_ROUTES: `elsewhere.example via 127.0.0.1:${port}`,
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_HOUR: '100000',
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_DAY: '100000',
    CAMPUSMAIL_CLASS_STAFF_NEW_PER_DAY: '100000',
    ...more,
  };
}

test('a letter to a colleague and to somebody elsewhere: one has it at once, the other soon, and Bcc is nobody’s', async () => {
  await using elsewhere = await openElsewhere();
  await using campus = await openCampus({ settings: settingsFor(elsewhere.port) });
  const { submission, imap } = campus.server.ports as { submission: number; imap: number };
  assert.equal(await submit(submission, [LI, 'friend@elsewhere.example', 'unknown@elsewhere.example'], 'one'), 250);
  const li = await campus.openImap(LI, imap);
  assert.match((await li.command('STATUS INBOX (MESSAGES)')).join('\n'), /MESSAGES 1\b/);
  await eventually('the letter to arrive elsewhere', () => elsewhere.receiver.messages.length === 1);
  const [{ transaction, message } = assert.fail()] = elsewhere.receiver.messages;
  assert.deepEqual(
    transaction.forwardPaths.map(({ address }) => address),
    ['friend@elsewhere.example'],
  );
  assert.doesNotMatch(message.toString('latin1'), /bcc/i);
  assert.match(message.toString('latin1'), /^Message-ID: <.+>\r$/m);

  // Whom elsewhere did not know is told to the sender.
  const zhang = await campus.openImap(ZHANG, imap);
  await eventually('the report', async () =>
    /MESSAGES 1\b/.test((await zhang.command('STATUS INBOX (MESSAGES)')).join('\n')),
  );
  await zhang.command('SELECT INBOX');
  const report = await zhang.command('FETCH 1 BODY.PEEK[]');
  assert.match(report.join('\n'), /^Final-Recipient: rfc822; unknown@elsewhere\.example\r?$/m);
  assert.match(report.join('\n'), /^Diagnostic-Code: smtp; 550 5\.1\.1 No such user\r?$/m);

  // Whoever answers the telephone sees the same.
  const trace = await mustRun(campus.server.dataDir, ['trace', '--to', 'unknown@elsewhere.example']);
  assert.match(trace, /^ {2}.* delivered +li\.si@kust\.example$/m);
  assert.match(trace, /^ {2}.* relayed +friend@elsewhere\.example .*2\.0\.0/m);
  assert.match(trace, /^ {2}.* failed +unknown@elsewhere\.example .*5\.1\.1 +550 No such user$/m);
  assert.match(trace, /^ {2}.* reported +unknown@elsewhere\.example +failed$/m);
  assert.match(await mustRun(campus.server.dataDir, ['queue', 'list']), /^0 messages /m);
});

test('what was accepted for elsewhere is sent after kill -9', async () => {
  await using elsewhere = await openElsewhere();
  const gate = Promise.withResolvers<void>();
  elsewhere.receiver.gate = gate.promise;
  await using campus = await openCampus({ settings: settingsFor(elsewhere.port) });
  const { submission } = campus.server.ports as { submission: number };
  const subjects = Array.from({ length: 12 }, (_, i) => `letter ${i}`);
  for (const subject of subjects)
    assert.equal(await submit(submission, [`${subject.replace(' ', '.')}@elsewhere.example`], subject), 250);
  await campus.server.kill();
  gate.resolve();
  elsewhere.receiver.gate = undefined;
  const before = elsewhere.receiver.messages.length;
  await campus.start();
  await eventually('all letters', () => new Set(elsewhere.subjects().slice(before)).size >= 12 - before);
  assert.deepEqual([...new Set(elsewhere.subjects())].toSorted(), subjects.toSorted());
  // Twice at most what the far side was taking when the server died: one message on each channel.
  const subjectsSeen = elsewhere.subjects();
  assert.ok(subjectsSeen.length - new Set(subjectsSeen).size <= SENDER_LIMITS.maxChannelsPerDestination);
});
