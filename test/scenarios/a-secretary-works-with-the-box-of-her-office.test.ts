/** A department's box by IMAP: nobody has its password, several work with it, and what is taken back ends at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '#audit/types.ts';
import { DOMAIN, eventually, LI, openCampus, WANG, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';

const BOX = `jwc@${DOMAIN}`;
const INBOX = `"Other Users/${BOX}/INBOX"`;

test('a box is opened by people with their own passwords, as far as each may, and no longer than they may', async () => {
  await using campus = await openCampus();
  const { dataDir } = campus;
  await mustRun(dataDir, ['mailbox', 'create', BOX, '--responsible', LI, '--name', '教务处']);
  await mustRun(dataDir, ['mailbox', 'grant', BOX, ZHANG, 'read', 'write']);
  await campus.deliver([BOX, WANG], 'Subject: 停课通知\r\n\r\ntext\r\n');

  // Nobody signs in to it.
  await assert.rejects(campus.openImap(BOX), /AUTHENTICATIONFAILED/);
  const secretary = await campus.openImap(ZHANG);
  const head = await campus.openImap(LI);
  const stranger = await campus.openImap(WANG);

  assert.match((await secretary.command('LIST "" *')).join('\n'), new RegExp(`Other Users/${BOX}/INBOX`));
  assert.doesNotMatch((await stranger.command('LIST "" *')).join('\n'), /Other Users/);
  for (const name of [INBOX, `"Other Users/${ZHANG}/INBOX"`, '"Other Users/nobody@x.example/INBOX"']) {
    await assert.rejects(stranger.command(`SELECT ${name}`), /NO \[NONEXISTENT\] No such mailbox/, name);
    await assert.rejects(stranger.command(`STATUS ${name} (MESSAGES)`), /NO \[NONEXISTENT\] No such mailbox/);
    await assert.rejects(stranger.command(`GETACL ${name}`), /NO \[NONEXISTENT\] No such mailbox/);
  }

  // What one has read, the other sees as read.
  await secretary.command(`SELECT ${INBOX}`);
  await secretary.command(String.raw`STORE 1 +FLAGS (\Seen \Flagged)`);
  await head.command(`SELECT ${INBOX}`);
  assert.match((await head.command('FETCH 1 (FLAGS)')).join(), /\\Flagged \\Seen|\\Seen.*\\Flagged/);
  assert.match((await secretary.command('SEARCH FLAGGED')).join(), /SEARCH 1/);

  // The head shares one mailbox with a colleague, who shares it no further.
  await head.command(`CREATE "Other Users/${BOX}/公告"`.replace('公告', '&UWxUSg-'));
  await head.command(`SETACL "Other Users/${BOX}/&UWxUSg-" ${WANG} lr`);
  assert.match((await stranger.command('LIST "" *')).join('\n'), /Other Users\/jwc@kust\.example\/&UWxUSg-/);
  await assert.rejects(stranger.command(`SELECT ${INBOX}`), /NONEXISTENT/);
  await assert.rejects(stranger.command(`SETACL "Other Users/${BOX}/&UWxUSg-" ${ZHANG} lr`), /NOPERM/);

  // Taken back, the session that has it open is over.
  await mustRun(dataDir, ['mailbox', 'revoke', BOX, ZHANG]);
  await eventually('the end of the session', () =>
    secretary.command('NOOP').then(
      () => false,
      () => true,
    ),
  );
  const again = await campus.openImap(ZHANG);
  await assert.rejects(again.command(`SELECT ${INBOX}`), /NONEXISTENT/);

  // Each act is signed by a person; nobody is the box.
  const lines = (await mustRun(dataDir, ['audit', 'list', '--json'])).trim().split('\n');
  const record = lines.map((line) => JSON.parse(line) as AuditEntry);
  const acts = record
    .filter(({ action }) => action === 'identity.delegated-act')
    .map(({ actor, subject, detail }) => {
      const how = detail?.['refused'] === true ? 'refused' : 'done';
      return `${actor.kind === 'account' ? actor.name : ''} ${detail?.['act']} ${subject} ${how}`;
    });
  assert.deepEqual(
    new Set(acts),
    new Set([`${LI} CREATE ${BOX} done`, `${ZHANG} STORE ${BOX} done`, `${WANG} SETACL ${BOX} refused`]),
  );
});
