/**
 * T15: base and delta migration run twice: identical counts; a message read on both sides stays read; deletions do not
 * delete; the report adds up by folder and octets. And: a closed account is listed, the owner sees how far it is.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTestSystem } from '#app/commands/testing/test-system.ts';
import { EXIT } from '#app/command.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { startServer, testAuthority } from '#imap/testing/test-server.ts';
import type { MailAccount } from '#mail/account.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import { parseCsv } from '#mime/csv.ts';
import type { SaslAuthority } from '#sasl/mechanism.ts';
import { openTestStore } from '#test/harness/stores.ts';

/** The old system's: who keeps it opens every mailbox. */
const KEEPER: SaslAuthority = {
  ...testAuthority,
  async verifyPassword(login, password) {
    const [name = '', keeper] = login.split('*');
    const accountId = { zhang: 1, li: 2 }[name] as AccountId | undefined;
    if (accountId === undefined || keeper !== 'keeper' || password !== 'geheim 密码')
      return { ok: false, reason: 'invalidCredentials' };
    return { ok: true, accountId, loginAddress: name };
  },
};

const at = (text: string): number => Date.parse(text);
const mailboxOf = async (account: MailAccount, path: string): Promise<MailboxId> =>
  (await account.findMailbox(path))?.mailboxId as MailboxId;

async function put(account: MailAccount, path: string, subject: string, date: string, keywords: string[] = []) {
  const text = `Message-ID: <${subject}@kmust.example>\r\nSubject: ${subject}\r\n\r\n${'x'.repeat(500)}\r\n`;
  const item = { message: account.prepareMessage(Buffer.from(text)), mailboxes: [await mailboxOf(account, path)] };
  await account.append({ items: [{ ...item, keywords, receivedAt: at(date) }], source: 'imap' });
}

/** `folder/subject keywords`, sorted: what somebody finds. */
async function list(account: MailAccount): Promise<string[]> {
  const found: string[] = [];
  for (const { path, mailboxId } of await account.mailboxes()) {
    const page = await account.emailsByTime({ mailboxId, isAscending: true, withFlags: true, limit: 1000 });
    const emailIds = page.map(({ emailId }) => emailId);
    const subjects = new Map((await account.listRows(emailIds)).map((row) => [row.emailId, row.summary.subject]));
    for (const row of await account.emails(emailIds))
      found.push(`${path}/${subjects.get(row.emailId)} ${unpackKeywords(row).join()}`);
  }
  return found.toSorted();
}

test('the mail of the old system is here once, after two passes that each ran twice', async (t) => {
  await using old = await startServer(await openTestStore('memory'), { authenticate: () => KEEPER });
  const [zhang, li] = [old.mail.account(1 as AccountId), old.mail.account(2 as AccountId)];
  const { system, run, folder } = await openTestSystem(
    t,
    `[migration]\nsource = "127.0.0.1:${old.port}"\ntls = "none"\nmaster_user = "keeper"\nmaster_password = "geheim 密码"\nmaster_separator = "*"\nbase_until = "2019-07-11T16:00:00Z"\n`,
  );
  await run(['domain', 'add', 'kust.example']);
  const here: Record<string, MailAccount> = {};
  for (const name of ['zhang', 'li', 'wang']) {
    await run(['account', 'create', `${name}@kust.example`, '--password', 'geheim 密码 42!', '--quota', '1K']);
    const address = await system.directory.findAddress(`${name}@kust.example`);
    here[name] = system.mail.account(address?.accountId as AccountId);
  }
  const mine = here['zhang'] as MailAccount;
  writeFileSync(
    join(folder, 'moves.csv'),
    'login,address\nzhang,zhang@kust.example\nli,li@kust.example\nwang,wang@kust.example\nx,nobody@kust.example\n',
  );
  const added = await run(['migrate', 'add', 'moves.csv']);
  assert.equal(added.exit, EXIT.failed);
  assert.match(
    added.err,
    /line 5: there is no account nobody@kust.example\n3 accounts added, 0 there already, 1 failed/,
  );

  await zhang.createMailbox({ path: '科研/国家基金 & Co', subscribed: true });
  for (let i = 0; i < 120; i++) await put(zhang, 'INBOX', `通知${i}`, '2019-07-01T10:00:00Z', i % 2 ? ['$seen'] : []);
  await put(zhang, '科研/国家基金 & Co', '申请书', '2018-01-01T00:00:00Z', ['$flagged', '$seen']);
  await put(zhang, 'INBOX', '到期后', '2019-07-11T16:00:00Z');
  await put(li, 'Sent', '已寄', '2019-01-01T00:00:00Z', ['$seen', '$answered']);

  const base = await run(['migrate', 'run', 'base']);
  assert.equal(base.exit, EXIT.failed);
  assert.match(base.out, /3 accounts, 1 closed there; 122 messages/);
  const afterBase = await list(mine);
  assert.equal(afterBase.length, 121);
  assert.ok(afterBase.includes('科研/国家基金 & Co/申请书 $seen,$flagged'));
  assert.match((await run(['migrate', 'run', 'base'])).out, /3 accounts, 1 closed there; 0 messages/);
  assert.deepEqual(await list(mine), afterBase);

  // Until the cut-over people work with the old system; some look at the new one already.
  const inbox = await mailboxOf(zhang, 'INBOX');
  const inboxHere = await mailboxOf(mine, 'INBOX');
  await zhang.setKeywords({ mailboxId: inbox, uids: [1], change: 'add', keywords: ['$seen'], deleted: false });
  await mine.setKeywords({ mailboxId: inboxHere, uids: [1], change: 'add', keywords: ['$seen'], deleted: false });
  await mine.setKeywords({ mailboxId: inboxHere, uids: [3], change: 'add', keywords: ['$seen'], deleted: false });
  await zhang.setKeywords({ mailboxId: inbox, uids: [5], change: 'add', keywords: ['$answered'], deleted: true });
  await zhang.expunge({ mailboxId: inbox, uids: [7, 8], onlyDeleted: false });
  const work = await mailboxOf(zhang, '科研/国家基金 & Co');
  await zhang.move({ fromMailboxId: inbox, toMailboxId: work, uids: [9] });
  await put(zhang, 'INBOX', '新来', '2019-09-10T00:00:00Z');

  assert.match((await run(['migrate', 'run', 'delta'])).out, /3 accounts, 1 closed there; 3 messages/);
  const afterDelta = await list(mine);
  assert.equal(afterDelta.length, 123);
  const line = (subject: string): string | undefined => afterDelta.find((text) => text.includes(`/${subject} `));
  assert.equal(line('通知0'), 'INBOX/通知0 $seen', 'read on both sides');
  assert.equal(line('通知2'), 'INBOX/通知2 $seen', 'read here');
  assert.equal(line('通知4'), 'INBOX/通知4 $answered', 'answered there');
  assert.equal((await mine.findMailbox('INBOX'))?.deletedEmails, 0);
  assert.ok(line('通知6') !== undefined && line('通知7') !== undefined, 'removed there');
  assert.equal(line('通知8'), 'INBOX/通知8 ', 'moved there');
  assert.match((await run(['migrate', 'run', 'delta'])).out, /3 accounts, 1 closed there; 0 messages/);
  assert.deepEqual(await list(mine), afterDelta);
  assert.deepEqual(await list(here['li'] as MailAccount), ['Sent/已寄 $seen,$answered']);

  const report = await run(['migrate', 'report']);
  assert.match(report.out, /wang@kust.example \(wang\): closed .*refuses/);
  assert.match(report.out, /zhang@kust.example \(zhang\): over its quota now/);
  assert.match(report.out, /3 accounts: 2 done, 1 closed/);
  assert.match(report.out, /Not brought, .*contacts/);
  const rows = parseCsv((await run(['migrate', 'report', '--csv'])).out, {
    maxRows: 100,
    maxCells: 2000,
    maxCellLength: 1000,
  }).map(({ fields }) => fields);
  const [header = [], ...lines] = rows;
  const cell = (fields: readonly string[], name: string): string => fields[header.indexOf(name)] ?? '';
  const ofZhang = lines.filter((fields) => cell(fields, 'login') === 'zhang');
  for (const { path, totalEmails, sizeBytes } of await zhang.mailboxes()) {
    const row = ofZhang.find((fields) => cell(fields, 'mailbox') === path) ?? [];
    const number = (name: string): number => Number(cell(row, name));
    assert.deepEqual([number('there_messages'), number('there_octets')], [totalEmails, sizeBytes], path);
    const gone = path === 'INBOX' ? 3 : 0;
    assert.equal(number('brought_messages') + number('present_messages'), totalEmails + gone, path);
  }
  const sum = (name: string): number => ofZhang.reduce((all, fields) => all + Number(cell(fields, name)), 0);
  const { usedBytes, usedMessages } = await mine.status();
  assert.deepEqual([sum('brought_messages'), sum('brought_octets')], [usedMessages, usedBytes]);
  assert.equal(sum('present_messages'), 1);

  assert.match((await run(['migrate', 'status'])).out, /done +2/);
  assert.match((await run(['migrate', 'status', 'zhang@kust.example'])).out, /科研\/国家基金 & Co +2 /);
  await assert.rejects(run(['migrate', 'run', 'both']), /base or delta/);
  assert.match((await run(['migrate', 'retry'])).out, /1 account, 1 closed there; 0 messages/);
});
