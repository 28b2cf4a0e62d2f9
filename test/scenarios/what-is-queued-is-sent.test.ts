/** Mail for elsewhere leaves by the queue, whatever happens to the server meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { SENDER_LIMITS } from '#queue/sender.ts';
import { FakeReceiver } from '#smtp/testing/fake-receiver.ts';
import { createSmtpServer } from '#smtp/server.ts';
import { DOMAIN, eventually, LI, openCampus, submit, WANG, ZHANG } from '#test/harness/campus.ts';
import { openSmtp, sendMessage } from '#test/harness/line-client.ts';
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

test('a letter to a list: members have it wherever they are, and what comes back is its owner’s', async () => {
  await using elsewhere = await openElsewhere();
  await using campus = await openCampus({
    // What comes from this machine is not trusted to be inside.
    settings: settingsFor(elsewhere.port, { CAMPUSMAIL_TRUST_EXEMPT_NETWORKS: '192.0.2.0/24' }),
  });
  const { submission, smtp, imap } = campus.server.ports as { submission: number; smtp: number; imap: number };
  const { dataDir } = campus.server;
  const staff = `staff@${DOMAIN}`;
  await mustRun(dataDir, ['group', 'create', staff, '--owner', WANG, '--name', '全体教师', '--list']);
  const members = [LI, ZHANG, 'friend@elsewhere.example', 'unknown@elsewhere.example'];
  await mustRun(dataDir, ['group', 'add', staff, ...members]);
  const stranger = await openSmtp(smtp);
  await assert.rejects(sendMessage(stranger, ZHANG, [staff], 'Subject: no\r\n\r\nno\r\n'), /550 5\.7\.1 /);
  stranger.close();

  assert.equal(await submit(submission, [staff, LI], 'notice'), 250);
  for (const login of [LI, ZHANG]) {
    const session = await campus.openImap(login, imap);
    assert.match((await session.command('STATUS INBOX (MESSAGES)')).join('\n'), /MESSAGES 1\b/, login);
  }
  await eventually('the letter to arrive elsewhere', () => elsewhere.receiver.messages.length === 1);
  const [{ transaction, message } = assert.fail()] = elsewhere.receiver.messages;
  assert.equal(transaction.reversePath.address, `staff-bounces@${DOMAIN}`);
  assert.match(message.toString('latin1'), /^List-Id: =\?utf-8\?.* <staff\.kust\.example>\r$/im);

  // The stranger's offer has left a trace, too.
  const id = /^(\w+) .* notice$/m.exec(await mustRun(dataDir, ['trace', '--to', staff]))?.[1] ?? assert.fail();
  assert.match(
    await mustRun(dataDir, ['trace', id]),
    /^ {2}.* redirected +staff@kust\.example .*mailboxes here: 2, addresses outside: 2 \(\w+\)$/m,
  );

  // One for later goes to those who are in it then.
  assert.equal(await submit(submission, [staff], 'tomorrow', ' HOLDFOR=3600'), 250);
  await mustRun(dataDir, ['group', 'remove', staff, 'unknown@elsewhere.example', LI]);
  await mustRun(dataDir, ['queue', 'retry', '--all']);
  await eventually('what was for later', () => elsewhere.receiver.messages.length === 2);
  const counts = [LI, ZHANG].map(async (login) => {
    const session = await campus.openImap(login, imap);
    return /MESSAGES (\d+)/.exec((await session.command('STATUS INBOX (MESSAGES)')).join('\n'))?.[1];
  });
  assert.deepEqual(await Promise.all(counts), ['1', '2']);

  const wang = await campus.openImap(WANG, imap);
  await eventually('the report', async () =>
    /MESSAGES 1\b/.test((await wang.command('STATUS INBOX (MESSAGES)')).join('\n')),
  );
  await wang.command('SELECT INBOX');
  const report = (await wang.command('FETCH 1 BODY.PEEK[]')).join('\n');
  assert.match(report, /^Final-Recipient: rfc822; unknown@elsewhere\.example\r?$/m);
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

test('what an account forwards leaves under its own reverse path, and what cannot be forwarded is told to it', async () => {
  await using elsewhere = await openElsewhere();
  await using campus = await openCampus({ settings: settingsFor(elsewhere.port) });
  const { submission, smtp, imap } = campus.server.ports as { submission: number; smtp: number; imap: number };
  const { dataDir } = campus.server;
  await mustRun(dataDir, ['forward', 'set', LI, 'friend@elsewhere.example', 'unknown@elsewhere.example']);
  assert.equal(await submit(submission, [LI], 'to be forwarded'), 250);
  await eventually('the forward', () => elsewhere.receiver.messages.length === 1);
  const [{ transaction } = assert.fail()] = elsewhere.receiver.messages;
  const reversePath = transaction.reversePath.address;
  assert.match(reversePath, /^SRS0=.*@kust\.example$/);
  const li = await campus.openImap(LI, imap);
  const count = async (number: number): Promise<boolean> =>
    (await li.command('STATUS INBOX (MESSAGES)')).join('\n').includes(`MESSAGES ${number})`);
  await eventually('the report', () => count(2));

  // What the other server says later.
  const client = await openSmtp(smtp);
  assert.equal((await sendMessage(client, '', [reversePath], 'Subject: undeliverable\r\n\r\nsorry\r\n')).code, 250);
  await eventually('the later report', () => count(3));
  assert.deepEqual(elsewhere.subjects(), ['to be forwarded']);
});

test('a stranger who writes to somebody who is away is told so once, and the answer leaves by the queue', async () => {
  await using elsewhere = await openElsewhere();
  await using campus = await openCampus({ settings: settingsFor(elsewhere.port) });
  const { submission, smtp } = campus.server.ports as { submission: number; smtp: number };
  const { dataDir } = campus.server;
  await mustRun(dataDir, ['vacation', 'set', LI, '--text', '我在休假。', '--subject', '休假 away']);
  const stranger = await openSmtp(smtp);
  for (const subject of ['first', 'second']) {
    const letter = `Subject: ${subject}\r\nTo: <${LI}>\r\nFrom: <friend@elsewhere.example>\r\n\r\nhello\r\n`;
    assert.equal((await sendMessage(stranger, 'friend@elsewhere.example', [LI], letter)).code, 250);
  }
  stranger.close();
  await eventually('the answer', () => elsewhere.receiver.messages.length === 1);
  const [{ transaction, message } = assert.fail()] = elsewhere.receiver.messages;
  assert.equal(transaction.reversePath.address, '');
  assert.deepEqual(
    transaction.forwardPaths.map(({ address }) => address),
    ['friend@elsewhere.example'],
  );
  assert.match(message.toString('latin1'), /^Auto-Submitted: auto-replied\r$/m);
  // What is sent later arrives later: there was no second answer.
  assert.equal(await submit(submission, ['friend@elsewhere.example'], 'later'), 250);
  await eventually('what was sent later', () => elsewhere.subjects().includes('later'));
  assert.equal(elsewhere.receiver.messages.length, 2);
});
