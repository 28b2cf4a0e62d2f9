/** Mail from outside to accounts that filter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { defaultForwardingRules } from '#directory/forwarding-rules.ts';
import type { FilterRow, FilterRule } from '#directory/types.ts';
import { openForwardingCampus } from '#forwarding/testing/campus.ts';
import { LI, WANG, ZHAO } from '#groups/testing/campus.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { createDeliveryReceiver } from './receiver.ts';
import { makeTransaction, showReply } from './testing/campus.ts';

const OK = '250 2.0.0 Ok: queued as ID';
const ZONE = {
  'quarantine.example': { txt: ['v=spf1 -all'] },
  '_dmarc.quarantine.example': { txt: ['v=DMARC1; p=quarantine'] },
  'reject.example': { txt: ['v=spf1 -all'] },
  '_dmarc.reject.example': { txt: ['v=DMARC1; p=reject'] },
};

async function open() {
  const { campus, forwarding, posts } = await openForwardingCampus(defaultForwardingRules);
  const receiver = createDeliveryReceiver({
    ...campus,
    forwarding,
    hostname: 'mx.kust.example',
    random: systemRandom,
    log: silentLog,
    authentication: {
      resolver: new FakeDns(ZONE),
      dmarc: { atMost: 'reject', tempfailsOnTemperror: false, trustedSealers: [] },
      isExempt: () => false,
    },
  });
  const account = (address: string) => campus.mail.account(campus.accounts[address] ?? assert.fail());
  return {
    campus,
    posts,
    account,
    async send(subject: string, from = 'a@stranger.example', to = [LI]): Promise<string[]> {
      const octets = Buffer.from(
        `From: <${from}>\r\nTo: ${LI}\r\nSubject: ${subject}\r\nMessage-ID: <m@x>\r\n\r\nyou\r\n`,
      );
      return (await receiver.data(makeTransaction({ protocol: 'smtp', from, to }), octets)).map(showReply);
    },
    async filter(patch: Partial<FilterRow>, address = LI): Promise<void> {
      const accountId = campus.accounts[address] ?? assert.fail();
      await campus.directory.setFilter({
        accountId,
        rules: [],
        blocked: [],
        allowed: [],
        blockedInto: 'junk',
        ...patch,
      });
    },
    /** How many Emails each mailbox has that has any. */
    async places(address = LI): Promise<Record<string, number>> {
      const mailboxes = await account(address).mailboxes();
      return Object.fromEntries(mailboxes.flatMap(({ path, totalEmails: n }) => (n === 0 ? [] : [[path, n]])));
    },
  };
}

function rule(actions: Partial<FilterRule['actions']>, patch: Partial<FilterRule> = {}): FilterRule {
  return {
    name: 'courses',
    isEnabled: true,
    match: 'all',
    conditions: [{ field: 'subject', test: 'contains', value: 'course' }],
    actions: { mailboxId: null, keywords: [], forwardTo: [], ...actions },
    stops: false,
    ...patch,
  };
}

test('mail goes where a rule says, and to the inbox when that mailbox is gone', async () => {
  const { campus, account, send, filter, places } = await open();
  await using _ = campus;
  await account(LI).provision();
  const { mailboxId } = await account(LI).createMailbox({ path: '课程' });
  await filter({ rules: [rule({ mailboxId, keywords: ['$seen', 'work'] })] });
  assert.deepEqual(await send('course 1'), [OK]);
  assert.deepEqual(await send('other'), [OK]);
  assert.deepEqual(await places(), { INBOX: 1, 课程: 1 });
  await account(LI).renameMailbox({ mailboxId, path: '归档/课程' });
  assert.deepEqual(await send('course 2'), [OK]);
  assert.deepEqual(await places(), { INBOX: 1, '归档/课程': 2 });
  assert.equal((await account(LI).mailbox(mailboxId))?.unreadEmails, 0);
  await account(LI).deleteMailbox({ mailboxId, removeEmails: true });
  assert.deepEqual(await send('course 3'), [OK]);
  assert.deepEqual(await places(), { INBOX: 2 });
});

test('a rule sends on, and what is unwanted goes nowhere else', async () => {
  const { campus, posts, send, filter, places } = await open();
  await using _ = campus;
  await filter({ rules: [rule({ forwardTo: [WANG, 'me@home.example'] })], blocked: ['pest@stranger.example'] });
  await campus.directory.setVacation({
    accountId: campus.accounts[LI] ?? assert.fail(),
    isEnabled: true,
    subject: '',
    insideText: 'away',
    outsideText: 'away',
    from: null,
    until: null,
    days: 7,
  });
  await send('course', 'pest@stranger.example');
  assert.deepEqual([await places(), await places(WANG), posts.length], [{ Junk: 1 }, {}, 0]);
  await send('course');
  assert.deepEqual([await places(), await places(WANG), posts.length], [{ INBOX: 1, Junk: 1 }, { INBOX: 1 }, 1]);
  const [outside] = await campus.queue.list({}, { limit: 9 });
  assert.deepEqual(
    outside?.recipients.map(({ address }) => address),
    ['me@home.example'],
  );
});

test('the white list lets in what would be junk, and not what its domain wants refused', async () => {
  const { campus, send, filter, places } = await open();
  await using _ = campus;
  await filter({ allowed: ['quarantine.example', 'reject.example'] });
  assert.deepEqual(await send('x', 'a@quarantine.example', [LI, ZHAO]), [OK, OK]);
  assert.deepEqual([await places(), await places(ZHAO)], [{ INBOX: 1 }, { Junk: 1 }]);
  assert.match((await send('x', 'a@reject.example')).join(), /^550 5\.7\.26/);
});

test('filters that cannot be used do no harm', async () => {
  const { campus, send, filter, places } = await open();
  await using _ = campus;
  await filter({ rules: [rule({ keywords: ['no keyword (at all)'] })] });
  assert.deepEqual(await send('course'), [OK]);
  assert.deepEqual(await places(), { INBOX: 1 });
});

test('inside is who writes from a domain of ours', async () => {
  const { campus, account, send, filter, places } = await open();
  await using _ = campus;
  await account(LI).provision();
  const { mailboxId } = await account(LI).createMailbox({ path: 'inside' });
  await filter({ rules: [rule({ mailboxId }, { conditions: [{ field: 'origin', test: 'inside' }] })] });
  await send('x', 'a@stranger.example');
  await send('x', WANG);
  assert.deepEqual(await places(), { INBOX: 1, inside: 1 });
});
