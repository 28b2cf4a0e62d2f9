/** Somebody has a person's password and sends what they can, by as many connections as they can. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, openCampus, PASSWORD, WANG, ZHANG } from '#test/harness/campus.ts';
import { LineClient, readReply } from '#test/harness/line-client.ts';
import { mustRun } from '#test/harness/server-process.ts';

const LIMIT = 20;
const CONNECTIONS = 50;

/** Sends one letter; answers the first reply that refuses it, or that to the letter. */
async function submit(port: number, from: string, to: string): Promise<string> {
  const client = await LineClient.open(port);
  const ask = async (line: string): Promise<string> => {
    client.send(`${line}\r\n`);
    const { code, text } = await readReply(client);
    return `${code} ${text}`;
  };
  try {
    await readReply(client);
    await ask('EHLO bot');
    const identity = Buffer.from(`\0${from}\0${PASSWORD}`).toString('base64');
    assert.match(await ask(`AUTH PLAIN ${identity}`), /^235 /);
    for (const line of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA']) {
      const reply = await ask(line);
      if (!/^[23]/.test(reply)) return reply;
    }
    return await ask(`From: ${from}\r\nSubject: 发票\r\n\r\nhttps://x.example\r\n.`);
  } finally {
    client.send('QUIT\r\n');
  }
}

test('fifty connections get no more through than one, then the account sends no more, and its owner reads why', async () => {
  const settings = {
    CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
    CAMPUSMAIL_SERVER_THREADS: '2',
    CAMPUSMAIL_AUTH_LIMITS_ON_LOOPBACK: 'false',
    // Nobody listens there: what was taken waits.
    CAMPUSMAIL_QUEUE_ROUTES: '* via 127.0.0.1:1',
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_HOUR: String(LIMIT),
    CAMPUSMAIL_SUBMISSION_SUSPEND_AFTER: '10',
  };
  await using campus = await openCampus({ settings });
  const { submission = 0 } = campus.server.ports;
  const replies = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) => submit(submission, ZHANG, `victim${i}@elsewhere.example`)),
  );
  assert.equal(replies.filter((reply) => reply.startsWith('250 ')).length, LIMIT, replies.join('\n'));
  const refused = replies.filter((reply) => !reply.startsWith('250 '));
  assert.ok(
    refused.every((reply) => /^(450 4\.7\.1|550 5\.7\.1) /.test(reply)),
    refused.join('\n'),
  );

  assert.match(
    await submit(submission, ZHANG, WANG),
    /^550 5\.7\.1 Sending from your account is suspended .*Ask postmaster@/,
  );
  assert.match(await submit(submission, WANG, 'friend@elsewhere.example'), /^250 /);

  // The owner signs in and reads; the postmaster, who is the oldest account, has the same two letters.
  const zhang = await campus.openImap(ZHANG);
  await eventually('the notices', async () =>
    /MESSAGES 4\b/.test((await zhang.command('STATUS INBOX (MESSAGES)')).join('\n')),
  );
  await campus.deliver(ZHANG, 'Subject: still here\r\n\r\n');

  // A restart forgives nothing.
  await campus.server.kill();
  await campus.start();
  const { submission: again = 0 } = campus.server.ports;
  assert.match(await submit(again, ZHANG, WANG), /^550 5\.7\.1 /);
  const ask = (...words: string[]): Promise<string> => mustRun(campus.dataDir, words);
  assert.match(await ask('account', 'list'), /zhang\.san@.* may not send/);
  assert.match(await ask('account', 'sending', ZHANG, 'allow'), /may send again/);
  assert.match(await submit(again, ZHANG, 'friend@elsewhere.example'), /^250 /);
});
