import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatVcard } from './vcard.ts';

const BARE = { '@type': 'Card', version: '1.0', uid: 'urn:uuid:1', kind: 'individual' } as const;

test('a contact is written as other programs read it', () => {
  const written = formatVcard({
    ...BARE,
    name: {
      components: [
        { kind: 'surname', value: '曾' },
        { kind: 'given', value: '国藩' },
      ],
    },
    emails: { e1: { address: 'zeng@x.example' } },
    organizations: { o: { name: '昆明, 大学', units: [{ name: '教务处' }] } },
    notes: { n: { note: '一\n二\rBEGIN:VCARD' } },
  });
  assert.deepEqual(written.split('\r\n'), [
    'BEGIN:VCARD',
    'VERSION:4.0',
    'UID:urn:uuid:1',
    'KIND:individual',
    'FN:曾国藩',
    'N:曾;国藩;;;',
    'EMAIL:zeng@x.example',
    'ORG:昆明\\, 大学;教务处',
    'NOTE:一\\n二\\nBEGIN:VCARD',
    'END:VCARD',
    '',
  ]);
});

test('long lines are folded between characters', () => {
  const note = '会议🀄'.repeat(40);
  const written = formatVcard({ ...BARE, notes: { n: { note } } });
  for (const line of written.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
  assert.ok(written.replaceAll('\r\n ', '').includes(`NOTE:${note}\r\n`));
});

test('a group names its members by their uids', () => {
  const written = formatVcard({ ...BARE, uid: 'k2', kind: 'group', members: { 'urn:uuid:1': true } });
  assert.match(written, /^UID;VALUE=text:k2\r$/m);
  assert.match(written, /^MEMBER:urn:uuid:1\r$/m);
});
