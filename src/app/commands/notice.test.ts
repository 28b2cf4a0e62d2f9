import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { decodePartText } from '#mime/body-text.ts';
import { parseMessage } from '#mime/message.ts';
import { openTestSystem } from './testing/test-system.ts';

const SETTINGS = `
[[realm]]
name = "staff"
domain = "kust.example"
more_domains = ["kmust.example"]
web = "mail.kust.example"
[[realm]]
name = "student"
domain = "stu.kust.example"
class = "student"
web = "mail.stu.kust.example"
[[realm]]
name = "oldmail"
domain = "oldmail.kust.example"
web = "oldmail.kust.example"
archive = "open"
retires = "2027-09-01"
successor = "staff"
[[domain_sunset]]
domain = "kmust.example"
successor = "kust.example"
announced = 2026-09-01
send_blocked = 2126-08-02
refused = 2126-09-01
`;

test('a notice is published, put into the mailboxes of whom it is for once, and withdrawn', async (t) => {
  const house = await openTestSystem(t, SETTINGS);
  const { system, folder, run } = house;
  for (const domain of ['kust.example', 'kmust.example', 'stu.kust.example', 'oldmail.kust.example'])
    await run(['domain', 'add', domain]);
  for (const address of [
    'li@kust.example',
    'wang@kust.example',
    '2023@stu.kust.example',
    'gone@kust.example',
    'li@oldmail.kust.example',
  ])
    await run(['account', 'create', address]);
  await run(['account', 'disable', 'gone@kust.example']);
  await run(['alias', 'add', 'li@kmust.example', 'li@kust.example']);
  const countMessages = async (address: string) => {
    const resolution = await system.directory.resolveAddress(address);
    assert.ok(resolution.kind === 'account');
    const found = await system.mailStore.reader.account(resolution.accountId);
    return found?.usedMessages;
  };

  assert.equal((await run(['notice', 'list'])).out, 'There are no notices.\n');
  writeFileSync(join(folder, 'body.txt'), '各部门：\n\n请见 https://kust.example/a。\n');
  writeFileSync(join(folder, '附件1.pdf'), '%PDF-1.7');
  const published = await run([
    'notice',
    'publish',
    '--title',
    '关于启用新版邮件系统的通知',
    '--number',
    '信息〔2026〕12 号',
    '--file',
    '附件1.pdf',
    'body.txt',
  ]);
  assert.equal(published.out, 'Notice 1 is published: https://mail.kust.example/notices/1\n');
  assert.match((await run(['notice', 'list'])).out, /^1 .* everybody {2}0 views {2}关于启用新版邮件系统的通知 \(信息/);

  const legacy = await run(['notice', 'send', '1', '--to', 'legacy']);
  assert.equal(legacy.out, 'Notice 1 was put into 1 mailboxes.\n');
  const all = await run(['notice', 'send', '1']);
  assert.equal(all.out, 'Notice 1 was put into 2 mailboxes; 1 had it already.\n');
  assert.equal((await run(['notice', 'send', '1'])).out, 'Notice 1 was put into 0 mailboxes; 3 had it already.\n');
  assert.deepEqual(await Promise.all(['li@kust.example', '2023@stu.kust.example'].map(countMessages)), [1, 1]);

  const students = ['notice', 'publish', '--title', '迎新', '--realm', 'student', '-'];
  assert.match((await run(students, '欢迎')).out, /^Notice 2 .*mail\.stu\.kust\.example/);
  assert.equal((await run(['notice', 'send', '2', '--to', 'staff'])).out, 'Notice 2 was put into 0 mailboxes.\n');
  assert.equal((await run(['notice', 'send', '2', '--to', 'students'])).out, 'Notice 2 was put into 1 mailboxes.\n');

  assert.equal((await run(['notice', 'withdraw', '2'])).out, 'Notice 2 is withdrawn.\n');
  await assert.rejects(run(['notice', 'send', '2']), /there is no notice 2/);
  assert.match((await run(['notice', 'list'])).out, /^2 .* student +withdrawn/);
});

test('the words of a notice are changed, each alone', async (t) => {
  const { system, run } = await openTestSystem(t);
  await run(['notice', 'publish', '--title', '停机', '--number', '1 号', '-'], '周五停机。');
  await assert.rejects(run(['notice', 'edit', '1']), /nothing is to be changed/);
  await assert.rejects(run(['notice', 'edit', '2', '--title', '停机']), /there is no notice 2/);
  await assert.rejects(run(['notice', 'edit', '1', '--title', ' ']), /has a title/);
  assert.equal((await system.notices.findAny(1))?.editedAt, null);
  assert.equal((await run(['notice', 'edit', '1', '-'], '周六停机。')).out, 'Notice 1 is changed.\n');
  await run(['notice', 'edit', '1', '--number', '']);
  const notice = await system.notices.findAny(1);
  assert.deepEqual([notice?.title, notice?.number, notice?.body], ['停机', '', '周六停机。']);
  assert.ok((notice?.editedAt ?? 0) >= (notice?.publishedAt ?? Infinity));
  await run(['notice', 'withdraw', '1']);
  await assert.rejects(run(['notice', 'edit', '1', '--title', '停机']), /there is no notice 1/);
});

test('who has no room for a notice gets it by a later run', async (t) => {
  const { run } = await openTestSystem(t);
  await run(['domain', 'add', 'kust.example']);
  await run(['account', 'create', 'li@kust.example']);
  await run(['account', 'quota', 'li@kust.example', '1']);
  await run(['notice', 'publish', '--title', '一', '-'], '正文');
  const first = await run(['notice', 'send', '1']);
  assert.deepEqual([first.exit, first.err], [1, '1 mailboxes could not take it: overQuota\n']);
  await run(['account', 'quota', 'li@kust.example', '1G']);
  assert.equal((await run(['notice', 'send', '1'])).out, 'Notice 1 was put into 1 mailboxes.\n');
});

test('the mail names the notice, its number, its files and its page', async (t) => {
  const { folder, run } = await openTestSystem(t);
  await run(['domain', 'add', 'kust.example']);
  await run(['account', 'create', 'li@kust.example']);
  writeFileSync(join(folder, '附件1.pdf'), '%PDF-1.7');
  const words = ['--title', '停机通知', '--number', '信息〔2026〕12 号', '--file', '附件1.pdf', '-'];
  await run(['notice', 'publish', ...words], '第一段。\n\n第二段。');
  await run(['notice', 'send', '1']);
  await run(['export', 'li@kust.example', 'out', '--format', 'mbox']);
  const [file] = readdirSync(join(folder, 'out')).filter((name) => /inbox/i.test(name));
  const octets = readFileSync(join(folder, 'out', file ?? ''));
  // After the line that separates messages of a mailbox.
  const message = octets.subarray(octets.indexOf('\n') + 1);
  const text = decodePartText(message, parseMessage(message).root).replaceAll('\r\n', '\n');
  assert.match(message.toString(), /^Auto-Submitted: auto-generated\r?$/m);
  assert.match(text, /^信息〔2026〕12 号\n\n第一段。\n\n第二段。\n\n-+\n/);
  assert.match(text, / {2}附件1\.pdf\n\n在网页上查看.*https:\/\/mail\.kust\.example\/notices\/1\n/);
});

test('what cannot be published is said in words', async (t) => {
  const { folder, run } = await openTestSystem(t);
  const publish = (...words: string[]) => run(['notice', 'publish', ...words], '正文');
  writeFileSync(join(folder, 'gbk.txt'), Buffer.from([0xb5, 0xe7, 0xd7, 0xd3]));
  await assert.rejects(publish('-'), /has a title/);
  await assert.rejects(publish('--title', ' ', '-'), /has a title/);
  await assert.rejects(publish('--title', '一', 'gbk.txt'), /not UTF-8/);
  await assert.rejects(publish('--title', '一', 'absent.txt'), /cannot be read: ENOENT/);
  await assert.rejects(publish('--title', '一', '--realm', 'x', '-'), /no realm "x"/);
  await assert.rejects(run(['notice', 'send', 'x']), /no notice x/);
  await assert.rejects(run(['notice', 'send', '1', '--to', 'x']), /goes to all, staff/);
});
