import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { isMailError } from '#base/errors.ts';
import { type Fault, openFaultyStore } from './open-faulty.ts';
import { openMemoryStore } from './open-memory.ts';

const LI = 7 as AccountId;
const provision = [{ accountId: LI, name: 'provisionAccount', args: {} }];

async function attempt(fault: Fault): Promise<{ outcome: string; happened: boolean }> {
  const store = openFaultyStore(await openMemoryStore(), [fault]);
  let outcome: string;
  try {
    const [only] = await store.mail.run(provision);
    outcome = only?.ok === true ? 'ok' : (only?.error.code ?? 'none');
  } catch (error) {
    assert.ok(isMailError(error, 'unavailable'));
    outcome = 'rejected';
  }
  const happened = (await store.mail.reader.account(LI)) !== undefined;
  assert.equal(store.calls('change'), 1);
  assert.equal(store.calls('read'), 1);
  return { outcome, happened };
}

test('the n-th change fails in the way asked for', async () => {
  assert.deepEqual(await attempt({ on: 'change', nth: 2, how: 'unavailable' }), { outcome: 'ok', happened: true });
  assert.deepEqual(await attempt({ on: 'change', nth: 1, how: 'unavailable' }), {
    outcome: 'unavailable',
    happened: false,
  });
  assert.deepEqual(await attempt({ on: 'change', nth: 1, how: 'crashBefore' }), {
    outcome: 'rejected',
    happened: false,
  });
  assert.deepEqual(await attempt({ on: 'change', nth: 1, how: 'crashAfter' }), { outcome: 'rejected', happened: true });
});

test('reads and the directory fail when told to, and only then', async () => {
  const store = openFaultyStore(await openMemoryStore(), [
    { on: 'read', nth: 2, how: 'unavailable' },
    { on: 'directoryRead', nth: 1, how: 'crashAfter' },
    { on: 'directoryChange', nth: 1, how: 'crashBefore' },
  ]);
  assert.equal(await store.mail.reader.modSeq(LI), 0);
  await assert.rejects(store.mail.reader.mailboxes(LI), (error) => isMailError(error, 'unavailable'));
  assert.deepEqual(await store.mail.reader.mailboxes(LI), []);
  await assert.rejects(store.directory.reader.domains(), (error) => isMailError(error, 'unavailable'));
  assert.deepEqual(await store.directory.reader.domains(), []);
  await assert.rejects(store.directory.run('addDomain', { domain: 'a.example' }), (error) =>
    isMailError(error, 'unavailable'),
  );
  assert.deepEqual(await store.directory.reader.domains(), []);
});
