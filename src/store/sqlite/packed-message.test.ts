/** What crosses to the writer is whole again there, and crosses once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareMessage } from '#mail/prepare-message.ts';
import { encodeRecord } from '#store/files/record.ts';
import { findMessages } from '#store/messages-in-args.ts';
import { MessagePacker, unpackMessage } from './packed-message.ts';

const octets = Buffer.from(
  'From: =?UTF-8?B?5p2O?= <li@campus.test>\r\nSubject: 关于选课\r\nMessage-ID: <1@campus.test>\r\n\r\n你好\r\n',
);

test('a message is the same on the other side', () => {
  const message = prepareMessage(octets, encodeRecord);
  const args = { items: [{ message, mailboxes: ['inbox'], keywords: [] }], source: 'smtp' };
  const [arrived] = findMessages(structuredClone(new MessagePacker().pack(args)));
  assert.ok(arrived);
  const json = unpackMessage(arrived);
  assert.deepEqual(json, {
    structure: JSON.stringify(message.digest.structure),
    summary: JSON.stringify(message.digest.summary),
  });
  assert.deepEqual({ ...arrived.digest }, message.digest);
  assert.deepEqual(arrived.threadKeys, message.threadKeys);
  assert.equal(Buffer.compare(arrived.blob.encoded, message.blob.encoded), 0);
});

test('the same arguments, or the same message in others, cross once', () => {
  const packer = new MessagePacker();
  const message = prepareMessage(octets, encodeRecord);
  const args = { items: [{ message }] };
  const once = packer.pack(args);
  assert.equal(packer.pack(args), once);
  assert.equal(findMessages(packer.pack({ message }))[0], findMessages(once)[0]);
});

test('arguments without messages are left as they are', () => {
  const packer = new MessagePacker();
  for (const args of [{ uids: [1, 2] }, null, 'text', 7]) assert.equal(packer.pack(args), args);
});
