import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDispositionNotification, parseDispositionNotification } from './disposition-notification.ts';

const NOTIFICATION = {
  reportingUA: '校园邮; campusmail',
  originalRecipient: 'rfc822; li+a@kust.example',
  finalRecipient: 'rfc822; li@kust.example',
  originalMessageId: '<a@x>',
  disposition: { actionMode: 'automatic-action', sendingMode: 'mdn-sent-automatically', type: 'deleted' },
  errors: ['nothing to see', '没有'],
  extensionFields: { 'X-Colour': 'red' },
} as const;

test('what is written is read', () => {
  const written = formatDispositionNotification(NOTIFICATION);
  assert.match(written, /^Disposition: automatic-action\/MDN-sent-automatically; deleted\r$/m);
  assert.match(written, /^[\x20-\x7e\r\n]*$/);
  assert.deepEqual(parseDispositionNotification(Buffer.from(written)), NOTIFICATION);
});

test('what others write is read: case, modifiers and blanks say nothing', () => {
  const read = (disposition: string): unknown =>
    parseDispositionNotification(Buffer.from(`final-recipient: rfc822;a@x\r\nDISPOSITION: ${disposition}\r\n`))
      ?.disposition;
  const displayed = { actionMode: 'manual-action', sendingMode: 'mdn-sent-manually', type: 'displayed' };
  assert.deepEqual(read('Manual-Action/mdn-sent-MANUALLY ;  Displayed/error,warning'), displayed);
  for (const wrong of ['', 'displayed', 'manual-action; displayed', 'manual-action/MDN-sent-manually; eaten'])
    assert.equal(read(wrong), undefined, wrong);
  assert.equal(
    parseDispositionNotification(Buffer.from('Disposition: manual-action/MDN-sent-manually; deleted\r\n')),
    undefined,
  );
});

test('no value begins another field, and no octets hurt', () => {
  const extensionFields = { 'X-A': 'b\r\nFinal-Recipient: rfc822; evil@x', Disposition: 'x', 'final-recipient': 'y' };
  const written = formatDispositionNotification({ ...NOTIFICATION, extensionFields });
  assert.equal(written.match(/^(?:Final-Recipient|Disposition):/gim)?.length, 2);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      parseDispositionNotification(octets);
    }),
  );
});
