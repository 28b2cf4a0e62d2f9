/** What every DirectoryStore promises, as tests; called by each backend like `mailStoreContract`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { MailboxId } from '#base/ids.ts';
import type { DirectoryStore, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type {
  AccountId,
  AddressRow,
  ChosenAliasRow,
  ConsentRow,
  CredentialId,
  CredentialRow,
  DelegationRow,
  DirectoryAccountRow,
  FilterRow,
  FactorRow,
  ForwardingRow,
  GroupEntry,
  GroupId,
  GroupRow,
  IdleRow,
  LifeRow,
  PersonId,
  PersonRow,
  PhoneRow,
  RosterChangeRow,
  RosterRunId,
  RosterRunRow,
  VacationRow,
} from '#directory/types.ts';
import { rulesOfStage } from '#directory/stages.ts';
import { ACCOUNT_STAGES } from '#directory/types.ts';
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
  stage: 'active',
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
  mustChange: false,
  expiresAt: null,
  ...patch,
});

const person = (id: number, patch: Partial<PersonRow> = {}): PersonRow => ({
  personId: id as PersonId,
  number: `2023${id}`,
  name: '𬭎·Aйгүл (سعد)',
  englishName: '',
  population: 'student',
  unit: '信息工程与自动化学院',
  level: '本科',
  enrolled: 202309,
  status: 'enrolled',
  endsOn: null,
  tailCheck: '',
  accountId: null,
  updatedAt: 4,
  ...patch,
});

const group = (localPart: string, id: number, patch: Partial<GroupRow> = {}): GroupRow => ({
  groupId: id as GroupId,
  localPart,
  domain: 'example.edu',
  displayName: '全校教师 (كل)',
  posting: 'named',
  isList: true,
  createdAt: 3,
  ...patch,
});

const inAccount = (id: number): GroupEntry => ({ kind: 'account', accountId: id as AccountId });
const inGroup = (id: number): GroupEntry => ({ kind: 'group', groupId: id as GroupId });
const outside = (address: string): GroupEntry => ({ kind: 'outside', address });

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

    withDomains('factors come back by age, are used without a word, and go with their account', async (store) => {
      const factor = (factorId: string, createdAt: number, patch: Partial<FactorRow> = {}): FactorRow => ({
        accountId: 1 as AccountId,
        factorId,
        kind: 'client',
        name: '手机 📱',
        secret: '{"a":1}',
        createdAt,
        usedAt: null,
        usedFrom: '',
        ...patch,
      });
      const rows = [
        factor('b', 1),
        factor('A', 2, { kind: 'totp' }),
        factor('a', 2, { usedAt: 7, usedFrom: '::1 imap' }),
      ];
      await script(
        store,
        ['insertAccounts', [account(1)]],
        ...rows.toReversed().map((row): Call<DirectoryTransaction> => ['putFactor', row]),
      );
      assert.deepEqual(await store.reader.factorsOf(1 as AccountId), rows);
      assert.deepEqual(await store.reader.factorsOf(2 as AccountId), []);
      const told: number[] = [];
      store.watch((accountId) => told.push(accountId));
      await script(
        store,
        ['noteFactorUse', { accountId: 1, factorId: 'b', usedAt: 9, usedFrom: '192.0.2.1 pop3' }],
        ['noteFactorUse', { accountId: 1, factorId: 'gone', usedAt: 9, usedFrom: '' }],
      );
      assert.deepEqual(told, []);
      await script(store, ['putFactor', factor('A', 2, { kind: 'totp', secret: 'b' })], ['deleteFactor', 1, 'a']);
      const [locked] = await script(store, ['lockFactors', 1]);
      assert.deepEqual(locked, [
        factor('b', 1, { usedAt: 9, usedFrom: '192.0.2.1 pop3' }),
        factor('A', 2, { kind: 'totp', secret: 'b' }),
      ]);
      await script(store, ['deleteAccount', 1]);
      assert.deepEqual(await store.reader.factorsOf(1 as AccountId), []);
    });

    withDomains('accounts, addresses and credentials come back as they were written', async (store) => {
      const rows = [1, 2, 3, 4].map((id) => account(id, id === 3 ? { state: 'disabled', receives: false } : {}));
      const secret = credential(2, 2, { scramSha256: 'SCRAM-SHA-256$4096:c2FsdA==$a:b' });
      await script(
        store,
        ...rows.map((): Call<DirectoryTransaction> => ['allocateAccountId']),
        ['allocateCredentialId'],
        ['allocateCredentialId'],
        ...rows.map((row): Call<DirectoryTransaction> => ['insertAccounts', [row]]),
        ['insertAddresses', [address('alias.b', 2, { createdAt: 8 })]],
        ['insertAddresses', [address('alias.a', 2, { createdAt: 9 })]],
        ['insertAddresses', [address('老师', 2, { kind: 'primary', createdAt: 20 })]],
        ['insertAddresses', [address('alias.a', 3, { domain: 'b.example' })]],
        ['insertCredentials', [secret]],
        ['insertCredentials', [credential(1, 1)]],
      );
      assert.deepEqual(await store.reader.accounts(0, 10), rows);
      assert.deepEqual(await store.reader.accounts(1, 2), rows.slice(1, 3));
      assert.deepEqual(await store.reader.account(3 as AccountId), rows[2]);
      assert.deepEqual(
        (await store.reader.addressesOf(2 as AccountId)).map(({ localPart }) => localPart),
        ['老师', 'alias.b', 'alias.a'],
      );
      assert.deepEqual(
        (await store.reader.addressesBetween(1, 3)).map(({ accountId, localPart }) => `${accountId} ${localPart}`),
        ['2 老师', '2 alias.b', '2 alias.a', '3 alias.a'],
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
        stage: 'receive-only',
      });
      await script(
        store,
        ['updateAccount', changed],
        ['updateCredential', { ...secret, verifier: 'other', changedAt: 10, mustChange: true, expiresAt: 77 }],
        ['deleteAddress', 'alias.a', 'xn--fsqu00a.example'],
        ['deleteAddress', 'nobody', 'xn--fsqu00a.example'],
        ['deleteCredential', 1, 1],
      );
      assert.deepEqual(await store.reader.account(2 as AccountId), changed);
      const after = { ...secret, verifier: 'other', changedAt: 10, mustChange: true, expiresAt: 77 };
      assert.deepEqual(await store.reader.credentialsOf(2 as AccountId), [after]);
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

    withStore('people come back as they were written, by id, number and account', async (store) => {
      const inStore = [
        person(1, { accountId: 1 as AccountId, endsOn: '2027-06-30', tailCheck: 'abc' }),
        person(2, { population: 'staff', status: 'employed', enrolled: null }),
        person(3, { accountId: 1 as AccountId }),
      ];
      await script(store, ['allocateAccountId'], ['insertAccounts', [account(1)]], ['allocatePersonId']);
      await script(store, ...inStore.map((row): Call<DirectoryTransaction> => ['insertPersons', [row]]));
      assert.deepEqual(await store.reader.persons(0, 10), inStore);
      assert.deepEqual(await store.reader.persons(1, 1), [inStore[1]]);
      assert.deepEqual(await store.reader.person(2 as PersonId), inStore[1]);
      assert.equal(await store.reader.person(9 as PersonId), undefined);
      assert.deepEqual(await store.reader.personByNumber('20233'), inStore[2]);
      assert.equal(await store.reader.personByNumber('2023'), undefined);
      assert.deepEqual(await store.reader.personsOf(1 as AccountId), [inStore[0], inStore[2]]);
      const twin = script(store, ['insertPersons', [person(4, { number: '20231' })]]);
      await assert.rejects(twin, (error) => isMailError(error, 'alreadyExists'));

      const changed = person(2, { name: 'new', status: 'retired', number: 'other', accountId: 1 as AccountId });
      await script(store, ['updatePerson', changed], ['deletePerson', 3]);
      assert.deepEqual(await store.reader.person(2 as PersonId), { ...changed, number: '20232' });
      assert.equal(await store.reader.personByNumber('20233'), undefined);

      const touched: number[] = [];
      const unwatch = store.watch((accountId) => void touched.push(accountId));
      await script(store, ['updatePerson', changed]);
      assert.deepEqual(touched, [1]);
      unwatch();
      await script(store, ['deleteAccount', 1]);
      assert.deepEqual(await store.reader.personsOf(1 as AccountId), []);
      assert.equal((await store.reader.person(2 as PersonId))?.accountId, null);
    });

    withStore('the end of an account is kept for it alone, and goes with it', async (store) => {
      const life = (id: number, patch: Partial<LifeRow> = {}): LifeRow => ({
        accountId: id as AccountId,
        leftAt: 10,
        stageBefore: 'active',
        doneUpTo: 11,
        nextAt: 12,
        hold: '',
        ...patch,
      });
      const rows = [
        life(1, { nextAt: 30 }),
        life(2, { nextAt: 20, hold: '审计' }),
        life(3, { leftAt: null, nextAt: null }),
      ];
      for (const id of [1, 2, 3]) await script(store, ['allocateAccountId'], ['insertAccounts', [account(id)]]);
      await script(store, ...rows.map((row): Call<DirectoryTransaction> => ['putLife', row]));
      assert.deepEqual(await store.reader.life(2 as AccountId), rows[1]);
      assert.equal(await store.reader.life(9 as AccountId), undefined);
      assert.deepEqual(await store.reader.dueLives(29, 10), [rows[1]]);
      assert.deepEqual(await store.reader.dueLives(30, 10), [rows[1], rows[0]]);
      assert.deepEqual(await store.reader.dueLives(30, 1), [rows[1]]);
      const moved = life(1, { leftAt: 40, stageBefore: 'pending', doneUpTo: 41, nextAt: null });
      await script(store, ['putLife', moved], ['deleteAccount', 2]);
      assert.deepEqual(await store.reader.life(1 as AccountId), moved);
      assert.equal(await store.reader.life(2 as AccountId), undefined);
    });

    withStore('what is known of an account that nobody uses goes with it', async (store) => {
      const idle = (id: number, patch: Partial<IdleRow> = {}): IdleRow => ({
        accountId: id as AccountId,
        countedFrom: 0,
        warnedAt: null,
        told: 0,
        frozenAt: null,
        ...patch,
      });
      for (const id of [1, 2]) await script(store, ['allocateAccountId'], ['insertAccounts', [account(id)]]);
      const [first, second] = [idle(1, { warnedAt: 7, told: 1 }), idle(2, { countedFrom: 5, frozenAt: 9 })];
      await script(store, ['putIdle', idle(1)], ['putIdle', second], ['putIdle', first]);
      const ids = [2, 1, 9] as AccountId[];
      assert.deepEqual(await store.reader.idlesOf(ids), [first, second]);
      assert.deepEqual(await store.reader.idlesOf([]), []);
      await script(store, ['deleteAccount', 1]);
      assert.deepEqual(await store.reader.idlesOf(ids), [second]);
    });

    withStore('an account is frozen by one of two, and opened once', async (store) => {
      await script(store, ['allocateAccountId'], ['insertAccounts', [account(1)]]);
      const accountId = 1 as AccountId;
      const row: IdleRow = { accountId, countedFrom: 0, warnedAt: 7, told: 3, frozenAt: 9 };
      const args = { before: undefined, stageBefore: 'active', stage: 'frozen', row };
      const freeze = () => store.run('advanceIdle', args);
      assert.deepEqual((await Promise.all([freeze(), freeze()])).toSorted(), [false, true]);
      assert.equal((await store.reader.account(accountId))?.stage, 'frozen');
      const answers = await Promise.all([store.run('thaw', { accountId }), store.run('thaw', { accountId })]);
      assert.deepEqual(answers.toSorted(), [false, true]);
      assert.equal((await store.reader.account(accountId))?.stage, 'active');
      const [left] = await store.reader.idlesOf([accountId]);
      assert.deepEqual([left?.warnedAt, left?.frozenAt], [null, null]);
      assert.ok((left?.countedFrom ?? 0) > 0);
    });

    withStore('a notice is claimed once by each account, and once by nobody in particular', async (store) => {
      for (const id of [1, 2]) await script(store, ['allocateAccountId'], ['insertAccounts', [account(id)]]);
      const claim = (name: string, accountId: number | null) => store.run('claimNotice', { name, accountId });
      const claims = await Promise.all([1, 1, 2, null, null].map((id) => claim('sunset a.example 90', id)));
      assert.equal(claims.filter(Boolean).length, 3);
      assert.equal(await claim('sunset a.example 30', 1), true);
      const isClaimed = (name: string, accountId: number | null) =>
        store.reader.isNoticeClaimed(name, accountId as AccountId | null);
      assert.equal(await isClaimed('sunset a.example 90', null), true);
      assert.equal(await isClaimed('sunset b.example 90', null), false);
      await script(store, ['deleteAccount', 1]);
      assert.equal(await isClaimed('sunset a.example 90', 1), false);
      assert.equal(await isClaimed('sunset a.example 90', 2), true);
    });

    withStore('tokens of SCIM are known by name', async (store) => {
      const [portal, hr] = ['门户', 'hr'].map((name) => ({ name, hash: `of ${name}`, createdAt: 3 }));
      assert.deepEqual(
        await script(store, ['insertScimToken', portal], ['insertScimToken', hr], ['insertScimToken', portal]),
        [true, true, false],
      );
      assert.deepEqual(await store.reader.scimTokens(), [hr, portal]);
      assert.deepEqual(await script(store, ['deleteScimToken', 'hr'], ['deleteScimToken', 'hr']), [true, false]);
      assert.deepEqual(await store.reader.scimTokens(), [portal]);
    });

    withStore('runs of the roster are kept with what they changed, for a time', async (store) => {
      const run = (id: number, patch: Partial<RosterRunRow> = {}): RosterRunRow => ({
        runId: id as RosterRunId,
        source: '新生名单.xlsx',
        sourceHash: 'ab12',
        actor: 'Müller',
        startedAt: 5,
        endedAt: null,
        undoneAt: null,
        counts: { added: 1, changed: 2, closed: 3, returned: 4 },
        ...patch,
      });
      const change = (id: number, position: number, patch: Partial<RosterChangeRow> = {}): RosterChangeRow => ({
        runId: id as RosterRunId,
        position,
        kind: 'added',
        before: null,
        after: person(position),
        hasOpened: true,
        at: position,
        ...patch,
      });
      const [id] = await script(store, ['allocateRosterRunId'], ['putRosterRun', run(1)], ['putRosterRun', run(2)]);
      assert.equal(id, 1);
      const ended = run(1, { endedAt: 7, undoneAt: 8, counts: { added: 0, changed: 0, closed: 0, returned: 1 } });
      const [, locked] = await script(store, ['putRosterRun', ended], ['lockRosterRun', 1]);
      assert.deepEqual(locked, ended);
      assert.deepEqual(await store.reader.rosterRun(1 as RosterRunId), ended);
      assert.equal(await store.reader.rosterRun(3 as RosterRunId), undefined);
      assert.deepEqual(await store.reader.rosterRuns(Infinity, 10), [run(2), ended]);
      assert.deepEqual(await store.reader.rosterRuns(2, 10), [ended]);
      const changes = [
        change(1, 1),
        change(1, 2, { kind: 'closed', before: person(2), hasOpened: false }),
        change(2, 1),
      ];
      await script(store, ...changes.map((row): Call<DirectoryTransaction> => ['insertRosterChanges', [row]]));
      assert.deepEqual(await store.reader.rosterChanges(1 as RosterRunId, Infinity, 10), [changes[1], changes[0]]);
      assert.deepEqual(await store.reader.rosterChanges(1 as RosterRunId, 2, 10), [changes[0]]);
      assert.deepEqual(await store.reader.rosterChanges(1 as RosterRunId, Infinity, 1), [changes[1]]);
      assert.deepEqual(await script(store, ['forgetRosterChanges', 2, 1]), [1]);
      assert.deepEqual(await script(store, ['forgetRosterChanges', 2, 10]), [1]);
      assert.deepEqual(await store.reader.rosterChanges(1 as RosterRunId, Infinity, 10), [changes[1]]);
    });

    withDomains('an address needs its domain, and a domain with addresses stays', async (store) => {
      const homeless = script(store, ['insertAddresses', [address('a', 1, { domain: 'never.example' })]]);
      await assert.rejects(homeless, (error) => isMailError(error, 'notFound'));
      await script(
        store,
        ['allocateAccountId'],
        ['insertAccounts', [account(1)]],
        ['insertAddresses', [address('a', 1)]],
      );
      const wanted = script(store, ['deleteDomain', 'xn--fsqu00a.example']);
      await assert.rejects(wanted, (error) => isMailError(error, 'inUse'));
      await script(store, ['deleteAddress', 'a', 'xn--fsqu00a.example'], ['deleteDomain', 'xn--fsqu00a.example']);
      assert.equal(await store.reader.domain('xn--fsqu00a.example'), undefined);
    });

    withDomains('a transaction sees its own writes and leaves no trace when it fails', async (store, opened) => {
      const seen = await script(
        store,
        ['allocateAccountId'],
        ['insertAccounts', [account(1)]],
        ['insertAddresses', [address('me', 1)]],
        ['account', 1],
        ['address', 'me', 'xn--fsqu00a.example'],
        ['nowMs'],
      );
      assert.deepEqual(seen.slice(3, 5), [account(1), address('me', 1)]);
      assert.equal(seen[5], opened.clock.now());
      for (const end of ['refuse', 'bug'] as const) {
        const calls = [
          ['updateAccount', account(1, { displayName: 'changed' })],
          ['insertAddresses', [address('other', 1)]],
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

    withDomains('groups and who is in them come back as they were written', async (store) => {
      const [all, staff, lists] = [1, 2, 3].map((id) => id as GroupId) as [GroupId, GroupId, GroupId];
      const rows = [group('all', 1), group('staff', 2, { posting: 'everyone', isList: false })];
      const other = group('all', 3, { domain: 'b.example' });
      await script(
        store,
        ...[1, 2].map((): Call<DirectoryTransaction> => ['allocateAccountId']),
        ...[1, 2, 3].map((): Call<DirectoryTransaction> => ['allocateGroupId']),
        ['insertAccounts', [account(1)]],
        ['insertAccounts', [account(2, { receives: false })]],
        ...[...rows, other].map((row): Call<DirectoryTransaction> => ['insertGroup', row]),
      );
      assert.deepEqual(await store.reader.groups(0, 2), rows);
      assert.deepEqual(await store.reader.groups(2, 2), [other]);
      assert.deepEqual(await store.reader.group('staff', 'example.edu'), rows[1]);
      assert.deepEqual(await store.reader.group('all', 'b.example'), other);
      assert.deepEqual(await store.reader.groupById(all), rows[0]);

      const members = [inAccount(1), inAccount(2), inGroup(2), outside('a@b.org'), outside('王@例.org')];
      const added = await script(
        store,
        ...members.toReversed().map((entry): Call<DirectoryTransaction> => ['insertGroupEntry', all, 'member', entry]),
        ['insertGroupEntry', all, 'member', inAccount(1)],
        ['insertGroupEntry', all, 'owner', inAccount(2)],
        ['insertGroupEntry', staff, 'member', inAccount(1)],
        ['insertGroupEntry', lists, 'poster', inAccount(1)],
      );
      assert.deepEqual(added, [true, true, true, true, true, false, true, true, true]);
      assert.deepEqual(await store.reader.groupEntries(all, 'member'), members);
      const receiving = members.filter((_, i) => i !== 1);
      assert.deepEqual(await store.reader.receivingEntries(all, 'member'), receiving);
      assert.deepEqual(await store.reader.receivingEntries(all, 'owner'), []);
      for (const stage of ACCOUNT_STAGES) {
        await script(store, ['updateAccount', account(1, { stage })]);
        const [first] = await store.reader.receivingEntries(all, 'member');
        assert.equal(first?.kind === 'account', rulesOfStage(stage).takesMail, stage);
      }
      await script(store, ['updateAccount', account(1)]);
      assert.deepEqual(await store.reader.groupEntries(all, 'poster'), []);
      assert.equal(await store.reader.countGroupEntries(all, 'member'), 5);
      assert.deepEqual(await store.reader.groupsWith(inAccount(1), 'member'), [all, staff]);
      assert.deepEqual(await store.reader.groupsWith(inAccount(1), 'poster'), [lists]);
      assert.deepEqual(await store.reader.groupsWith(outside('a@b.org'), 'member'), [all]);
      assert.deepEqual(await store.reader.groupsWith(inGroup(1), 'member'), []);

      const removed = await script(
        store,
        ['updateGroup', group('never', 1, { domain: 'b.example', displayName: '', posting: 'inside', isList: false })],
        ['deleteGroupEntry', all, 'member', outside('a@b.org')],
        ['deleteGroupEntry', all, 'member', outside('a@b.org')],
        ['deleteGroup', staff],
      );
      assert.deepEqual(removed.slice(1, 3), [true, false]);
      const changed = { ...rows[0], displayName: '', posting: 'inside', isList: false };
      assert.deepEqual(await store.reader.group('all', 'example.edu'), changed);
      assert.equal(await store.reader.groupById(staff), undefined);
      assert.deepEqual(await store.reader.groupEntries(all, 'member'), [members[0], members[1], members[4]]);
      await script(store, ['deleteAccount', 1]);
      assert.deepEqual(await store.reader.groupEntries(all, 'member'), [members[1], members[4]]);
      assert.deepEqual(await store.reader.groupsWith(inAccount(1), 'poster'), []);
    });

    withDomains('an address is an account or a group, also when both race for it', async (store) => {
      const createdAt = 1;
      const races = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) =>
          i % 2 === 0
            ? script(store, ['insertGroup', group('wanted', i + 1, { createdAt })])
            : store.run('enrol', { localPart: 'wanted', domain: 'example.edu' }),
        ),
      );
      assert.equal(races.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const race of races)
        if (race.status === 'rejected') assert.ok(isMailError(race.reason, 'alreadyExists'), String(race.reason));
      const found = [
        await store.reader.group('wanted', 'example.edu'),
        await store.reader.address('wanted', 'example.edu'),
      ];
      assert.equal(found.filter((row) => row !== undefined).length, 1);
      const homeless = script(store, ['insertGroup', group('a', 20, { domain: 'never.example' })]);
      await assert.rejects(homeless, (error) => isMailError(error, 'notFound'));
      await script(store, ['insertGroup', group('b', 21, { domain: 'b.example' })]);
      await assert.rejects(script(store, ['deleteDomain', 'b.example']), (error) => isMailError(error, 'inUse'));
      // The counter has not given these out.
      await script(
        store,
        ['deleteGroup', 21],
        ...[1, 3, 5, 7].map((id): Call<DirectoryTransaction> => ['deleteGroup', id]),
      );
    });

    withDomains('filters are put, replaced, found and deleted, also with their accounts', async (store) => {
      const rule = {
        name: '课程通知',
        isEnabled: true,
        match: 'all',
        conditions: [{ field: 'subject', test: 'contains', value: '课程' }],
        actions: { mailboxId: 7 as MailboxId, keywords: ['$seen'], forwardTo: [] },
        stops: true,
      } as const;
      const row = (id: number, patch: Partial<FilterRow> = {}): FilterRow => ({
        accountId: id as AccountId,
        rules: [rule],
        blocked: ['spam.example'],
        allowed: [],
        blockedInto: 'junk',
        ...patch,
      });
      const find = (...ids: number[]) => store.reader.filters(ids as AccountId[]);
      await script(
        store,
        ...[3, 2, 1].flatMap((id): Call<DirectoryTransaction>[] => [
          ['allocateAccountId'],
          ['insertAccounts', [account(id)]],
          ['putFilter', row(id)],
        ]),
        ['putFilter', row(2, { rules: [], blockedInto: 'trash' })],
      );
      assert.deepEqual(await find(3, 2, 1, 9), [row(1), row(2, { rules: [], blockedInto: 'trash' }), row(3)]);
      await script(store, ['deleteFilter', 2], ['deleteFilter', 9], ['deleteAccount', 1]);
      assert.deepEqual(await find(1, 2, 3), [row(3)]);
      assert.deepEqual(await store.reader.filters([]), []);
    });

    withDomains('forwardings are put, replaced, found and deleted, also with their accounts', async (store) => {
      const row = (id: number, patch: Partial<ForwardingRow> = {}): ForwardingRow => ({
        accountId: id as AccountId,
        targets: ['老师@b.example', '"a b"@example.org'],
        keepsCopy: true,
        ...patch,
      });
      const find = (...ids: number[]) => store.reader.forwardings(ids as AccountId[]);
      assert.deepEqual(await find(1, 2), []);
      assert.deepEqual(await find(), []);
      await script(
        store,
        ...[3, 2, 1].flatMap((id): Call<DirectoryTransaction>[] => [
          ['allocateAccountId'],
          ['insertAccounts', [account(id)]],
          ['putForwarding', row(id)],
        ]),
        ['putForwarding', row(2, { targets: ['b@example.org'], keepsCopy: false })],
      );
      assert.deepEqual(await find(3, 9, 2), [row(2, { targets: ['b@example.org'], keepsCopy: false }), row(3)]);
      await script(store, ['deleteForwarding', 2], ['deleteForwarding', 9], ['deleteAccount', 1]);
      assert.deepEqual(await find(1, 2, 3), [row(3)]);
      const heard = Promise.withResolvers<number>();
      const stop = store.watch(heard.resolve);
      await script(store, ['deleteForwarding', 3]);
      assert.equal(await heard.promise, 3);
      stop();
    });

    withDomains('delegations, boxes and default senders are put, found, and go with an account', async (store) => {
      const { reader } = store;
      const between = (accountId: number, delegateId: number, patch: Partial<DelegationRow> = {}): DelegationRow => ({
        accountId: accountId as AccountId,
        delegateId: delegateId as AccountId,
        rights: ['read', 'send-as'],
        mailboxes: [[7 as MailboxId, 'lrs']],
        ...patch,
      });
      const box = {
        accountId: 3 as AccountId,
        responsibleId: 1 as AccountId,
        endsAt: null,
        purpose: '教务处',
        vacantUntil: null,
        reviewedAt: 7,
      };
      const sender = { accountId: 1 as AccountId, localPart: '张', domain: 'example.edu' };
      await script(
        store,
        ...[1, 2, 3].flatMap((id): Call<DirectoryTransaction>[] => [
          ['allocateAccountId'],
          ['insertAccounts', [account(id)]],
        ]),
        ['putDelegation', between(3, 1)],
        ['putDelegation', between(3, 2, { mailboxes: [] })],
        ['putDelegation', between(2, 1)],
        ['putBox', { ...box, endsAt: 9_007_199_254_740_990, vacantUntil: 5 }],
        ['putBox', box],
        ['putDefaultSender', { ...sender, accountId: 2 as AccountId }],
        ['putDefaultSender', { ...sender, localPart: 'x' }],
        ['putDefaultSender', sender],
      );
      assert.deepEqual(await reader.delegationsOf(3 as AccountId), [between(3, 1), between(3, 2, { mailboxes: [] })]);
      assert.deepEqual(await reader.delegationsTo(1 as AccountId), [between(2, 1), between(3, 1)]);
      assert.deepEqual(await reader.box(3 as AccountId), box);
      assert.deepEqual(await reader.boxes(0, 5), [box]);
      assert.deepEqual(await reader.boxes(3, 5), []);
      assert.deepEqual(await reader.defaultSender(1 as AccountId), sender);
      assert.deepEqual(await reader.defaultSendersIn(sender.domain, 0, 1), [sender]);
      assert.deepEqual(await reader.defaultSendersIn(sender.domain, 1, 9), [{ ...sender, accountId: 2 }]);

      const heard: number[] = [];
      const both = Promise.withResolvers<void>();
      const stop = store.watch((accountId) => {
        heard.push(accountId);
        if (heard.length === 2) both.resolve();
      });
      await script(store, ['putDelegation', between(3, 2, { rights: [], mailboxes: [] })]);
      await both.promise;
      stop();
      assert.deepEqual(
        heard.toSorted((a, b) => a - b),
        [2, 3],
      );
      assert.deepEqual(await reader.delegationsOf(3 as AccountId), [between(3, 1)]);

      await script(store, ['deleteDefaultSender', 2], ['deleteAccount', 1]);
      assert.deepEqual(await reader.delegationsOf(3 as AccountId), []);
      assert.deepEqual(await reader.delegationsOf(2 as AccountId), []);
      assert.deepEqual(await reader.defaultSendersIn(sender.domain, 0, 9), []);
      assert.deepEqual(await reader.box(3 as AccountId), { ...box, responsibleId: null });
      await script(store, ['putDelegation', between(3, 2)], ['deleteAccount', 3]);
      assert.deepEqual(await reader.delegationsTo(2 as AccountId), []);
      assert.deepEqual(await reader.boxes(0, 5), []);
    });

    withDomains(
      'vacations are put, replaced and found, and who was answered is remembered and forgotten',
      async (store) => {
        const row = (id: number, patch: Partial<VacationRow> = {}): VacationRow => ({
          accountId: id as AccountId,
          isEnabled: true,
          subject: '休假',
          insideText: '我不在。\n',
          outsideText: null,
          from: null,
          until: 9_007_199_254_740_990,
          days: 7,
          ...patch,
        });
        const { reader } = store;
        const find = (...ids: number[]) => reader.vacations(ids as AccountId[]);
        assert.deepEqual(await find(1), []);
        await script(
          store,
          ...[1, 2, 3].flatMap((id): Call<DirectoryTransaction>[] => [
            ['allocateAccountId'],
            ['insertAccounts', [account(id)]],
            ['putVacation', row(id)],
          ]),
          [
            'putVacation',
            row(2, { isEnabled: false, insideText: null, outsideText: 'x', from: 5, until: null, days: 1 }),
          ],
        );
        const changed = row(2, { isEnabled: false, insideText: null, outsideText: 'x', from: 5, until: null, days: 1 });
        assert.deepEqual(await find(3, 9, 2), [changed, row(3)]);

        const answers = async (id: number): Promise<(number | undefined)[]> => [
          await reader.countAnswers(id as AccountId),
          await reader.answeredAt(id as AccountId, '老师@b.example'),
          await reader.answeredAt(id as AccountId, 'a@b.example'),
        ];
        const insert = (id: number, sender: string, at: number): Call<DirectoryTransaction> => [
          'insertAnswer',
          id,
          sender,
          at,
        ];
        assert.deepEqual(await answers(1), [0, undefined, undefined]);
        const all = [1, 2, 3].flatMap((id) => [insert(id, '老师@b.example', 10), insert(id, 'a@b.example', 10 + id)]);
        await script(store, ...all);
        assert.deepEqual(await answers(2), [2, 10, 12]);
        await script(store, ['deleteAnswers', 1, 10], ['deleteAnswers', 9, 10], ['deleteAccount', 3]);
        assert.deepEqual(await answers(1), [1, undefined, 11]);
        assert.deepEqual(await answers(3), [0, undefined, undefined]);
        assert.deepEqual(await find(3), []);
        // At 11 of the first and at 10 of the second; the one at 12 is not before 12.
        assert.deepEqual(await script(store, ['forgetAnswers', 12, 1], ['forgetAnswers', 12, 9]), [1, 1]);
        assert.deepEqual(await answers(1), [0, undefined, undefined]);
        assert.deepEqual(await answers(2), [1, undefined, 12]);
        await script(store, ['deleteAnswers', 2, Infinity]);
        assert.deepEqual(await answers(2), [0, undefined, undefined]);
      },
    );

    withDomains('telephones, chosen aliases and consents are kept as they were given', async (store) => {
      const { reader } = store;
      const phone = (id: number, phoneIndex = 'index'): PhoneRow => ({
        accountId: id as AccountId,
        sealed: `sealed ${id}`,
        phoneIndex,
        boundAt: id,
      });
      const chosen = (localPart: string, id: number, patch: Partial<ChosenAliasRow> = {}): ChosenAliasRow => ({
        localPart,
        domain: 'xn--fsqu00a.example',
        accountId: id as AccountId,
        chosenAt: 10,
        leftAt: null,
        delivers: true,
        ...patch,
      });
      await script(
        store,
        ...[1, 2, 3].flatMap((id): Call<DirectoryTransaction>[] => [
          ['allocateAccountId'],
          ['insertAccounts', [account(id)]],
          ['putPhone', phone(id)],
        ]),
        ['putPhone', phone(3, 'another')],
      );
      assert.deepEqual(await reader.phone(3 as AccountId), phone(3, 'another'));
      assert.equal(await reader.phone(9 as AccountId), undefined);
      assert.deepEqual(await reader.accountsOfPhone('index', 5), [1, 2]);
      assert.deepEqual(await reader.accountsOfPhone('index', 1), [1]);
      await script(store, ['deletePhone', 1], ['deletePhone', 9]);
      assert.deepEqual(await reader.accountsOfPhone('index', 5), [2]);

      const left = chosen('old.one', 1, { chosenAt: 5, leftAt: 20 });
      await script(
        store,
        ['putChosenAlias', left],
        ['putChosenAlias', chosen('new.one', 1)],
        ['putChosenAlias', chosen('older', 2, { leftAt: 15 })],
        ['putChosenAlias', chosen('gone', 2, { leftAt: 15, delivers: false })],
      );
      assert.deepEqual(await reader.chosenAlias('old.one', 'xn--fsqu00a.example'), left);
      assert.equal(await reader.chosenAlias('old.one', 'other.example'), undefined);
      assert.deepEqual(await reader.chosenAliasesOf(1 as AccountId), [chosen('new.one', 1), left]);
      const leftBefore = async (before: number, delivers: boolean, limit: number) =>
        (await reader.leftAliases(before, delivers, limit)).map(({ localPart }) => localPart);
      assert.deepEqual(await leftBefore(21, true, 9), ['older', 'old.one']);
      assert.deepEqual(await leftBefore(21, true, 1), ['older']);
      assert.deepEqual(await leftBefore(20, true, 9), ['older']);
      assert.deepEqual(await leftBefore(21, false, 9), ['gone']);
      await script(store, ['deleteChosenAlias', 'older', 'xn--fsqu00a.example']);
      assert.deepEqual(await leftBefore(21, true, 9), ['old.one']);

      await script(
        store,
        ['insertAddresses', [address('adm1n.li', 1)]],
        ['allocateGroupId'],
        ['insertGroup', group('admin.l1', 1, { domain: 'xn--fsqu00a.example' })],
      );
      const alike = async (look: string, domain = 'xn--fsqu00a.example') =>
        (await reader.lookAlikes(look, domain, 9)).toSorted();
      assert.deepEqual(await alike('admln.ll'), ['adm1n.li', 'admin.l1']);
      assert.deepEqual(await alike('admin.li'), []);
      assert.deepEqual(await alike('admln.ll', 'other.example'), []);
      assert.equal((await reader.lookAlikes('admln.ll', 'xn--fsqu00a.example', 1)).length, 1);

      const consent = (version: string, agreedAt: number): ConsentRow => ({
        accountId: 1 as AccountId,
        document: 'account',
        version,
        agreedAt,
        address: '2001:db8::1',
      });
      await script(
        store,
        ['insertConsent', consent('2026-11', 1)],
        ['insertConsent', consent('2027-01', 2)],
        ['insertConsent', consent('2026-11', 3)],
      );
      assert.deepEqual(await reader.consentsOf(1 as AccountId), [consent('2027-01', 2), consent('2026-11', 1)]);

      await script(store, ['putPhone', phone(1)], ['deleteAccount', 1]);
      assert.equal(await reader.phone(1 as AccountId), undefined);
      assert.deepEqual(await reader.consentsOf(1 as AccountId), []);
      const [newest, oldest] = await reader.chosenAliasesOf(1 as AccountId);
      assert.deepEqual(oldest, { ...left, delivers: false });
      assert.equal(newest?.delivers, false);
      assert.equal(typeof newest?.leftAt, 'number');
    });

    withDomains('watchers hear which accounts a commit touched', async (store) => {
      const heard: number[] = [];
      const done = Promise.withResolvers<void>();
      const stop = store.watch((accountId) => {
        heard.push(accountId);
        if (accountId === 2) done.resolve();
      });
      await script(store, ['allocateAccountId'], ['allocateAccountId']);
      await script(store, ['insertAccounts', [account(1)]]);
      await script(store, ['insertAddresses', [address('x', 1)]]);
      await script(store, ['insertCredentials', [credential(0, 1)]], ['deleteCredential', 1, 0]);
      await script(store, ['deleteAddress', 'x', 'xn--fsqu00a.example']);
      await script(store, ['insertDomain', { domain: 'silent.example', createdAt: 1 }]);
      await assert.rejects(store.run('script', { calls: [['updateAccount', account(1)]], end: 'refuse' }));
      await script(store, ['insertAccounts', [account(2)]]);
      await done.promise;
      assert.deepEqual(heard, [1, 1, 1, 1, 2]);
      // Of groups, only those that answer for one.
      await script(
        store,
        ['allocateGroupId'],
        ['insertGroup', group('g', 1)],
        ['insertGroupEntry', 1, 'member', inAccount(1)],
        ['insertGroupEntry', 1, 'owner', inAccount(2)],
      );
      await script(store, ['deleteGroup', 1]);
      await script(store, ['updateAccount', account(1)]);
      while (heard.at(-1) !== 1) await new Promise<void>((resolve) => void setImmediate(resolve));
      assert.deepEqual(heard.slice(5), [2, 2, 1]);
      stop();
      stop();
      await script(store, ['deleteAccount', 1]);
      assert.equal(heard.length, 8);
    });
  });
}
