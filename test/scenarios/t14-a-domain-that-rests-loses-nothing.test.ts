/** domain.md T14: in the cut-over's window other servers hear only 4xx, what is sent here waits, and nothing is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, LI, openCampus, submit, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';
import { openSmtp, readReply, smtpCommand } from '#test/harness/line-client.ts';

const HOUR = 3_600_000;

const restsUntil = (at: number): Readonly<Record<string, string>> => ({
  CAMPUSMAIL_MAINTENANCE: JSON.stringify([
    { from: new Date(Date.now() - HOUR).toISOString(), until: new Date(at).toISOString() },
  ]),
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
});

test('T14: while it rests other servers are asked to come back, and what is sent inside waits in the queue', async () => {
  await using campus = await openCampus({ settings: restsUntil(Date.now() + HOUR) });
  const smtp = await openSmtp(campus.server.ports['smtp'] as number);
  await smtpCommand(smtp, 'MAIL FROM:<friend@elsewhere.example>', '250');
  // Also for who may not have been brought over yet.
  for (const address of [ZHANG, 'not.yet@kust.example']) {
    smtp.send(`RCPT TO:<${address}>\r\n`);
    const { code, text } = await readReply(smtp);
    assert.equal(code, 451);
    assert.match(text, /^4\.3\.2 .*maintenance/);
  }
  smtp.close();
  assert.equal(await submit(campus.server.ports['submission'] as number, [LI], 'sent at eleven'), 250);
  const count = async (port: number | undefined): Promise<string> => {
    const imap = await campus.openImap(LI, port);
    return (await imap.command('STATUS INBOX (MESSAGES)')).join('\n');
  };
  assert.match(await count(campus.server.ports['imap']), /MESSAGES 0\)/);
  await campus.server.stop();

  const after = restsUntil(Date.now() - 1);
  const server = await campus.start(after);
  await campus.deliver(ZHANG, 'From: friend@elsewhere.example\r\nSubject: again\r\n\r\nhello\r\n');
  await mustRun(campus.dataDir, ['queue', 'retry', '--all'], after);
  await eventually('what was sent at eleven', async () =>
    /MESSAGES 1\)/.test(await count(server.ports['imap'])) ? true : undefined,
  );
});
