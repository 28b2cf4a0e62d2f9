import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupId, GroupRow } from '#directory/types.ts';
import { digestMessage } from '#mime/digest.ts';
import { parseHeader } from '#mime/header.ts';
import { bounceAddress, cameByList, formatListFields } from './list-fields.ts';

const group = (patch: Partial<GroupRow> = {}): GroupRow => ({
  groupId: 1 as GroupId,
  localPart: 'staff',
  domain: 'kust.example',
  displayName: '',
  posting: 'members',
  isList: true,
  createdAt: 0,
  ...patch,
});

test('a list says what it is, and how to leave it', () => {
  assert.equal(
    formatListFields(group()),
    'List-Id: staff <staff.kust.example>\r\n' +
      'List-Post: <mailto:staff@kust.example>\r\n' +
      'List-Unsubscribe: <mailto:staff-request@kust.example?subject=unsubscribe>\r\n' +
      'List-Owner: <mailto:staff-request@kust.example>\r\n' +
      'Precedence: list\r\n',
  );
  const fields = formatListFields(group({ localPart: 'a/b?c', posting: 'named' }));
  assert.match(fields, /^List-Post: NO\r$/m);
  assert.match(fields, /<mailto:a%2Fb%3Fc-request@kust\.example>/);
  assert.equal(bounceAddress(group()), 'staff-bounces@kust.example');
});

test('a message that came by the list is known again, whatever the list is called', () => {
  for (const displayName of [
    '',
    '全体教师 <all> "كل"',
    'Teachers, all',
    '"<x.y>"',
    '名'.repeat(255),
    'x'.repeat(255),
  ]) {
    const list = group({ displayName });
    const fields = formatListFields(list);
    for (const line of fields.split('\r\n')) assert.match(line, /^[\x20-\x7e]{0,998}$/);
    const octets = Buffer.from(`${fields}Subject: s\r\n\r\nt\r\n`);
    assert.deepEqual(
      parseHeader(octets).fields.map(({ lowerName }) => lowerName),
      ['list-id', 'list-post', 'list-unsubscribe', 'list-owner', 'precedence', 'subject'],
    );
    assert.ok(cameByList(octets, list), displayName);
    assert.ok(!cameByList(octets, group({ localPart: 'all' })));
    assert.equal(digestMessage(octets).summary.subject, 's');
  }
  const list = group();
  assert.ok(cameByList(Buffer.from('List-ID: <other.example>\r\nlist-id:\r\n <STAFF.kust.example> \r\n\r\n'), list));
  assert.ok(!cameByList(Buffer.from('Subject: <staff.kust.example>\r\n\r\nList-Id: <staff.kust.example>\r\n'), list));
  assert.ok(!cameByList(Buffer.from(''), list));
});
