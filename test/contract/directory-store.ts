/** What every DirectoryStore promises, as tests; called by each backend like `mailStoreContract`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { DirectoryStore, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AccountId, AddressRow, CredentialId, CredentialRow, DirectoryAccountRow } from '#directory/types.ts';
import type { TestStore } from '#test/harness/stores.ts';
import type { Call } from './store-operations.ts';

const account = (id: number, patch: Partial<DirectoryAccountRow> = {}): DirectoryAccountRow => ({
  accountId: id as AccountId,
  displayName: '王小明 (محمد)',
  state: 'active',
  receives: true,
  serviceClass: null,
  sending: 'allowed',
  sendingNote: '',
  createdAt: 1_568_606_400_000,
  ...patch,
});

const address = (localPart: string, id: number, patch: Partial<AddressRow> = {}): AddressRow => ({
  localPart,
  domain: 'xn--fsqu00a.example',
  accountId: id as AccountId,
  kind: 'alias',
  createdAt: 5,
  ...patch,
});

const credential = (id: number, accountId: number, patch: Partial<CredentialRow> = {}): CredentialRow => ({
  accountId: accountId as AccountId,
  credentialId: id as CredentialId,
  kind: 'password',
  verifier: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  scramSha256: null,
  changedAt: 9,
  ...patch,
});

async function script(store: DirectoryStore, ...calls: Call<DirectoryTransaction>[]): Promise<unknown[]> {
  return (await store.run('script', { calls })) as unknown[];
}

export function directoryStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: DirectoryStore, opened: TestStore) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.directory, opened);
      } catch (error) {
        await opened.discard();
        throw error;
      }
      await opened.close();
    });
  };

  const withDomains = (title: string, body: (store: DirectoryStore, opened: TestStore) => Promise<void>): void =>
    withStore(title, async (store, opened) => {
      for (const domain of ['xn--fsqu00a.example', 'b.example', 'example.edu']) {
        await script(store, ['insertDomain', { domain, createdAt: 1 }]);
      }
      await body(store, opened);
    });

  describe(`DirectoryStore: ${name}`, { concurrency: false }, () => {
    withStore('an empty directory answers with nothing', async ({ reader }) => {
      assert.equal(await reader.domain('example.edu'), undefined);
      assert.deepEqual(await reader.domains(), []);
      assert.equal(await reader.account(1 as AccountId), undefined);
      assert.deepEqual(await reader.accounts(0, 10), []);
      assert.equal(await reader.address('a', 'b'), undefined);
      assert.deepEqual(await reader.addressesOf(1 as AccountId), []);
      assert.deepEqual(await reader.credentialsOf(1 as AccountId), []);
    });

    withStore('domains are kept and listed by name', async (store) => {
      for (const domain of ['mail.example', 'b.example', 'xn--fsqu00a.example', 'a-1.example', 'a.example'])
        await script(store, ['insertDomain', { domain, createdAt: 7 }]);
      assert.deepEqual(
        (await store.reader.domains()).map(({ domain }) => domain),
        ['a-1.example', 'a.example', 'b.example', 'mail.example', 'xn--fsqu00a.example'],
      );
      assert.deepEqual(await store.reader.domain('b.example'), { domain: 'b.example', createdAt: 7 });
      await script(store, ['deleteDomain', 'b.example'], ['deleteDomain', 'never.example']);
      assert.equal(await store.reader.domain('b.example'), undefined);
    });

    withDomains('accounts, addresses and credentials come back as they were written', async (store) => {
      const rows = [1, 2, 3, 4].map((id) => account(id, id === 3 ? { state: 'disabled', receives: false } : {}));
      const secret = credential(2, 2, { scramSha256: 'SCRAM-SHA-256$4096:c2FsdA==$a:b' });
      await script(
        store,
        ...rows.map((): Call<DirectoryTransaction> => ['allocateAccountId']),
        ['allocateCredentialId'],
        ['allocateCredentialId'],
        ...rows.map((row): Call<DirectoryTransaction> => ['insertAccount', row]),
        ['insertAddress', address('alias.b', 2, { createdAt: 8 })],
        ['insertAddress', address('alias.a', 2, { createdAt: 9 })],
        ['insertAddress', address('老师', 2, { kind: 'primary', createdAt: 20 })],
        ['insertAddress', address('alias.a', 3, { domain: 'b.example' })],
        ['insertCredential', secret],
        ['insertCredential', credential(1, 1)],
      );
      assert.deepEqual(await store.reader.accounts(0, 10), rows);
      assert.deepEqual(await store.reader.accounts(1, 2), rows.slice(1, 3));
      assert.deepEqual(await store.reader.account(3 as AccountId), rows[2]);
      assert.deepEqual(
        (await store.reader.addressesOf(2 as AccountId)).map(({ localPart }) => localPart),
        ['老师', 'alias.b', 'alias.a'],
      );
      const found = await store.reader.address('老师', 'xn--fsqu00a.example');
      assert.deepEqual(found, address('老师', 2, { kind: 'primary', createdAt: 20 }));
      assert.equal((await store.reader.address('alias.a', 'b.example'))?.accountId, 3);
      assert.deepEqual(await store.reader.credentialsOf(2 as AccountId), [secret]);

      const changed = account(2, {
        displayName: 'new',
        state: 'disabled',
        receives: false,
        serviceClass: 'alumni',
        sending: 'suspended',
        sendingNote: '疑似盗号',
      });
      await script(
        store,
        ['updateAccount', changed],
        ['updateCredential', { ...secret, verifier: 'other', changedAt: 10 }],
        ['deleteAddress', 'alias.a', 'xn--fsqu00a.example'],
        ['deleteAddress', 'nobody', 'xn--fsqu00a.example'],
        ['deleteCredential', 1, 1],
      );
      assert.deepEqual(await store.reader.account(2 as AccountId), changed);
      assert.equal((await store.reader.credentialsOf(2 as AccountId))[0]?.verifier, 'other');
      assert.deepEqual(await store.reader.credentialsOf(1 as AccountId), []);
      assert.equal((await store.reader.addressesOf(2 as AccountId)).length, 2);

      await script(store, ['deleteAccount', 2]);
      assert.equal(await store.reader.account(2 as AccountId), undefined);
      assert.equal(await store.reader.address('老师', 'xn--fsqu00a.example'), undefined);
      assert.deepEqual(await store.reader.credentialsOf(2 as AccountId), []);
      assert.deepEqual(
        (await store.reader.accounts(0, 10)).map(({ accountId }) => accountId),
        [1, 3, 4],
      );
    });

    withDomains('an address needs its domain, and a domain with addresses stays', async (store) => {
      const homeless = script(store, ['insertAddress', address('a', 1, { domain: 'never.example' })]);
      await assert.rejects(homeless, (error) => isMailError(error, 'notFound'));
      await script(store, ['allocateAccountId'], ['insertAccount', account(1)], ['insertAddress', address('a', 1)]);
      const wanted = script(store, ['deleteDomain', 'xn--fsqu00a.example']);
      await assert.rejects(wanted, (error) => isMailError(error, 'inUse'));
      await script(store, ['deleteAddress', 'a', 'xn--fsqu00a.example'], ['deleteDomain', 'xn--fsqu00a.example']);
      assert.equal(await store.reader.domain('xn--fsqu00a.example'), undefined);
    });

    withDomains('a transaction sees its own writes and leaves no trace when it fails', async (store, opened) => {
      const seen = await script(
        store,
        ['allocateAccountId'],
        ['insertAccount', account(1)],
        ['insertAddress', address('me', 1)],
        ['account', 1],
        ['address', 'me', 'xn--fsqu00a.example'],
        ['nowMs'],
      );
      assert.deepEqual(seen.slice(3, 5), [account(1), address('me', 1)]);
      assert.equal(seen[5], opened.clock.now());
      for (const end of ['refuse', 'bug'] as const) {
        const calls = [
          ['updateAccount', account(1, { displayName: 'changed' })],
          ['insertAddress', address('other', 1)],
        ];
        const failing = store.run('script', { calls, end });
        await assert.rejects(failing, (error) => isMailError(error, 'forbidden') === (end === 'refuse'));
      }
      assert.deepEqual(await store.reader.account(1 as AccountId), account(1));
      assert.equal(await store.reader.address('other', 'xn--fsqu00a.example'), undefined);
      await assert.rejects(store.run('noSuchOperation', {}));
    });

    withDomains('an address has one owner, also when many race for it', async (store) => {
      const races = await Promise.allSettled(
        Array.from({ length: 8 }, () => store.run('enrol', { localPart: 'wanted', domain: 'example.edu' })),
      );
      const won = races.filter(({ status }) => status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const race of races)
        if (race.status === 'rejected') assert.ok(isMailError(race.reason, 'alreadyExists'), String(race.reason));
      assert.equal((await store.reader.accounts(0, 10)).length, 1);
      const repeated = script(
        store,
        ['insertDomain', { domain: 'twice.example', createdAt: 1 }],
        ['insertDomain', { domain: 'twice.example', createdAt: 2 }],
      );
      await assert.rejects(repeated, (error) => isMailError(error, 'alreadyExists'));
    });

    withDomains('ids are never given out twice', async (store, opened) => {
      const first = (await store.run('enrol', { localPart: 'a', domain: 'example.edu' })) as number;
      await script(store, ['deleteAccount', first]);
      const others = (await Promise.all(
        ['b', 'c', 'd', 'e'].map((localPart) => store.run('enrol', { localPart, domain: 'example.edu' })),
      )) as number[];
      const again = await opened.reopen();
      const last = (await again.directory.run('enrol', { localPart: 'f', domain: 'example.edu' })) as number;
      assert.equal(new Set([first, ...others, last]).size, 6);
      const ids = await script(again.directory, ['allocateCredentialId'], ['allocateCredentialId']);
      assert.notEqual(ids[0], ids[1]);
    });

    withDomains('watchers hear which accounts a commit touched', async (store) => {
      const heard: number[] = [];
      const done = Promise.withResolvers<void>();
      const stop = store.watch((accountId) => {
        heard.push(accountId);
        if (accountId === 2) done.resolve();
      });
      await script(store, ['allocateAccountId'], ['allocateAccountId']);
      await script(store, ['insertAccount', account(1)]);
      await script(store, ['insertAddress', address('x', 1)]);
      await script(store, ['insertCredential', credential(0, 1)], ['deleteCredential', 1, 0]);
      await script(store, ['deleteAddress', 'x', 'xn--fsqu00a.example']);
      await script(store, ['insertDomain', { domain: 'silent.example', createdAt: 1 }]);
      await assert.rejects(store.run('script', { calls: [['updateAccount', account(1)]], end: 'refuse' }));
      await script(store, ['insertAccount', account(2)]);
      await done.promise;
      assert.deepEqual(heard, [1, 1, 1, 1, 2]);
      stop();
      stop();
      await script(store, ['deleteAccount', 1]);
      assert.equal(heard.length, 5);
    });
  });
}
