/** domain.md T13: mail to both addresses is one copy; after the end the old one is refused naming the new; the default sender is flipped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '#app/config.ts';
import { openSystem } from '#app/system.ts';
import { silentLog } from '#base/log.ts';
import { DOMAIN, eventually, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { LineClient, openSmtp, readReply, smtpCommand } from '#test/harness/line-client.ts';
import { testEnvironment } from '#test/harness/server-process.ts';

const OLD_DOMAIN = 'kmust.example';
const OLD = `zhang.san@${OLD_DOMAIN}`;
const DAY = 86_400_000;

const refusedIn = (days: number): Readonly<Record<string, string>> => ({
  CAMPUSMAIL_DOMAIN_SUNSET: JSON.stringify([
    { domain: OLD_DOMAIN, successor: DOMAIN, refused: new Date(Date.now() + days * DAY).toISOString() },
  ]),
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
});

test('T13: one copy while both live; afterwards 550 5.1.6 with the new address, and the new one is written from', async () => {
  await using campus = await openCampus({
    settings: refusedIn(100),
    async prepare({ directory }) {
      await directory.addDomain(OLD_DOMAIN);
      const zhang = (await directory.findAddress(ZHANG))?.accountId;
      assert.ok(zhang);
      await directory.addAlias(zhang, OLD);
      await directory.setDefaultSender(zhang, OLD);
    },
  });
  await campus.deliver([OLD, ZHANG], 'From: friend@elsewhere.example\r\nSubject: once\r\n\r\nhello\r\n');
  const imap = await campus.openImap(OLD);
  assert.match((await imap.command('STATUS INBOX (MESSAGES)')).join('\n'), /MESSAGES 1\)/);
  await campus.server.stop();

  const server = await campus.start(refusedIn(-1));
  const smtp = await openSmtp(server.ports['smtp'] as number);
  await smtpCommand(smtp, 'MAIL FROM:<friend@elsewhere.example>', '250');
  smtp.send(`RCPT TO:<${OLD}>\r\n`);
  const refused = await readReply(smtp);
  assert.equal(refused.code, 550);
  assert.match(refused.text, new RegExp(`5\\.1\\.6 <${OLD}>: moved, use <${ZHANG}>`));
  await smtpCommand(smtp, `RCPT TO:<${ZHANG}>`, '250');
  smtp.close();

  // Signing in by the old name goes on; sending from it does not.
  const client = await LineClient.open(server.ports['submission'] as number);
  const ask = async (line: string) => {
    client.send(`${line}\r\n`);
    return readReply(client);
  };
  await readReply(client);
  await ask('EHLO laptop');
  assert.equal((await ask(`AUTH PLAIN ${Buffer.from(`\0${OLD}\0${PASSWORD}`).toString('base64')}`)).code, 235);
  const blocked = await ask(`MAIL FROM:<${OLD}>`);
  assert.equal(blocked.code, 553);
  assert.match(blocked.text, new RegExp(`5\\.7\\.1 .*use <${ZHANG}>`));
  client.close();

  await eventually('the notice', async () => {
    const session = await campus.openImap(ZHANG, server.ports['imap']);
    return (await session.command('STATUS INBOX (MESSAGES)')).join('\n').includes('MESSAGES 2)');
  });
  await server.stop();
  const system = await openSystem(readConfig('', '', testEnvironment(campus.dataDir, refusedIn(-1))), silentLog);
  try {
    const zhang = (await system.directory.findAddress(ZHANG))?.accountId;
    assert.ok(zhang);
    assert.equal(await system.directory.defaultSender(zhang), ZHANG);
    const [noted] = await system.auditStore.reader.find({ action: 'administration.domain' }, 9);
    assert.match(noted?.text ?? '', /"subject":"kmust\.example".*"stage":"refused"/);
  } finally {
    await system.close();
  }
});
