import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LI, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';

test('what one account holds is not found, by whatever name or id, from another', async () => {
  await using campus = await openCampus();
  // One message to both is one blob; one is for her alone.
  await campus.deliver([ZHANG, LI], 'Subject: for both\r\n\r\nshared\r\n');
  await campus.deliver(LI, 'Subject: secret\r\n\r\nsecret\r\n');
  const his = await campus.openImap(ZHANG);
  const hers = await campus.openImap(LI);
  await hers.command('CREATE Private');
  const [selected] = (await hers.command('SELECT INBOX')).filter((line) => line.includes('MAILBOXID'));
  const mailboxId = /MAILBOXID \(([^)]+)\)/.exec(selected ?? '')?.[1] as string;
  const ids = (await hers.command('FETCH 1:2 (EMAILID THREADID)')).map(
    (line) => /EMAILID \(([^)]+)\) THREADID \(([^)]+)\)/.exec(line) ?? [],
  );

  await his.command('SELECT INBOX');
  for (const [, emailId = '', threadId = ''] of ids) {
    assert.deepEqual(await his.command(`SEARCH EMAILID ${emailId}`), ['* SEARCH']);
    assert.deepEqual(await his.command(`SEARCH THREADID ${threadId}`), ['* SEARCH']);
  }
  assert.deepEqual(await his.command('SEARCH TEXT secret'), ['* SEARCH']);
  assert.deepEqual(await his.command('UID FETCH 1:* (UID)'), ['* 1 FETCH (UID 1)']);
  for (const name of ['Private', mailboxId, LI, `user/${LI}`, '~li.si', '../2/INBOX', `#shared/${LI}`]) {
    await assert.rejects(his.command(`SELECT "${name}"`), /NO \[NONEXISTENT\]/, name);
    await his.command('SELECT INBOX');
    await assert.rejects(his.command(`COPY 1 "${name}"`), /NO \[TRYCREATE\]/, name);
  }
  assert.doesNotMatch((await his.command('LIST "" *')).join(), /Private/);
  // The same octets, and yet flags are each one's own.
  await his.command(String.raw`STORE 1 +FLAGS (\Seen \Deleted)`);
  await his.command('EXPUNGE');
  assert.match(
    (await hers.command('FETCH 1 (FLAGS BODY.PEEK[TEXT])')).join(),
    /FLAGS \(\\Recent\) BODY\[TEXT\] \{8\}\r\nshared/,
  );
  const plain = (text: string): string => Buffer.from(text).toString('base64');
  const fresh = await campus.connectImap();
  await assert.rejects(
    fresh.command(`AUTHENTICATE PLAIN ${plain(`${LI}\0${ZHANG}\0${PASSWORD}`)}`),
    /NO \[AUTHORIZATIONFAILED\]/,
  );
});
