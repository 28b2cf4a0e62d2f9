import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { systemRandom } from '#base/random.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { storeOperationsUrl } from '#test/contract/store-operations.ts';
import { canonicalizePhone, maskPhone, PhoneVault } from './phone-number.ts';
import { foldName } from './person-name.ts';
import { SelfService } from './self-service.ts';
import type { FactorKind } from './types.ts';

const LI = 1 as AccountId;

async function openSelfService() {
  const clock = new FakeClock();
  const { directory: store } = await openMemoryStore({ clock, operationsUrl: storeOperationsUrl });
  await store.run('addDomain', { domain: 'kust.example' });
  for (const name of ['li', 'wang', 'zhao', 'qian']) {
    const made = { address: `${name}@kust.example`, displayName: '', verifier: '{none}', scramSha256: null };
    await store.run('createAccount', made);
  }
  const selfService = new SelfService({
    store,
    directory: { makeVerifiers: async (password) => ({ verifier: `{plain}${password}`, scramSha256: null }) },
    clock,
    random: systemRandom,
    phoneKey: Buffer.alloc(32, 1),
    reservedAliases: [],
  });
  const factor = async (accountId: AccountId, kind: FactorKind): Promise<void> => {
    const row = { accountId, kind, factorId: kind, name: '', secret: 's', createdAt: 1, usedAt: null, usedFrom: '' };
    await store.run('script', { calls: [['putFactor', row]] });
  };
  return { store, clock, selfService, factor };
}

describe('numbers of telephones', () => {
  test('have one spelling, however people type them, and none that is not of the mainland', () => {
    for (const text of [
      '13800001234',
      '+86 138 0000 1234',
      '0086-138-0000-1234',
      '86 13800001234',
      '１３８００００１２３４',
      '(138) 0000 1234',
    ])
      assert.equal(canonicalizePhone(text), '+8613800001234', text);
    for (const text of [
      '',
      '1380000123',
      '138000012345',
      '12800001234',
      '+85261234567',
      '0871-65915868',
      '13800001234;13900001234',
      '1'.repeat(1000),
    ])
      assert.equal(canonicalizePhone(text), undefined, text);
    assert.equal(maskPhone('+8613800001234'), '138****1234');
  });

  test('are sealed so that they open only where they are kept, and only as they were', () => {
    const vault = new PhoneVault(Buffer.alloc(32, 1));
    const sealed = vault.seal('+8613800001234', 'account 1', systemRandom);
    assert.equal(vault.open(sealed, 'account 1'), '+8613800001234');
    assert.notEqual(vault.seal('+8613800001234', 'account 1', systemRandom), sealed);
    assert.throws(() => vault.open(sealed, 'account 2'));
    assert.throws(() => new PhoneVault(Buffer.alloc(32, 2)).open(sealed, 'account 1'));
    const octets = Buffer.from(sealed, 'base64url');
    for (const at of [0, 12, octets.length - 1]) {
      const torn = Buffer.from(octets);
      torn[at] = (torn[at] ?? 0) ^ 1;
      assert.throws(() => vault.open(torn.toString('base64url'), 'account 1'));
    }
    assert.throws(() => vault.open('', 'account 1'));
    assert.equal(vault.indexOf('+8613800001234'), vault.indexOf('+8613800001234'));
    assert.notEqual(vault.indexOf('+8613800001234'), vault.indexOf('+8613800001235'));
    const decoys = new Set(Array.from({ length: 200 }, (_, i) => vault.decoyFor(`name ${i}`)));
    assert.ok(decoys.size > 190);
    for (const decoy of decoys) assert.equal(canonicalizePhone(decoy), decoy);
  });
});

test('names are folded as people write them', () => {
  const spellings = [
    '阿卜杜拉·麦麦提',
    ' 阿卜杜拉 • 麦麦提',
    '阿卜杜拉・麦麦提',
    '阿卜杜拉‧麦麦提',
    '阿卜杜拉･麦麦提　',
  ];
  for (const spelling of spellings) assert.equal(foldName(spelling), foldName('阿卜杜拉·麦麦提'), spelling);
  assert.notEqual(foldName('阿卜杜拉麦麦提'), foldName('阿卜杜拉·麦麦提'));
  // Characters beyond the first plane are characters.
  assert.notEqual(foldName('𬭎明'), foldName('𬭶明'));
});

describe('what owners do themselves', () => {
  test('a telephone serves three accounts, and none is bound twice', async () => {
    const { selfService } = await openSelfService();
    const bind = (accountId: number) => selfService.bindPhone(accountId as AccountId, '+8613800001234');
    assert.deepEqual([await bind(1), await bind(1), await bind(2), await bind(3)], ['done', 'bound', 'done', 'done']);
    assert.equal(await selfService.isPhoneFull('+8613800001234'), true);
    assert.equal(await bind(4), 'full');
    assert.equal(await selfService.unbindPhone(LI), true);
    assert.equal(await selfService.unbindPhone(LI), false);
    assert.equal(await bind(4), 'done');
    assert.equal(await selfService.phoneOf(4 as AccountId), '+8613800001234');
  });

  test('who comes back by telephone ends what opened the account, and not its second steps', async () => {
    const { store, selfService, factor } = await openSelfService();
    for (const kind of ['client', 'device', 'totp', 'passkey', 'recovery', 'former'] as const) await factor(LI, kind);
    await selfService.recover(LI, 'new');
    const left = (await store.reader.factorsOf(LI)).map(({ kind }) => kind);
    assert.deepEqual(left.includes('client') || left.includes('device'), false);
    assert.ok(left.includes('totp') && left.includes('passkey'));
    assert.equal((await store.reader.credentialsOf(LI))[0]?.verifier, '{plain}new');
  });
});
