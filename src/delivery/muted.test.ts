/** What follows in a conversation that its reader has muted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { defaultForwardingRules } from '#directory/forwarding-rules.ts';
import { openForwardingCampus } from '#forwarding/testing/campus.ts';
import { LI, WANG } from '#groups/testing/campus.ts';
import { createDeliveryReceiver } from './receiver.ts';
import { makeTransaction } from './testing/campus.ts';

test('mail of a muted conversation passes the inbox by, unless it is written to its reader alone', async () => {
  const { campus, forwarding } = await openForwardingCampus(defaultForwardingRules);
  const receiver = createDeliveryReceiver({
    ...campus,
    forwarding,
    hostname: 'mx.kust.example',
    random: systemRandom,
    log: silentLog,
  });
  const from = 'a@stranger.example';
  const send = async (name: string, to: readonly string[], header = '') => {
    const octets = Buffer.from(
      `From: <${from}>\r\nTo: ${to.join(', ')}\r\n${header}Subject: Re: 聚餐\r\nMessage-ID: <${name}@x>\r\n` +
        'In-Reply-To: <first@x>\r\n\r\n好\r\n',
    );
    await receiver.data(makeTransaction({ protocol: 'smtp', from, to: [LI, WANG] }), octets);
  };
  const counts = async (address: string) => {
    const account = campus.mail.account(campus.accounts[address] ?? assert.fail());
    const mailboxes = (await account.mailboxes()).filter(({ totalEmails }) => totalEmails > 0);
    return Object.fromEntries(
      mailboxes.map(({ path, totalEmails, unreadEmails }) => [path, [totalEmails, unreadEmails]]),
    );
  };
  await send('first', [LI, WANG]);
  const li = campus.mail.account(campus.accounts[LI] ?? assert.fail());
  const [inbox] = await li.mailboxes();
  const mailboxId = inbox?.mailboxId ?? assert.fail();
  await li.setKeywords({ mailboxId, uids: [1], change: 'add', keywords: ['$Muted'], deleted: false });

  await send('second', [LI, WANG]);
  await send('third', [LI], `Cc: ${WANG}\r\n`);
  assert.deepEqual(await counts(LI), { INBOX: [1, 1], Archive: [2, 0] });
  await send('to one alone', [LI]);
  assert.deepEqual(await counts(LI), { INBOX: [2, 2], Archive: [2, 0] });
  // Nobody else is spared anything.
  assert.deepEqual(await counts(WANG), { INBOX: [4, 4] });
});
