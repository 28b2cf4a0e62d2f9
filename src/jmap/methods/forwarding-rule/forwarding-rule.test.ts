import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LI, openJmap, ZHANG, type Answer } from '#jmap/testing/jmap.ts';

test('mail is forwarded as its owner says, and told back as it is kept', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const before = await jmap.call('ForwardingRule/get');
  assert.deepEqual(before.list, [
    {
      id: 'singleton',
      targets: [],
      keepsCopy: true,
      mayForwardOutside: true,
      allowedDomains: [],
      mayDropCopy: false,
      maxTargets: 5,
    },
  ]);
  const set = await jmap.call('ForwardingRule/set', {
    ifInState: before.state,
    update: { singleton: { targets: ['Li@KUST.example', 'me@elsewhere.example'] } },
  });
  assert.deepEqual(set.updated, { singleton: { targets: [LI, 'me@elsewhere.example'], keepsCopy: true } });
  assert.notEqual(set.newState, before.state);
  assert.deepEqual((await jmap.services.directory.forwardings([jmap.accountId]))[0]?.targets, [
    LI,
    'me@elsewhere.example',
  ]);
  await jmap.call('ForwardingRule/set', { update: { singleton: { targets: [] } } });
  assert.deepEqual(await jmap.services.directory.forwardings([jmap.accountId]), []);
});

test('each refusal says why and names the address', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const refusal = async (patch: object): Promise<Answer> =>
    (await jmap.call('ForwardingRule/set', { update: { singleton: patch } })).notUpdated.singleton as Answer;
  const reasons = async (target: string): Promise<readonly unknown[]> => {
    const { type, invalidRecipients } = await refusal({ targets: [target] });
    return [type as unknown, invalidRecipients as unknown];
  };
  assert.deepEqual(await reasons('nobody@kust.example'), ['invalidRecipients', ['nobody@kust.example']]);
  assert.deepEqual(await reasons(ZHANG), ['invalidProperties', [ZHANG]]);
  assert.deepEqual(await reasons('no address'), ['invalidProperties', undefined]);
  const copy = await refusal({ targets: [LI], keepsCopy: false });
  assert.deepEqual([copy.type, copy.properties], ['forbidden', ['keepsCopy']]);
  assert.equal(
    (await refusal({ targets: Array.from({ length: 6 }, (_, at) => `a${at}@x.example`) })).type,
    'overQuota',
  );
  assert.deepEqual((await refusal({ mayDropCopy: true })).properties, ['mayDropCopy']);
  const { notUpdated, notDestroyed } = await jmap.call('ForwardingRule/set', {
    update: { other: { targets: [] } },
    destroy: ['singleton'],
  });
  assert.deepEqual([notUpdated.other.type, notDestroyed.singleton.type], ['notFound', 'singleton']);
});

test('strangers are told something else than colleagues, or nothing', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const set = (patch: object) => jmap.call('VacationResponse/set', { update: { singleton: patch } });
  const get = async (): Promise<Answer> => (await jmap.call('VacationResponse/get')).list[0] as Answer;
  await set({ isEnabled: true, textBody: '出差' });
  assert.equal((await get()).outsideTextBody, '出差', 'who says nothing of it means all');
  await set({ textBody: '出差到周五，急事找李四', outsideTextBody: 'Away until Friday' });
  const { textBody, outsideTextBody } = await get();
  assert.deepEqual([textBody, outsideTextBody], ['出差到周五，急事找李四', 'Away until Friday']);
  await set({ outsideTextBody: null });
  await set({ textBody: '出差到周六' });
  assert.equal((await get()).outsideTextBody, null);
});
