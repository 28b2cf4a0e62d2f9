import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameActor, runActing } from '#audit/acting.ts';
import { readEntry } from '#audit/chain.ts';
import type { AccountId } from '#base/ids.ts';
import { openTestSystem } from './commands/testing/test-system.ts';

test('changes of who somebody is are written down, whoever makes them, and never what proves it', async (t) => {
  const house = await openTestSystem(t);
  const { directory, audit, auditStore } = house.system;
  await directory.addDomain('kust.example');
  const accountId = await directory.createAccount('li@kust.example', 'Nicht-zu-raten-7');
  await directory.addAlias(accountId, 'li.si@kust.example');
  await directory.setPassword(accountId, 'Auch-nicht-zu-raten-8');
  await directory.setStage(accountId, 'restricted');
  await assert.rejects(directory.addAlias(accountId, 'li.si@kust.example'));
  await audit.flush();
  const rows = await auditStore.reader.rows(0, 20);
  assert.deepEqual(
    rows.map((row) => {
      const { subject, detail } = readEntry(row);
      return [row.action, row.accountId, subject, detail];
    }),
    [
      ['administration.domain', null, 'kust.example', { how: 'added', domain: 'kust.example' }],
      ['identity.account-created', accountId, 'li@kust.example', { how: 'created', address: 'li@kust.example' }],
      ['identity.alias', accountId, 'li.si@kust.example', { how: 'added', address: 'li.si@kust.example' }],
      ['identity.password', accountId, `#${accountId}`, { how: 'set' }],
      ['identity.account-changed', accountId, `#${accountId}`, { how: 'changed', stage: 'restricted' }],
    ],
  );
  assert.doesNotMatch(rows.map(({ text }) => text).join(''), /argon2|SCRAM|raten/);
});

test('what proves an account beside its password is written down as it comes and goes, without its secret', async (t) => {
  const house = await openTestSystem(t);
  const { directory, audit, auditStore } = house.system;
  await directory.addDomain('kust.example');
  const accountId = await directory.createAccount('li@kust.example', 'Nicht-zu-raten-7');
  const password = await directory.makeClientPassword(accountId, '手机', ['imap']);
  const app = { accountId, factorId: 'totp', kind: 'totp', name: '', secret: 'GEHEIM', usedAt: null } as const;
  await directory.addFactor({ ...app, usedFrom: '' });
  await directory.removeFactors(accountId, ['totp', 'client', 'alarm']);
  await directory.removeFactors(accountId, ['totp', 'client', 'alarm']);
  await house.run(['account', 'second-step', 'li@kust.example', '--end-all']);
  await audit.flush();
  const rows = (await auditStore.reader.rows(0, 20)).slice(2);
  assert.deepEqual(
    rows.map((row) => [row.action, readEntry(row).detail]),
    [
      ['identity.client-password', { how: 'added', kind: 'client', name: '手机' }],
      ['identity.second-step', { how: 'added', kind: 'totp' }],
      ['identity.second-step', { how: 'removed', kind: 'totp' }],
      ['identity.client-password', { how: 'removed', kind: 'client' }],
      ['sign-in.ended', { sessions: 'all' }],
    ],
  );
  assert.doesNotMatch(rows.map(({ text }) => text).join(''), new RegExp(`GEHEIM|${password.slice(0, 4)}`));
});

test('who is at work when it changes is named', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  const { directory, audit, auditStore } = house.system;
  await runActing({ actor: undefined, via: 'web', remoteAddress: '::1' }, async () => {
    await Promise.resolve();
    nameActor({ kind: 'account', accountId: 7 as AccountId, name: 'li@kust.example' });
    await directory.createAccount('zhang@kust.example', 'Nicht-zu-raten-7');
  });
  await audit.flush();
  const named = (await auditStore.reader.rows(0, 20)).map(readEntry).map(({ actor, via }) => [actor.kind, via]);
  assert.deepEqual(named, [
    ['unnamed', undefined],
    ['account', 'web'],
  ]);
});
