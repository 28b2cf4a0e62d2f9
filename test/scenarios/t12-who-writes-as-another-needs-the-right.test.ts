/** T12 (domain.md): MAIL FROM and From of another account, without the right to it and with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DOMAIN, eventually, LI, openCampus, PASSWORD, WANG, ZHANG, type Campus } from '#test/harness/campus.ts';
import { LineClient, readReply } from '#test/harness/line-client.ts';
import { mustRun } from '#test/harness/server-process.ts';

const BOX = `jwc@${DOMAIN}`;
const SETTINGS = { CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0', CAMPUSMAIL_SUBMISSION_SAVE_SENT: 'on' };

/** As ZHANG; the reply that ended it. */
async function submit({ server }: Campus, mailFrom: string, from: string, subject: string): Promise<string> {
  const client = await LineClient.open(server.ports['submission'] as number);
  try {
    await readReply(client);
    let reply = { code: 0, text: '' };
    const ask = async (text: string): Promise<number> => {
      client.send(`${text}\r\n`);
      reply = await readReply(client);
      return reply.code;
    };
    await ask('EHLO laptop');
    assert.equal(await ask(`AUTH PLAIN ${Buffer.from(`\0${ZHANG}\0${PASSWORD}`).toString('base64')}`), 235);
    if ((await ask(`MAIL FROM:<${mailFrom}>`)) !== 250) return `${reply.code} ${reply.text}`;
    assert.equal(await ask(`RCPT TO:<${LI}>`), 250);
    assert.equal(await ask('DATA'), 354);
    await ask(`From: ${from}\r\nTo: ${LI}\r\nSubject: ${subject}\r\n\r\nhello\r\n.`);
    return `${reply.code} ${reply.text}`;
  } finally {
    client.send('QUIT\r\n');
  }
}

test('without the right another sender is refused; with it the message goes, and who wrote it is on record', async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  const { dataDir } = campus;
  await mustRun(dataDir, ['mailbox', 'create', BOX, '--responsible', LI, '--name', '教务处'], SETTINGS);

  assert.match(await submit(campus, LI, LI, 'a'), /^553 5\.7\.1 /);
  assert.match(await submit(campus, BOX, BOX, 'a'), /^553 5\.7\.1 /);
  assert.match(await submit(campus, ZHANG, BOX, 'a'), /^550 5\.7\.1 /);
  for (const rights of [['read', 'write'], ['manage']]) {
    await mustRun(dataDir, ['mailbox', 'grant', BOX, ZHANG, ...rights], SETTINGS);
    assert.match(await submit(campus, BOX, BOX, 'a'), /^553 5\.7\.1 /);
  }

  const hers = await campus.openImap(LI);
  const headerOf = async (subject: string): Promise<string> =>
    eventually(subject, async () => {
      await hers.command('SELECT INBOX');
      const [found] = await hers.command(`SEARCH SUBJECT ${subject}`);
      const number = /^\* SEARCH (\d+)/.exec(found ?? '')?.[1];
      return number !== undefined && (await hers.command(`FETCH ${number} BODY.PEEK[HEADER]`)).join('\n');
    });

  await mustRun(dataDir, ['mailbox', 'grant', BOX, ZHANG, 'send-on-behalf'], SETTINGS);
  assert.match(await submit(campus, BOX, BOX, 'behalf'), /^250 /);
  assert.match(await headerOf('behalf'), new RegExp(`^Sender: ${ZHANG}\r?$`, 'm'));

  await mustRun(dataDir, ['mailbox', 'grant', BOX, ZHANG, 'send-as'], SETTINGS);
  assert.match(await submit(campus, ZHANG, BOX, 'alone'), /^250 /);
  const alone = await headerOf('alone');
  assert.match(alone, new RegExp(`^From: ${BOX}\r?$`, 'm'));
  assert.doesNotMatch(alone, /^Sender:/m);

  // The box has the copies, the writer has none; who wrote is in the record.
  const sent = await hers.command(`STATUS "Other Users/${BOX}/Sent" (MESSAGES)`);
  assert.match(sent.join(), /MESSAGES 2\)/);
  const his = await campus.openImap(ZHANG);
  assert.match((await his.command('STATUS Sent (MESSAGES)')).join(), /MESSAGES 0\)/);
  const record = await mustRun(dataDir, ['audit', 'list', '--json'], SETTINGS);
  const acts = record.split('\n').filter((line) => line.includes('identity.delegated-act'));
  assert.equal(acts.length, 2, record);
  assert.ok(acts.every((line) => line.includes(ZHANG)));

  await mustRun(dataDir, ['mailbox', 'revoke', BOX, ZHANG], SETTINGS);
  assert.match(await submit(campus, ZHANG, BOX, 'a'), /^550 5\.7\.1 /);
  await mustRun(dataDir, ['mailbox', 'grant', LI, WANG, 'send-as'], SETTINGS);
  assert.match(await submit(campus, ZHANG, LI, 'a'), /^550 5\.7\.1 /);
});
