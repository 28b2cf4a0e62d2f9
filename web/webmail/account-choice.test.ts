import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '#contract/jmap/core.ts';
import { listAccounts } from './account-choice.ts';

const MAIL = 'urn:ietf:params:jmap:mail';
const SUBMISSION = 'urn:ietf:params:jmap:submission';
const DELEGATION = 'urn:campusmail:params:jmap:delegation';

function account(name: string, isReadOnly: boolean, ...capabilities: readonly string[]) {
  const accountCapabilities = Object.fromEntries([MAIL, ...capabilities].map((one) => [one, {}]));
  return { name, isPersonal: false, isReadOnly, accountCapabilities };
}

test('one’s own account comes first, and of each is told what may be done there', () => {
  const session = {
    accounts: {
      A3: account('学工部', false, SUBMISSION, DELEGATION),
      A2: account('教务处', true),
      A1: account('张三', false, SUBMISSION, DELEGATION),
    },
    primaryAccounts: { [MAIL]: 'A1' },
  } as unknown as Session;
  const accounts = listAccounts(session, 'A2');
  assert.deepEqual(accounts.map(({ id, isOwn, isCurrent }) => [id, isOwn, isCurrent]).slice(0, 1), [
    ['A1', true, false],
  ]);
  const box = accounts.find(({ id }) => id === 'A2');
  assert.deepEqual([box?.isCurrent, box?.isReadOnly, box?.maySend, box?.mayManage], [true, true, false, false]);
  const other = accounts.find(({ id }) => id === 'A3');
  assert.deepEqual([other?.isReadOnly, other?.maySend, other?.mayManage], [false, true, true]);
});
