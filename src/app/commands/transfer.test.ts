import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CommandFailure, EXIT } from '#app/command.ts';
import type { EmailId } from '#base/ids.ts';
import type { MailAccount } from '#mail/account.ts';
import { importCommand } from './import.ts';
import { openTestSystem, Person, type TestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const WANG = 'wang@kust.example';

async function openHouse(t: test.TestContext, toml = ''): Promise<TestSystem> {
  const house = await openTestSystem(t, toml);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI]);
  await house.run(['account', 'create', WANG]);
  return house;
}

function mboxOf(count: number, from = 0): string {
  let text = '';
  for (let i = from; i < from + count; i++) {
    text += `From li@kust.example Mon Sep 16 10:${String(i % 60).padStart(2, '0')}:00 2019\nSubject: ${i}\nStatus: ${i % 2 === 0 ? 'RO' : 'O'}\n\n>From ${i}\n\n`;
  }
  return text;
}

interface Listed {
  readonly subject: string;
  readonly receivedAt: number;
  readonly flags: number;
  readonly text: string;
}

async function list({ system }: TestSystem, account: MailAccount, path: string): Promise<Listed[]> {
  const mailbox = await account.mailboxes().then((all) => all.find((one) => one.path === path));
  assert.ok(mailbox, `there is no mailbox ${path}`);
  const columns = await system.mailStore.reader.entries(account.accountId, mailbox.mailboxId);
  const ids = Array.from(columns.emailIds) as EmailId[];
  const rows = await account.listRows(ids);
  return Promise.all(
    rows.map(async ({ emailId, summary, receivedAt }, i) => ({
      subject: summary.subject,
      receivedAt,
      flags: columns.flags[i] ?? 0,
      text: (await account.readMessage(emailId)).toString(),
    })),
  );
}

const accountOf = async ({ system }: TestSystem, address: string) =>
  system.mail.account((await system.directory.findAddress(address))!.accountId);

const imported = (out: string) => Number(/^Imported ([\d,]+) message/m.exec(out)?.[1]?.replace(',', ''));

test('an mbox comes in with flags and dates, once however often', async (t) => {
  const house = await openHouse(t);
  writeFileSync(join(house.folder, 'old.mbox'), mboxOf(120));
  const words = ['import', 'old.mbox', '--account', LI, '--mailbox', '归档 & Résumé/alt'];
  assert.equal(imported((await house.run(words)).out), 120);
  const account = await accountOf(house, LI);
  const listed = await list(house, account, '归档 & Résumé/alt');
  assert.deepEqual(
    listed.map(({ subject }) => subject),
    Array.from({ length: 120 }, (_, i) => String(i)),
  );
  assert.deepEqual(listed[7], {
    subject: '7',
    receivedAt: Date.UTC(2019, 8, 16, 10, 7),
    flags: 0,
    text: 'Subject: 7\r\n\r\nFrom 7\r\n',
  });
  assert.equal(listed[8]?.flags, 1);
  assert.equal(imported((await house.run(words)).out), 0);

  appendFileSync(join(house.folder, 'old.mbox'), mboxOf(3, 120));
  assert.equal(imported((await house.run(words)).out), 3);
  assert.equal((await account.status()).usedMessages, 123);
});

test('an mbox that was rewritten since is looked at again, without doubles', async (t) => {
  const house = await openHouse(t);
  const path = join(house.folder, 'old.mbox');
  writeFileSync(path, mboxOf(60));
  await house.run(['import', path, '--account', LI]);
  writeFileSync(path, mboxOf(61).replaceAll('Status: O\n', 'Status: RO\nX-Status: A\n'));
  const again = await house.run(['import', path, '--account', LI]);
  assert.equal(imported(again.out), 1);
  assert.match(again.out, /60 were there from an import that was interrupted/);
});

test('an import killed after the store committed and before the ledger knew adds nothing twice', async (t) => {
  const house = await openHouse(t);
  writeFileSync(join(house.folder, 'old.mbox'), mboxOf(130));
  const words = ['import', 'old.mbox', '--account', LI];
  await house.run(words);
  const imports = join(house.system.config.dataDir, 'imports');
  const ledger = join(imports, readdirSync(imports)[0]!);
  const lines = readFileSync(ledger, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 1 + 3);
  const account = await accountOf(house, LI);
  // However much of the ledger is lost, down to half of a line.
  for (const keep of [3, 2, 1]) {
    writeFileSync(ledger, `${lines.slice(0, keep).join('\n')}\n${lines[keep]?.slice(0, 20)}`);
    // The owner goes on meanwhile.
    const inbox = (await account.findMailbox('INBOX'))!;
    const archive = (await account.findMailbox('Archive'))!;
    await account.move({ fromMailboxId: inbox.mailboxId, toMailboxId: archive.mailboxId, uids: [inbox.uidNext - 1] });
    const { out } = await house.run(words);
    assert.equal(imported(out), 0, `with ${keep} lines`);
    assert.equal((await account.status()).usedMessages, 130);
  }
  assert.equal(statSync(ledger).mode & 0o077, 0);
});

test('whoever gives up can go on later', async (t) => {
  const house = await openHouse(t);
  writeFileSync(join(house.folder, 'old.mbox'), mboxOf(200));
  const person = new Person(house.folder);
  const { system } = house;
  const values = { account: LI };
  // The monotonic clock runs faster here, so that progress is shown after each batch.
  let ms = 0;
  const clock = { ...system.clock, now: () => system.clock.now(), monotonic: () => (ms += 1000) };
  person.onProgress = (text) => {
    if (text.startsWith('100 messages')) person.giveUp();
  };
  await assert.rejects(
    importCommand.run({ ...system, clock }, { positionals: ['old.mbox'], values }, person),
    (error) => error instanceof CommandFailure && /interrupted; run the command again/.test(error.message),
  );
  assert.equal(imported((await house.run(['import', 'old.mbox', '--account', LI])).out), 100);
});

test('what is too large is named and left out, and tried again the next time', async (t) => {
  const house = await openHouse(t, '[limits]\nmessage_bytes = 2048');
  const large = `From x Mon Sep 16 10:00:00 2019\nSubject: large\n\n${'x'.repeat(3000)}\n\n`;
  writeFileSync(join(house.folder, 'old.mbox'), mboxOf(2) + large + mboxOf(1, 2));
  const words = ['import', 'old.mbox', '--account', LI];
  const first = await house.run(words);
  assert.equal(first.exit, EXIT.failed);
  assert.equal(imported(first.out), 3);
  assert.match(first.err, /at octet \d+: has 2\.9 KB, more than limits\.message_bytes \(2 KB\)/);
  const again = await house.run(words);
  assert.deepEqual([again.exit, imported(again.out)], [EXIT.failed, 0]);
  const roomy = { ...house.system.config, limits: { ...house.system.config.limits, messageBytes: 10_000 } };
  const person = new Person(house.folder);
  const args = { positionals: ['old.mbox'], values: { account: LI } };
  assert.equal(await importCommand.run({ ...house.system, config: roomy }, args, person), EXIT.ok);
  assert.equal(imported(person.output), 1);
});

test('what is no mbox, no Maildir, not there or nobody’s is refused in words', async (t) => {
  const house = await openHouse(t);
  writeFileSync(join(house.folder, 'letter.eml'), 'Subject: x\n\ny\n');
  mkdirSync(join(house.folder, 'empty'));
  const refuses = (words: string[], pattern: RegExp) =>
    assert.rejects(house.run(words), (error) => error instanceof CommandFailure && pattern.test(error.message));
  await refuses(['import', 'letter.eml', '--account', LI], /is no mbox: it does not begin with/);
  await refuses(['import', 'empty', '--account', LI], /is no Maildir/);
  await refuses(['import', 'nothing', '--account', LI], /cannot read .*nothing/);
  await refuses(['import', 'letter.eml'], /Add --account/);
  await refuses(['import', 'letter.eml', '--account', 'x@kust.example'], /no account/);
  await refuses(['import', 'letter.eml', '--account', LI, '--mailbox', 'a//b'], /cannot be empty/);
});

function makeMaildir(root: string): void {
  const put = (folder: string, name: string, text: string, seconds: number): void => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, name), text);
    utimesSync(join(root, folder, name), seconds, seconds);
  };
  put('cur', '1568600000.M2P1.host,S=12:2,FRS', 'Subject: b\n\n', 1_568_600_100);
  put('cur', '1568500000.M1P1.host:2,Sab', 'Subject: a\n\n', 1_568_500_000);
  put('new', '1568700000.M3P1.host', 'Subject: c\r\n\r\n', 1_568_700_000);
  put('tmp', '1568700001.M4P1.host', 'half', 1);
  put('.Sent.2019/cur', '1.x:2,DPT', 'Subject: sent\n\n', 2);
  put('.&X1JoYw- &- R&AOk-sum&AOk-/cur', '1.x:2,', 'Subject: archived\n\n', 3);
  mkdirSync(join(root, '.Empty/cur'), { recursive: true });
  writeFileSync(join(root, 'dovecot-keywords'), '0 $Forwarded\n1 Wichtig\n');
}

test('a Maildir++ comes in with folders, flags, keywords and dates, once', async (t) => {
  const house = await openHouse(t);
  makeMaildir(join(house.folder, 'Maildir'));
  const words = ['import', 'Maildir', '--account', LI];
  assert.equal(imported((await house.run(words)).out), 5);
  const account = await accountOf(house, LI);
  const inbox = await list(house, account, 'INBOX');
  assert.deepEqual(
    inbox.map(({ subject }) => subject),
    ['a', 'b', 'c'],
  );
  assert.equal(inbox[1]?.receivedAt, 1_568_600_100_000);
  assert.equal(inbox[1]?.flags, 1 | 2 | 4);
  assert.equal((await list(house, account, 'Sent/2019'))[0]?.flags, 8 | 16 | 0x4000_0000);
  assert.equal((await list(house, account, '归档 & Résumé')).length, 1);
  assert.equal(imported((await house.run(words)).out), 0);

  // Read in the old system meanwhile: another name, the same message. And a new one.
  const cur = join(house.folder, 'Maildir/cur');
  writeFileSync(join(cur, '1568800000.M9P1.host:2,'), 'Subject: d\n\n');
  mkdirSync(join(house.folder, 'Maildir/.Sent.2019/new'), { recursive: true });
  assert.equal(JSON.parse((await house.run([...words, '--json'])).out).imported, 1);
  assert.equal((await account.status()).usedMessages, 6);

  assert.equal(imported((await house.run(['import', 'Maildir', '--account', WANG, '--mailbox', 'Old'])).out), 6);
  assert.equal((await list(house, await accountOf(house, WANG), 'Old/Sent/2019')).length, 1);
});

for (const format of ['maildir', 'mbox']) {
  test(`what is exported as ${format} comes back the same`, async (t) => {
    const house = await openHouse(t);
    makeMaildir(join(house.folder, 'Maildir'));
    await house.run(['import', 'Maildir', '--account', LI, '--mailbox', 'sub/a.b']);
    writeFileSync(join(house.folder, 'in.mbox'), mboxOf(3));
    await house.run(['import', 'in.mbox', '--account', LI]);
    const exported = await house.run(['export', LI, 'out', '--format', format]);
    assert.match(exported.out, /^Exported 8 messages/);
    const out = join(house.folder, 'out');
    const places = JSON.parse(readFileSync(join(out, 'mailboxes.json'), 'utf8')) as {
      mailbox: string;
      place: string;
    }[];
    await assert.rejects(house.run(['export', LI, 'out']), /is not empty/);

    if (format === 'maildir') {
      assert.equal(imported((await house.run(['import', 'out', '--account', WANG])).out), 8);
    } else {
      for (const { mailbox, place } of places) {
        await house.run(['import', join('out', place), '--account', WANG, '--mailbox', mailbox]);
      }
    }
    const [from, to] = [await accountOf(house, LI), await accountOf(house, WANG)];
    for (const { mailbox } of places) {
      if ((await to.findMailbox(mailbox)) === undefined) continue;
      const sameOrder = (rows: Listed[]) => rows.toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
      const before = sameOrder(await list(house, from, mailbox));
      const exact = (rows: Listed[]) =>
        // An mbox's dates have seconds, and no more.
        rows.map((row) => ({ ...row, receivedAt: Math.floor(row.receivedAt / 1000) }));
      assert.deepEqual(exact(sameOrder(await list(house, to, mailbox))), exact(before), mailbox);
    }
    assert.equal((await to.status()).usedMessages, 8);
    assert.equal(statSync(out).mode & 0o077, 0);
  });
}

test('a ledger cut off in the middle of its first line begins anew', async (t) => {
  const house = await openHouse(t);
  writeFileSync(join(house.folder, 'old.mbox'), mboxOf(2));
  const words = ['import', 'old.mbox', '--account', LI];
  await house.run(words);
  const imports = join(house.system.config.dataDir, 'imports');
  truncateSync(join(imports, readdirSync(imports)[0]!), 10);
  // Nothing is known then but the account itself: this is a new import.
  assert.equal(imported((await house.run(words)).out), 2);
});
