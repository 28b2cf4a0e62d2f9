import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainSunset } from './domain-lives.ts';
import { addressInstead, stageAt } from './domain-lives.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2019, 8, 16, 4);

const sunset: DomainSunset = {
  domain: 'kmust.edu.cn',
  successor: 'kust.edu.cn',
  announcedAt: NOW + HOUR,
  sendBlockedAt: NOW + 2 * HOUR,
  refusedAt: NOW + 3 * HOUR,
  goneAt: NOW + 4 * HOUR,
  setsReplyTo: true,
};

test('a domain passes its stages by the clock', async () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 99].map((hours) => stageAt(sunset, NOW + hours * HOUR)),
    ['active', 'announced', 'sendBlocked', 'refused', 'gone', 'gone'],
  );
});

test('mail is taken until the day, then refused with the new address where the name is the same; who signs in still may', async () => {
  const plans = { sunsets: [sunset], maintenance: [] };
  const { directory, zhang, clock, signIn } = await openCampus({ domainPlans: plans });
  await directory.addAlias(zhang, 'zs@kmust.edu.cn');
  const resolve = (name: string) => directory.resolveAddress(`${name}@KMUST.edu.cn`);
  clock.advance(2 * HOUR);
  assert.equal((await resolve('zhang')).kind, 'account');
  clock.advance(HOUR);
  const moved = { kind: 'moved', accountId: zhang, successor: 'kust.edu.cn' };
  assert.deepEqual(await resolve('Zhang+x'), { ...moved, address: 'zhang@kust.edu.cn' });
  // The name that he has in the new domain is nobody's business.
  assert.deepEqual(await resolve('zs'), { ...moved, address: null });
  assert.equal((await resolve('nobody')).kind, 'unknownUser');
  assert.equal((await resolve('postmaster')).kind, 'account');
  assert.equal((await directory.resolveAddress('zhang@kust.edu.cn')).kind, 'account');
  clock.advance(HOUR);
  assert.equal((await resolve('zhang')).kind, 'unknownDomain');
  assert.equal((await signIn({ login: 'zhang@kmust.edu.cn', password: PASSWORD })).ok, true);
});

test('a domain that rests takes nothing and denies nobody', async () => {
  const window = { domain: 'kust.edu.cn', from: NOW + HOUR, until: NOW + 3 * HOUR };
  const { directory, clock } = await openCampus({ domainPlans: { sunsets: [], maintenance: [window] } });
  const kinds = async () =>
    Promise.all(
      ['zhang@kust.edu.cn', 'nobody@kust.edu.cn', 'zhang@kmust.edu.cn', 'x@elsewhere.example'].map(
        async (address) => (await directory.resolveAddress(address)).kind,
      ),
    );
  const always = ['account', 'unknownDomain'];
  assert.deepEqual(await kinds(), ['account', 'unknownUser', ...always]);
  clock.advance(HOUR);
  assert.deepEqual(await kinds(), ['resting', 'resting', ...always]);
  assert.deepEqual(await directory.resolveAddress('zhang@kust.edu.cn'), { kind: 'resting', until: window.until });
  clock.advance(2 * HOUR);
  assert.deepEqual(await kinds(), ['account', 'unknownUser', ...always]);
});

test('the address instead is the same name in the new domain, else another there', () => {
  assert.equal(addressInstead(sunset, 'a@kmust.edu.cn', ['x@kust.edu.cn', 'a@kust.edu.cn']), 'a@kust.edu.cn');
  assert.equal(addressInstead(sunset, 'a@kmust.edu.cn', ['a@kmust.edu.cn', 'x@kust.edu.cn']), 'x@kust.edu.cn');
  assert.equal(addressInstead(sunset, 'a@kmust.edu.cn', ['a@kmust.edu.cn']), undefined);
});
