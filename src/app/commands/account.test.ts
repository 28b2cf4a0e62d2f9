import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EXIT } from '#app/command.ts';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import { employee } from '#directory/testing/person.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem, type TestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const WANG = 'wang@kust.example';

async function signsIn({ system }: TestSystem, login: string, password: string): Promise<boolean> {
  const result = await system.directory.signIn({ login, password, protocol: 'imap', remoteAddress: '127.0.0.1' });
  return result.ok;
}

test('an account is created with mailboxes and quota, and can be signed in to', async (t) => {
  const house = await openTestSystem(t);
  await assert.rejects(
    house.run(['account', 'create', LI]),
    failsWith(EXIT.failed, /campusmail domain add kust\.example/),
  );
  await assert.rejects(house.run(['account', 'create', 'li']), failsWith(EXIT.usage, /no address/));
  await house.run(['domain', 'add', 'KUST.example']);
  assert.match((await house.run(['domain', 'add', 'kust.example'])).out, /already/);

  const words = ['account', 'create', 'Li@kust.example', '--password-stdin', '--name', 'علي 李', '--quota', '2G'];
  const created = await house.run(words, 'Rosen-und-7-Brücken\n');
  assert.equal(created.out, `Created ${LI} (#1), quota 2 GB.\n`);
  assert.equal(created.err, '');
  assert.ok(await signsIn(house, LI, 'Rosen-und-7-Brücken'));
  await assert.rejects(house.run(['account', 'create', LI]), failsWith(EXIT.failed, /exists already/));

  const shown = JSON.parse((await house.run(['account', 'show', LI, '--json'])).out);
  assert.deepEqual(
    [shown.accountId, shown.addresses, shown.name, shown.state, shown.quotaBytes],
    [1, [LI], 'علي 李', 'active', 2 * 1024 ** 3],
  );
  assert.deepEqual(
    shown.mailboxes.map((mailbox: { path: string }) => mailbox.path),
    ['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash'],
  );
  assert.match((await house.run(['account', 'show', '#1'])).out, /quota +2 GB\n/);
  await assert.rejects(
    house.run(['account', 'show', 'li@kust.exmaple']),
    failsWith(EXIT.failed, /kust\.exmaple is not a domain of this server; its domains: kust\.example$/),
  );
});

test('without a password a good one is made and printed', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const { out } = await house.run(['account', 'create', LI]);
  const password = /Password: (\S+)\n/.exec(out)?.[1] ?? '';
  assert.match(password, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  assert.ok(await signsIn(house, LI, password));
  const { quotaBytes } = await house.system.mail.account(1 as never).status();
  assert.equal(quotaBytes, house.system.config.limits.quotaBytes);

  const json = JSON.parse((await house.run(['account', 'password', LI, '--json'])).out);
  assert.ok(await signsIn(house, LI, json.password));
  assert.notEqual(json.password, password);
});

test('accounts that nobody has signed in to for long are listed', async (t) => {
  const house = await openTestSystem(t);
  const { clock, journal, signinStore } = house.system;
  await house.run(['domain', 'add', 'kust.example']);
  for (const address of [LI, WANG, 'new@kust.example']) await house.run(['account', 'create', address]);
  let records = 0;
  const record = async (id: number, daysAgo: number, outcome: string) => {
    const at = clock.now() - daysAgo * DAY_MS;
    const place = { protocol: 'imap', address: '192.0.2.1', place: '', agent: '' };
    await signinStore.run('record', { accountId: id as AccountId, recordId: `${records++}`, at, outcome, ...place });
  };
  await record(1, 400, 'ok');
  await record(1, 200, 'ok');
  await record(1, 1, 'password');
  await record(2, 120.5, 'ok');
  await journal.tidy();
  const idle = async (days: string) =>
    (await house.run(['account', 'list', '--idle', days, '--addresses'])).out.split('\n').slice(0, -1);
  assert.deepEqual(await idle('201'), []);
  assert.deepEqual(await idle('180'), [LI]);
  assert.deepEqual(await idle('120'), [LI, WANG]);
  assert.match((await house.run(['account', 'show', WANG])).out, /last in +\d{4}-\d\d-\d\dT/);
  assert.match((await house.run(['account', 'show', 'new@kust.example'])).out, /last in +-\n/);
  await assert.rejects(house.run(['account', 'list', '--idle', '0']), failsWith(EXIT.usage, /1 to 9999/));
});

test('accounts that nobody uses are warned and frozen, and shown with what comes of them', async (t) => {
  const rules = '[roster]\nidle = ["staff warned=150 frozen=365"]';
  const house = await openTestSystem(t, rules, 'postmaster = "post@kust.example"');
  const { directory, mail } = house.system;
  await house.run(['domain', 'add', 'kust.example']);
  for (const address of [LI, WANG, 'post@kust.example']) await house.run(['account', 'create', address]);
  const said = async (...words: string[]): Promise<string> => (await house.run(words)).out;
  assert.match(await said('account', 'show', LI), /^unused +no$/m);
  assert.equal(await said('idle', 'status'), 'Of 3 active accounts 0 would be frozen, at most 1.\n');
  await assert.rejects(house.run(['idle', 'freeze']), failsWith(EXIT.usage, /--yes/));

  const began = house.system.clock.now();
  t.mock.timers.enable({ apis: ['Date'], now: began + 400 * DAY_MS });
  assert.match(await said('account', 'show', LI), /^unused +warned 20\S+, frozen from 20/m);
  assert.equal(await said('idle', 'freeze', '--yes'), 'Frozen: 0 accounts that nobody used.\n');
  const inbox = (await mail.account(1 as AccountId).mailboxes()).find(({ role }) => role === 'inbox');
  assert.equal(inbox?.totalEmails, 1, 'the warning');
  t.mock.timers.setTime(began + 431 * DAY_MS);
  assert.match(
    await said('account', 'list', '--idle', '400'),
    new RegExp(`${LI}.*frozen from .*\\n.*${WANG}.*frozen from`),
  );
  assert.match(await said('doctor', 'store', '--json'), /"idle accounts"[^\n]*2 of 3 active accounts[^\n]*none is/);
  assert.match(await said('idle', 'status'), /2 would be frozen, at most 1: more than may be, so none is/);
  assert.equal(await said('idle', 'freeze', '--yes'), 'Frozen: 2 accounts that nobody used.\n');
  assert.equal((await directory.account(1 as AccountId))?.stage, 'frozen');
  assert.match(await said('account', 'list', '--stage', 'frozen', '--addresses'), new RegExp(`${LI}\n${WANG}`));
  assert.match(await said('account', 'show', LI), /^stage +frozen since 20/m);
});

test('the help desk sees what somebody signs in with, and nothing of it', async (t) => {
  const house = await openTestSystem(t);
  const { directory, selfService, clock } = house.system;
  await house.run(['domain', 'add', 'kust.example']);
  const passwords = ['Kust1231002X'];
  const enrol = (number: string, initialExpiresAt: number | null) =>
    directory.enrolPeople([
      {
        person: employee(number, '李梅'),
        account: { address: `${number}@kust.example`, stage: 'pending', initialPasswords: passwords, initialExpiresAt },
      },
    ]);
  await enrol('1', clock.now() + DAY_MS);
  await enrol('2', clock.now() - 1);
  await enrol('3', null);
  const person = async (number: string): Promise<string> => (await house.run(['person', 'show', number])).out;
  assert.match(await person('1'), /^stage +pending\npassword +the initial one, not used yet, good until 20/m);
  assert.match(await person('2'), /^password +the initial one, never used, ran out 20/m);
  assert.match(await person('3'), /^password +the initial one, not used yet$/m);
  const id = (await directory.findPerson('3'))?.accountId as AccountId;
  const show = async (): Promise<string> => (await house.run(['account', 'show', '3'])).out;
  assert.match(await show(), /^held +no\ntelephone +none\nsecond +no second step\nprograms +0 client passwords$/m);
  await house.run(['account', 'stage', '3', 'active']);
  await house.run(['account', 'password', '3']);
  await house.run(['account', 'hold', '3', '审计']);
  await selfService.bindPhone(id, '+8613800001234');
  const secret = await directory.makeClientPassword(id, '手机', ['imap']);
  const unused = { name: '', usedAt: null, usedFrom: '' };
  await directory.addFactor({ accountId: id, factorId: 'totp', kind: 'totp', secret: 'sealed', ...unused });
  assert.match(await person('3'), /^stage +active\npassword +set 20\S+; an initial one is good no more$/m);
  const shown = await show();
  assert.match(shown, /^held +审计\ntelephone +138\*{4}1234\nsecond +totp\nprograms +1 client password$/m);
  for (const hidden of [secret, '13800001234', 'sealed', ...passwords]) assert.ok(!shown.includes(hidden));
});

test('a weak password is taken with a warning', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const { err } = await house.run(['account', 'create', LI, '--password', 'secret']);
  assert.match(err, /warning: the password is weak: it has fewer than 10 characters/);
  assert.ok(await signsIn(house, LI, 'secret'));
  await assert.rejects(
    house.run(['account', 'password', LI, '--password', 'a', '--password-stdin']),
    failsWith(EXIT.usage, /not both/),
  );
  await assert.rejects(
    house.run(['account', 'password', LI, '--password-stdin'], '\n'),
    failsWith(EXIT.usage, /empty/),
  );
});

test('a creation that was interrupted is completed by running it again', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const accountId = await house.system.directory.createAccount(LI, 'Rosen-und-7-Brücken');
  assert.match((await house.run(['account', 'list'])).out, /no mailboxes/);
  const again = await house.run(['account', 'create', LI, '--quota', 'none']);
  assert.match(again.out, /existed without mailboxes; they are made/);
  assert.equal((await house.system.mail.account(accountId).status()).quotaBytes, null);
});

test('accounts are listed, by domain too, with columns that line up', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['domain', 'add', '邮件.example']);
  await house.run(['account', 'create', LI, '--name', '李']);
  await house.run(['account', 'create', 'wang@邮件.example', '--quota', '500M']);
  const { out } = await house.run(['account', 'list']);
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  assert.equal(lines[0]?.indexOf('active'), lines[1]?.indexOf('active'));
  const only = await house.run(['account', 'list', '--domain', '邮件.example', '--json']);
  assert.deepEqual(JSON.parse(only.out).addresses, ['wang@xn--5nq051n.example']);
  await assert.rejects(house.run(['account', 'list', '--domain', 'x.example']), failsWith(EXIT.failed, /domain add/));
  assert.match((await house.run(['domain', 'list'])).out, /xn--5nq051n\.example .* 邮件\.example\n/);
});

test('disable, enable, quota', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI, '--password', 'Rosen-und-7-Brücken']);
  await house.run(['account', 'disable', LI, '--refuse-mail']);
  assert.equal(await signsIn(house, LI, 'Rosen-und-7-Brücken'), false);
  assert.match((await house.run(['account', 'show', LI])).out, /disabled, mail to it is refused/);
  await house.run(['account', 'enable', LI]);
  assert.ok(await signsIn(house, LI, 'Rosen-und-7-Brücken'));
  assert.match((await house.run(['account', 'quota', LI, '1.5GB'])).out, /is 1\.5 GB; it uses 0 octets/);
  await assert.rejects(house.run(['account', 'quota', LI, 'lots']), failsWith(EXIT.usage, /500M, 10G or none/));
  await assert.rejects(
    house.run(['account', 'quota', 'nobody@kust.example', '1G']),
    failsWith(EXIT.failed, /no account/),
  );
});

test('an account is deleted with its mail, also one that only its mail is left of', async (t) => {
  const house = await openTestSystem(t);
  const { system } = house;
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI]);
  await house.run(['alias', 'add', 'li.si@kust.example', LI]);
  await assert.rejects(
    house.run(['domain', 'remove', 'kust.example']),
    failsWith(EXIT.failed, /account list --domain/),
  );
  await assert.rejects(house.run(['account', 'delete', LI]), failsWith(EXIT.usage, /add --yes/));
  const login = await house.run(['account', 'password', LI, '--json']);
  assert.ok(await signsIn(house, LI, JSON.parse(login.out).password));
  const id = 1 as AccountId;
  await system.journal.write({ accountId: id, protocol: 'imap', address: '192.0.2.1', agent: '', outcome: 'ok' });
  assert.equal((await system.journal.lastSignIns([id])).size, 1);
  await house.run(['account', 'delete', 'li.si@kust.example', '--yes']);
  assert.equal((await system.journal.lastSignIns([id])).size, 0);
  assert.deepEqual(await system.mailStore.reader.accountIds(), []);
  assert.equal(await system.directory.findAddress(LI), undefined);
  await assert.rejects(house.run(['account', 'delete', LI, '--yes']), failsWith(EXIT.failed, /no account/));

  await system.mail.account(77 as never).provision();
  await house.run(['account', 'delete', '#77', '--yes']);
  assert.deepEqual(await system.mailStore.reader.accountIds(), []);
  await house.run(['domain', 'remove', 'kust.example']);
  await assert.rejects(
    house.run(['domain', 'remove', 'kust.example']),
    failsWith(EXIT.failed, /no domain of this server/),
  );
});

test('aliases', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI]);
  await house.run(['account', 'create', 'wang@kust.example']);
  assert.match(
    (await house.run(['alias', 'add', 'Chef@kust.example', LI])).out,
    /Mail to chef@kust\.example arrives at li@/,
  );
  assert.match((await house.run(['alias', 'add', 'chef@kust.example', LI])).out, /already/);
  await assert.rejects(
    house.run(['alias', 'add', 'chef@kust.example', 'wang@kust.example']),
    failsWith(EXIT.failed, /belongs to li@kust\.example/),
  );
  await assert.rejects(house.run(['alias', 'add', 'a@b.example', LI]), failsWith(EXIT.failed, /domain add b\.example/));
  await assert.rejects(house.run(['alias', 'remove', LI]), failsWith(EXIT.failed, /primary address/));
  await house.run(['alias', 'remove', 'chef@kust.example']);
  await assert.rejects(house.run(['alias', 'remove', 'chef@kust.example']), failsWith(EXIT.failed, /no address/));
});

test('a table of accounts is imported: errors are named, the rest goes on, twice is once', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const table = [
    '姓名 is no column here',
    'a@kust.example,Rosen-und-7-Brücken,"张, 三"',
    'no address,x,y',
    'b@other.example,Rosen-und-7-Brücken,B',
    'c@kust.example,,"He said ""hi"""',
    'a@kust.example,other,A again',
    '',
  ].join('\r\n');
  writeFileSync(join(house.folder, 'people.csv'), table);
  const first = await house.run(['account', 'import', 'people.csv', '--quota', '1G']);
  assert.equal(first.exit, EXIT.failed);
  assert.match(first.err, /^line 1: "姓名 is no column here" is no address$/m);
  assert.match(first.err, /^line 3: "no address" is no address$/m);
  assert.match(first.err, /^line 4: other\.example is not a domain/m);
  const made = /^c@kust\.example,(\S+)\n$/.exec(first.out)?.[1] ?? '';
  assert.ok(await signsIn(house, 'c@kust.example', made));
  assert.ok(await signsIn(house, 'a@kust.example', 'Rosen-und-7-Brücken'));
  const listed = (await house.run(['account', 'list', '--json'])).out;
  const names = Array.from(listed.matchAll(/"name":("(?:[^"\\]|\\.)*")/g), ([, name]) => JSON.parse(name!) as string);
  assert.deepEqual(new Set(names), new Set(['He said "hi"', '张, 三']));
  assert.equal(listed.match(/"quotaBytes":1073741824\b/g)?.length, 2);

  const second = await house.run(['account', 'import', 'people.csv']);
  assert.equal(second.out, '');
  assert.match(second.err, /0 accounts created, 3 there already, 3 failed/);
  await assert.rejects(
    house.run(['account', 'import', 'missing.csv']),
    failsWith(EXIT.failed, /cannot read .*missing\.csv/),
  );
});

test('a table may name its columns, and be GB 18030 with semicolons', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const octets = Buffer.concat([
    Buffer.from('Name;Address;Quota;Password\n'),
    Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]), // 张三
    Buffer.from(';zhang@kust.example;none;Rosen-und-7-Bruecken\n'),
  ]);
  writeFileSync(join(house.folder, 'people.csv'), octets);
  assert.equal((await house.run(['account', 'import', 'people.csv'])).exit, EXIT.ok);
  const shown = JSON.parse((await house.run(['account', 'show', 'zhang@kust.example', '--json'])).out);
  assert.deepEqual([shown.name, shown.quotaBytes], ['张三', null]);
  writeFileSync(join(house.folder, 'odd.csv'), 'address,passwort\n');
  await assert.rejects(house.run(['account', 'import', 'odd.csv']), failsWith(EXIT.failed, /no column "passwort"/));
});

test('the class of an account is its own or that of its domain', async (t) => {
  const house = await openTestSystem(
    t,
    '[[realm]]\nname = "student"\ndomain = "STU.kust.example"\nclass = "student"\n[class.student]\nnew_per_day = 7',
  );
  assert.equal(house.system.config.class.student.newPerDay, 7);
  assert.equal(house.system.config.class.staff.newPerDay, 300);
  for (const domain of ['kust.example', 'stu.kust.example']) await house.run(['domain', 'add', domain]);
  for (const address of [LI, 'wang@stu.kust.example']) await house.run(['account', 'create', address]);
  const classes = async (): Promise<string[]> =>
    Array.from(
      (await house.run(['account', 'list', '--json'])).out.matchAll(/"serviceClass":"(\w+)"/g),
      ([, serviceClass = '']) => serviceClass,
    );
  assert.deepEqual(await classes(), ['staff', 'student']);
  assert.match((await house.run(['account', 'class', 'wang@stu.kust.example', 'alumni'])).out, /is alumni\.\n/);
  assert.deepEqual(await classes(), ['staff', 'alumni']);
  assert.match((await house.run(['account', 'class', '#2', 'default'])).out, /is student by its domain\.\n/);
  await assert.rejects(
    house.run(['account', 'class', LI, 'dean']),
    failsWith(EXIT.usage, /classes are staff, student/),
  );
});

test('sending is suspended with a reason, the queue held, and allowed as if nothing had been sent', async (t) => {
  const house = await openTestSystem(t);
  const { directory, queue, mail, ledger, clock, random } = house.system;
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI]);
  const { accountId } = (await directory.findAddress(LI))!;
  await queue.enqueue({
    queueId: newQueueId(clock.now(), random),
    message: mail.prepareMessage(Buffer.from('Subject: 通知\r\n\r\n')),
    envelope: { reversePath: LI, body: '8BITMIME', smtpUtf8: false, requireTls: false, accountId, priority: 0 },
    recipients: [{ address: 'x@example.net' }],
  });
  const limits = { outsidePerHour: 1, outsidePerDay: 1, newPerDay: 1 };
  assert.equal(await ledger.reserve(accountId, [LI], ['x@example.net'], limits), undefined);

  const suspended = await house.run(['account', 'sending', LI, 'suspend', '--reason', '疑似盗号 / stolen?']);
  assert.match(suspended.out, /may not send any more; it still receives\. Held in the queue: 1 delivery\.\n/);
  const { sending, sendingNote } = (await directory.senderStanding(accountId))!;
  assert.deepEqual([sending, sendingNote], ['suspended', '疑似盗号 / stolen?']);
  assert.match((await house.run(['account', 'list'])).out, /staff +active, may not send/);
  assert.match((await house.run(['account', 'show', LI])).out, /sending +suspended: 疑似盗号/);
  assert.equal((await queue.totals()).held, 1);

  const allowed = await house.run(['account', 'sending', LI, 'allow']);
  assert.match(allowed.out, /may send again\.\n1 delivery of it held: campusmail queue release/);
  assert.equal((await directory.senderStanding(accountId))?.sending, 'allowed');
  assert.equal(await ledger.judge(accountId, 1, limits), undefined);
  await assert.rejects(house.run(['account', 'sending', LI, 'forbid']), failsWith(EXIT.usage, /suspend or allow/));
  await assert.rejects(
    house.run(['account', 'sending', LI, 'allow', '--reason', 'x']),
    failsWith(EXIT.usage, /with suspend only/),
  );
});

test('account show tells in a line each where else mail goes, and whether somebody is away', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI, '--password', 'Rosen-und-7-Brücken']);
  const show = async (): Promise<string> => (await house.run(['account', 'show', LI])).out;
  assert.match(await show(), /^forwards +no\nvacation +no$/m);
  await house.run(['forward', 'set', LI, 'li@home.example', 'li2@home.example']);
  await house.run(['vacation', 'set', LI, '--text', '不在 Away', '--until', '2035-01-01']);
  assert.match(await show(), /^forwards +to li@home\.example, li2@home\.example\nvacation +answers until 2035-01-01/m);
  await house.run(['vacation', 'set', LI, '--text', 'Away', '--since', '2035-01-01']);
  assert.match(await show(), /^vacation +set, but not now: from 2035-01-01/m);
  const json = JSON.parse((await house.run(['account', 'show', LI, '--json'])).out);
  assert.deepEqual([json.forwardsTo.length, json.keepsCopy, json.isAway], [2, true, false]);
});

test('what opens an account beside its password is shown without secrets, and removed', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI, '--password', 'v9#Lq2!xTz']);
  const { directory } = house.system;
  const accountId = (await directory.findAddress(LI))?.accountId;
  assert.ok(accountId);
  const show = async (...options: string[]) => (await house.run(['account', 'second-step', LI, ...options])).out;
  assert.match(await show(), /Its password alone opens/);
  const client = await directory.makeClientPassword(accountId, '手机', ['imap', 'smtp']);
  const totp = {
    accountId,
    factorId: 'totp',
    kind: 'totp',
    name: '',
    secret: 'sealed',
    usedAt: null,
    usedFrom: '',
  } as const;
  await directory.addFactor(totp);
  const shown = await show();
  assert.match(shown, /^client "手机" \(imap, smtp\), not used\ntotp, not used\n$/);
  assert.doesNotMatch(shown, /sealed/);
  assert.equal(await signsIn(house, LI, client), true);
  assert.equal(await signsIn(house, LI, 'v9#Lq2!xTz'), false);
  assert.match(await show('--code'), /^[a-z2-7]{5}-[a-z2-7]{5} opens /);
  assert.match(await show('--remove'), /Removed 2 .*\nclient/);
  await assert.rejects(show('--code'), /a code would open nothing/);
  assert.equal(await signsIn(house, LI, 'v9#Lq2!xTz'), true);
  assert.match(await show('--end-all'), /1 client passwords and trusted browsers are gone/);
  assert.equal(await signsIn(house, LI, client), false);
});

test('the help desk sees whether somebody had a mailbox before the domain that is given up', async (t) => {
  const sunset = `[[domain_sunset]]\ndomain = "kmust.example"\nsuccessor = "kust.example"\nrefused = "2100-09-16"\n`;
  const house = await openTestSystem(t, sunset);
  for (const domain of ['kust.example', 'kmust.example']) await house.run(['domain', 'add', domain]);
  for (const address of [LI, 'wang@kust.example']) await house.run(['account', 'create', address]);
  await house.run(['alias', 'add', 'li@kmust.example', LI]);
  const shown = async (address: string) => (await house.run(['account', 'show', address])).out;
  assert.match(await shown(LI), /^agreed +to nothing yet\ncohort +legacy$/m);
  assert.match(await shown('wang@kust.example'), /^cohort +new$/m);
  const listed = async (cohort: string) =>
    (await house.run(['account', 'list', '--cohort', cohort, '--addresses'])).out;
  assert.deepEqual([await listed('legacy'), await listed('new')], [`${LI}\n`, 'wang@kust.example\n']);
  await assert.rejects(listed('old'), failsWith(EXIT.usage, /new or legacy/));
});
