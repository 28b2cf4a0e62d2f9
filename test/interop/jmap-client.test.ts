/** A JMAP client that others wrote, over HTTP, with the account's password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DOMAIN, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';

const LETTER = 'From: Li Si <friend@elsewhere.example>\r\nSubject: =?UTF-8?B?5Lya6K6u?=\r\n\r\n期末考试安排\r\n';

type Draft = { readonly $ref: (path: string) => object };

/** As far as it is read here. */
interface Answer {
  readonly list: readonly { readonly id: string; readonly role?: string | null }[];
  readonly ids: readonly string[];
  readonly state: string;
  readonly updated?: object;
  readonly created?: Readonly<Record<string, unknown>>;
}

interface Jam {
  authHeader: string;
  session: Promise<{ readonly username: string; readonly eventSourceUrl: string }>;
  getPrimaryAccount(): Promise<string>;
  request(call: readonly [name: string, args: object]): Promise<readonly [Answer, unknown]>;
  requestMany<Name extends string>(
    draft: (ask: Record<string, Record<string, (args: object) => Draft>>) => Record<Name, Draft | undefined>,
  ): Promise<readonly [Record<Name, Answer>, unknown]>;
  uploadBlob(accountId: string, octets: Buffer): Promise<{ readonly accountId: string; readonly blobId: string }>;
  downloadBlob(blob: object): Promise<Response>;
}

interface JamModule {
  readonly JamClient: {
    new (options: { readonly sessionUrl: string; readonly bearerToken: string }): Jam;
    loadSession(url: string, authHeader: string): Jam['session'];
  };
}

// Its types come as TypeScript that our compiler's settings refuse: by this name the compiler does not look for them.
const MODULE: string = 'jmap-jam';
const { JamClient } = (await import(MODULE)) as JamModule;

/** It knows bearer tokens only, and lets its header be set. */
function openJam(base: string): Jam {
  const sessionUrl = `${base}/.well-known/jmap`;
  const jam = new JamClient({ sessionUrl, bearerToken: 'none' });
  jam.session.catch(() => undefined);
  jam.authHeader = `Basic ${Buffer.from(`${ZHANG}:${PASSWORD}`).toString('base64')}`;
  jam.session = JamClient.loadSession(sessionUrl, jam.authHeader);
  return jam;
}

test('jmap-jam reads, changes, uploads and is told of what comes', { timeout: 60_000 }, async () => {
  await using campus = await openCampus({ settings: { CAMPUSMAIL_LISTEN_HTTP: '127.0.0.1:0' } });
  const jam = openJam(`http://127.0.0.1:${campus.server.ports['http']}`);
  const accountId = await jam.getPrimaryAccount();
  assert.equal((await jam.session).username, ZHANG);
  await campus.deliver(ZHANG, LETTER);

  const [{ mailboxes, query, emails }] = await jam.requestMany((ask) => {
    const asked = ask['Email']?.['query']?.({ accountId, filter: { text: '考试' } });
    return {
      mailboxes: ask['Mailbox']?.['get']?.({ accountId }),
      query: asked,
      emails: ask['Email']?.['get']?.({
        accountId,
        ids: asked?.$ref('/ids'),
        properties: ['subject', 'preview', 'mailboxIds'],
      }),
    };
  });
  const inbox = mailboxes.list.find(({ role }) => role === 'inbox');
  const [emailId = ''] = query.ids;
  assert.deepEqual(emails.list, [
    { id: emailId, subject: '会议', preview: '期末考试安排', mailboxIds: { [inbox?.id ?? '']: true } },
  ]);

  const [set] = await jam.request(['Email/set', { accountId, update: { [emailId]: { 'keywords/$seen': true } } }]);
  assert.deepEqual(Object.keys(set.updated ?? {}), [emailId]);
  const [changes] = await jam.request(['Email/changes', { accountId, sinceState: emails.state }]);
  assert.deepEqual(changes.updated, [emailId]);

  const blob = await jam.uploadBlob(accountId, Buffer.from(`To: <${ZHANG}>\r\nSubject: 草稿\r\n\r\n你好\r\n`));
  const downloaded = await jam.downloadBlob({ ...blob, mimeType: 'text/plain', fileName: '草稿.txt' });
  assert.match(await downloaded.text(), /你好/);
  const [imported] = await jam.request([
    'Email/import',
    { accountId, emails: { draft: { blobId: blob.blobId, mailboxIds: { [inbox?.id ?? '']: true } } } },
  ]);
  assert.ok(imported.created?.['draft'] !== undefined);
  await assert.rejects(jam.request(['Email/changes', { accountId, sinceState: 'none' }]), {
    type: 'cannotCalculateChanges',
  });

  // Its event source is the browser's, which signs in by cookie: what it opens is read here with its header.
  const types = 'types=Email&closeafter=state&ping=0';
  const url = (await jam.session).eventSourceUrl.replace(/\?.*/, `?${types}`);
  const events = await fetch(url, { headers: { authorization: jam.authHeader } });
  const told = events.text();
  await campus.deliver(ZHANG, `From: wang.wu@${DOMAIN}\r\nSubject: news\r\n\r\ntext\r\n`);
  assert.match(await told, /event: state\n[^]*"Email":/);
});
