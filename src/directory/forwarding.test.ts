import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { MailErrorCode } from '#base/errors.ts';
import { defaultForwardingRules } from './forwarding-rules.ts';
import type { ForwardingRules } from './forwarding-rules.ts';
import { openCampus as openEmptyCampus, PASSWORD } from './testing/campus.ts';

function failsAs(code: MailErrorCode) {
  return (error: unknown) => isMailError(error, code);
}

async function openCampus(rules: Partial<ForwardingRules> = {}) {
  const campus = await openEmptyCampus({ forwarding: { ...defaultForwardingRules, ...rules } });
  const { directory } = campus;
  const li = await directory.createAccount('li@kust.edu.cn', PASSWORD);
  return { directory, li, zhang: campus.zhang };
}

test('an account forwards to others, here and outside, until it is told to stop', async () => {
  const { directory, li, zhang } = await openCampus({ copy: 'choice' });
  assert.deepEqual(await directory.forwardings([li, zhang]), []);
  await directory.setForwarding(li, ['Zhang@KUST.edu.cn', 'me@Example.org', 'me@example.org'], false);
  const row = { accountId: li, targets: ['zhang@kust.edu.cn', 'me@example.org'], keepsCopy: false };
  assert.deepEqual(await directory.forwardings([zhang, li]), [row]);
  assert.deepEqual(await directory.forwardings([li]), [row]);
  await directory.setForwarding(li, [], true);
  assert.deepEqual(await directory.forwardings([li]), []);
});

test('what cannot be a target is refused', async () => {
  const { directory, li } = await openCampus();
  await directory.addAlias(li, 'lili@kust.edu.cn');
  await directory.createGroup({
    address: 'all@kust.edu.cn',
    displayName: '',
    posting: 'inside',
    isList: false,
    owners: ['li@kust.edu.cn'],
  });
  for (const [target, code] of [
    ['nonsense', 'invalid'],
    ['lili@kust.edu.cn', 'invalid'],
    ['all@kust.edu.cn', 'invalid'],
    ['nobody@kust.edu.cn', 'notFound'],
  ] as const)
    await assert.rejects(directory.setForwarding(li, [target], true), failsAs(code), target);
  const many = Array.from({ length: 6 }, (_, i) => `a${i}@example.org`);
  await assert.rejects(directory.setForwarding(li, many, true), failsAs('limit'));
  await assert.rejects(directory.setForwarding(li, ['a@example.org'], false), failsAs('forbidden'));
  await assert.rejects(directory.setForwarding(99 as typeof li, [], true), failsAs('notFound'));
});

test('the rules bar domains of ours, targets outside, or all that is outside', async () => {
  for (const [rules, mayOrg, mayNet] of [
    [{ outside: 'refused' }, false, false],
    [{ barredDomains: ['kust.edu.cn'] }, false, false],
    [{ barredDomains: ['stu.kust.edu.cn'] }, true, true],
    [{ allowedTargets: ['example.org'] }, true, false],
  ] as const) {
    const { directory, li } = await openCampus(rules);
    await directory.setForwarding(li, ['zhang@kust.edu.cn'], true);
    for (const [target, may] of [
      ['a@example.org', mayOrg],
      ['a@example.net', mayNet],
    ] as const) {
      const set = directory.setForwarding(li, [target], true);
      await (may ? set : assert.rejects(set, failsAs('forbidden')));
    }
  }
});

test('targets that are dropped are told once, and the mailbox gets everything again', async () => {
  const { directory, li } = await openCampus({ copy: 'choice' });
  await directory.setForwarding(li, ['a@example.org', 'zhang@kust.edu.cn'], false);
  assert.deepEqual(await directory.dropForwardTargets(li, ['a@example.org', 'b@example.org']), ['a@example.org']);
  assert.deepEqual(await directory.dropForwardTargets(li, ['a@example.org']), []);
  const row = { accountId: li, targets: ['zhang@kust.edu.cn'], keepsCopy: true };
  assert.deepEqual(await directory.forwardings([li]), [row]);
  assert.deepEqual(await directory.dropForwardTargets(li, ['zhang@kust.edu.cn']), ['zhang@kust.edu.cn']);
  assert.deepEqual(await directory.forwardings([li]), []);
});
