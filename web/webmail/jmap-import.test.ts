import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '#web/jmap/client.ts';
import { JmapError } from '#web/jmap/failures.ts';
import { importLetters } from './jmap-import.ts';

type Imported = Record<string, unknown>;

/** A server that takes letters of up to 100 octets; `refusal`: what it says of one that is called so. */
function fakeClient(refusal: Record<string, string>) {
  const imported: Imported[] = [];
  let refreshes = 0;
  const connection = {
    limits: async () => ({ maxSizeUpload: 100 }),
    upload: async (_account: string, file: File) => {
      if (refusal[file.name] === 'cut') throw new JmapError({ kind: 'offline' });
      return { blobId: `blob of ${file.name}` };
    },
    call: async (_method: string, { emails }: { emails: { letter: Imported } }) => {
      const name = String(emails.letter['blobId']).slice('blob of '.length);
      if (refusal[name] !== undefined) return { notCreated: { letter: { type: refusal[name] } } };
      imported.push(emails.letter);
      return { created: { letter: {} }, notCreated: {} };
    },
  };
  const client = { accountId: 'a', connection, refresh: async () => void refreshes++ } as unknown as Client;
  return { client, imported, refreshes: () => refreshes };
}

test('letters come into the mailbox as of the day they were written', async () => {
  const { client, imported, refreshes } = fakeClient({});
  const files = [
    new File(
      ['Subject: a\r\nDate: Mon, 1 Sep 2025 08:00:00 +0800\r\n\r\nDate: Tue, 2 Sep 2025 08:00:00 +0800'],
      'a.eml',
    ),
    new File(['Subject: b\n\nDate: Mon, 1 Sep 2025 08:00:00 +0800'], 'b.eml'),
    new File(['Date: Fri, 1 Jan 2999 00:00:00 +0000\n\n'], 'c.eml'),
  ];
  assert.deepEqual(await importLetters(client, files, 'm'), { count: 3, refused: [] });
  assert.deepEqual(
    imported.map(({ receivedAt }) => receivedAt),
    ['2025-09-01T00:00:00Z', null, null],
  );
  assert.deepEqual(imported[0]?.['mailboxIds'], { m: true });
  assert.deepEqual(imported[0]?.['keywords'], { $seen: true });
  assert.equal(refreshes(), 1);
});

test('of each that was not taken it is said why, and without a line the rest is left', async () => {
  const { client, imported } = fakeClient({ 'x.eml': 'invalidEmail', 'full.eml': 'overQuota', 'cut.eml': 'cut' });
  const names = ['x.eml', 'full.eml', 'ok.eml', 'cut.eml', 'never.eml'];
  const files = [new File(['x'.repeat(101)], 'big.eml'), ...names.map((name) => new File(['A: b\n\n'], name))];
  const { count, refused } = await importLetters(client, files, 'm');
  assert.equal(count, 1);
  assert.equal(imported.length, 1);
  assert.deepEqual(
    refused.map(({ name, why }) => `${name} ${why}`),
    ['big.eml tooLarge', 'x.eml noLetter', 'full.eml overQuota', 'cut.eml offline'],
  );
});
