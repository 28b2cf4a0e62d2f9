import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MailboxId } from '#base/ids.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { TestOthers } from './testing/others.ts';
import { fillMailbox, startServer } from './testing/test-server.ts';

/** Commands that name a mailbox, with `%` for the name. */
const COMMANDS = [
  'SELECT %',
  'EXAMINE %',
  'STATUS % (MESSAGES)',
  'GETQUOTAROOT %',
  'GETACL %',
  'MYRIGHTS %',
  'LISTRIGHTS % anna@example.edu',
  'SETACL % bob@example.edu lrswipkxtea',
  'DELETEACL % bob@example.edu',
  'SUBSCRIBE %',
  'DELETE %',
  'RENAME % mine',
  'COPY 1 %',
  'MOVE 1 %',
  'APPEND % {1+}\r\nx',
];

const level = fc.constantFrom(
  'Other Users',
  'other users',
  'anna@example.edu',
  'ANNA@example.edu',
  'INBOX',
  'Sent',
  '..',
  '',
);
const name = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));

test('to who may do nothing with it, a mailbox of another answers like one that is not there', async () => {
  const others = new TestOthers();
  await using host = await startServer(await openTestStore('memory'), { others });
  await fillMailbox(host.mail.account(2 as never), 1);
  // Of another mailbox something is shared: the account is known, and nothing else of it.
  const trash = (await host.account.mailboxes()).find(({ role }) => role === 'trash')?.mailboxId as MailboxId;
  for (const isKnown of [false, true]) {
    if (isKnown) others.grant(1, 2, trash, 'lr');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...COMMANDS), name, async (command, path) => {
        fc.pre(path.toLowerCase().startsWith('other users/') && !/trash/i.test(path));
        const client = await host.openBob('SELECT INBOX');
        try {
          const answers = async (asked: string): Promise<string> => {
            const lines = await client.ask(command.replace('%', `"${asked}"`));
            return lines.filter((line) => !line.startsWith('* OK [CLOSED]')).join('\n');
          };
          const answer = await answers(path);
          await client.ask('SELECT INBOX');
          const absent = await answers(`${path.slice(0, path.lastIndexOf('/') + 1)}absent`);
          if (!/^NO \[CANNOT\] (?:A mailbox name|Names)/.test(answer))
            assert.equal(answer, absent, `${command} ${path}`);
          assert.doesNotMatch(answer, /NOPERM|^OK/m, `${command} ${path}`);
        } finally {
          client.destroy();
        }
      }),
      { numRuns: 150 },
    );
  }
  assert.equal((await host.account.mailboxes()).length, 6);
});
