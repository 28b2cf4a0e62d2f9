import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readForeignFlags } from './flags.ts';
import { nameMailboxes } from './mailbox-name.ts';

const names = (
  ...listed: readonly [name: string | Buffer, attributes?: string, delimiter?: string][]
): (string | null)[][] =>
  nameMailboxes(
    listed.map(([name, attributes = '', delimiter = '/']) => ({
      name: Buffer.from(name as string),
      attributes: attributes === '' ? [] : attributes.split(' '),
      delimiter,
    })),
  ).map(({ levels, role }) => [levels.join('/'), role]);

test('special use comes before a name that sounds like it, and each role is given once', () => {
  assert.deepEqual(
    names(['inbox'], ['Sent'], ['&XfJT0ZAB-', '\\sent'], ['&g0l6P3ux-'], ['垃圾邮件'], ['Spam'], ['Alle', '\\all']),
    [
      ['INBOX', 'inbox'],
      ['Sent', null],
      ['已发送', 'sent'],
      ['草稿箱', 'drafts'],
      ['垃圾邮件', 'junk'],
      ['Spam', null],
      ['Alle', 'all'],
    ],
  );
  assert.deepEqual(names(['constructor'], ['work/Sent'], ['INBOX/Trash']), [
    ['constructor', null],
    ['work/Sent', null],
    ['INBOX/Trash', null],
  ]);
});

test('where everything stands below the inbox, that is no level', () => {
  assert.deepEqual(names(['INBOX', '', '.'], ['INBOX.Sent', '', '.'], ['INBOX.a.b/c', '', '.']), [
    ['INBOX', 'inbox'],
    ['Sent', 'sent'],
    ['a/b_c', null],
  ]);
});

test('names in GBK, of which some are UTF-8 as well; in UTF-8; and no names at all', () => {
  const gbk = (hex: string): Buffer => Buffer.from(hex, 'hex');
  assert.deepEqual(names([gbk('D1A7D0A3CDA8D6AA')], [gbk('B9A4D7F7D7DCBDE1')], ['通知/Résumé'], ['&broken'], ['//']), [
    ['学校通知', null],
    ['工作总结', null],
    ['通知/Résumé', null],
    ['&broken', null],
    ['_', null],
  ]);
});

test('flags that mean something, and those that only look like it', () => {
  const flags = ['\\Seen', '\\RECENT', '\\Deleted', '\\Odd', 'NonJunk', '$Forwarded', '已读', '$MDNSent'];
  assert.deepEqual(readForeignFlags(flags), {
    keywords: ['$seen', '$notjunk', '$forwarded', '$mdnsent'],
    deleted: true,
  });
});
