import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { MailboxId } from '#base/ids.ts';
import { openCampus } from '#directory/testing/campus.ts';
import { createOthersMail } from './others-mail.ts';

const INBOX = 4 as MailboxId;

test('rights of delegates are told by address, those of the account as ones that always hold', async () => {
  const { directory, zhang } = await openCampus();
  const told: string[] = [];
  const li = await directory.createAccount('li@kust.edu.cn', 'x');
  const others = createOthersMail(
    directory,
    {
      record: ({ action, detail }) => void told.push(`${action} ${detail?.['to']}`),
    },
    {
      note: ({ by, address, act }) => void told.push(`${by.login} ${act} ${address}`),
    },
  );
  await directory.setDelegation(zhang, li, ['read'], 'admin');
  const args = {
    accountId: zhang,
    mailboxId: INBOX,
    keeps: [INBOX],
    by: { accountId: zhang, login: 'zhang@kust.edu.cn' },
  };
  await others.setRights({ ...args, identifier: 'LI@kust.edu.cn', rights: 'lrs' });
  assert.deepEqual(told, ['identity.delegation LI@kust.edu.cn']);
  others.note({
    accountId: zhang,
    by: { accountId: li, login: 'li@kust.edu.cn' },
    remoteAddress: '::1',
    act: 'EXPUNGE',
  });
  assert.deepEqual(await others.aclOf(zhang, INBOX), [
    { identifier: 'zhang@kust.edu.cn', rights: 'lrswipkxtea', always: 'lrswipkxtea' },
    { identifier: 'li@kust.edu.cn', rights: 'lrs', always: 'lr' },
  ]);
  assert.deepEqual((await others.entryFor(zhang, INBOX, 'zhang.san@kust.edu.cn'))?.always, 'lrswipkxtea');
  assert.equal(await others.entryFor(zhang, INBOX, 'nobody@kust.edu.cn'), undefined);
  const [shared] = await others.sharedWith(li);
  assert.deepEqual([shared?.name, shared?.rights, shared?.rightsOn(INBOX)], ['zhang@kust.edu.cn', 'lr', 'lrs']);
  assert.deepEqual(await others.sharedWith(zhang), []);
  await assert.rejects(others.setRights({ ...args, identifier: 'x@kust.edu.cn', rights: 'l' }), (error) =>
    isMailError(error, 'notFound'),
  );
  assert.equal(told[1], 'li@kust.edu.cn EXPUNGE zhang@kust.edu.cn');
});
