/** domain.md T6. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { employee } from '#directory/testing/person.ts';
import { DAY_MS } from '#base/clock.ts';
import { openCampus } from '#directory/testing/campus.ts';
import { SelfService } from '#directory/self-service.ts';
import { systemRandom } from '#base/random.ts';

test('T6: what means, or looks like, somebody or something else is refused, and why; zhang.san is taken', async () => {
  const campus = await openCampus();
  const { directory, store, clock } = campus;
  const selfService = new SelfService({
    store,
    directory,
    clock,
    random: systemRandom,
    phoneKey: Buffer.alloc(32, 5),
    reservedAliases: ['xgb'],
  });
  const [ming, hua] = [
    await directory.createAccount('20231001@kust.edu.cn', 'a password 7'),
    await directory.createAccount('20231002@kust.edu.cn', 'a password 7'),
  ];
  await directory.createGroup({
    address: 'physics@kust.edu.cn',
    displayName: '',
    posting: 'everyone',
    isList: false,
    owners: ['zhang@kust.edu.cn'],
  });
  await directory.enrolPeople([{ account: null, person: employee('wb7', '外聘', { unit: '招标采购中心' }) }]);
  const refused: Readonly<Record<string, string>> = {
    zbcgzx: 'reserved',
    'zb-cgzx': 'lookalike',
    '.ab': 'start',
    _ab: 'start',
    '1ab': 'start',
    'a..b': 'separators',
    'a-_b': 'separators',
    'ab.': 'separators',
    ab: 'length',
    'a234567890123456789-x': 'length',
    ['x'.repeat(500)]: 'length',
    张三: 'characters',
    'zhang+san': 'characters',
    'zhang san': 'characters',
    '20230001': 'number',
    '２０２３０００１': 'number',
    z20230001: 'number',
    l0230oo1: 'number',
    wb7: 'number',
    postmaster: 'reserved',
    jwc: 'reserved',
    ADMIN: 'reserved',
    ｒｏｏｔ: 'reserved',
    xgb: 'reserved',
    adm1n: 'lookalike',
    p0stmaster: 'lookalike',
    'ad.min': 'lookalike',
    no_reply: 'lookalike',
    zhang: 'taken',
    physics: 'taken',
    physlcs: 'lookalike',
    'zhang.san': 'taken',
  };
  for (const [alias, fault] of Object.entries(refused)) {
    assert.equal((await selfService.chooseAlias(ming, alias))?.fault, fault, alias);
    assert.equal((await selfService.findAliasFault(ming, alias))?.fault, fault, alias);
  }
  for (const alias of ['ming.li', 'li_ming', 'ming-2023', 'm1ng']) {
    assert.equal(await selfService.findAliasFault(ming, alias), undefined, alias);
  }

  assert.equal(await selfService.chooseAlias(ming, ' Ming.Li '), undefined);
  assert.equal((await directory.findAddress('ming.li@kust.edu.cn'))?.accountId, ming);
  // Once in 180 days; the same again is no change.
  assert.equal(await selfService.chooseAlias(ming, 'ming.li'), undefined);
  const again = await selfService.chooseAlias(ming, 'li.ming');
  assert.deepEqual(again, { fault: 'tooSoon', until: clock.now() + 180 * DAY_MS });
  assert.equal((await selfService.chooseAlias(hua, 'm1ng.l1'))?.fault, 'lookalike');
  clock.advance(180 * DAY_MS);
  assert.equal(await selfService.chooseAlias(ming, 'li.ming'), undefined);

  // The one before still delivers for 180 days, and is nobody else's for two years more.
  const whose = async (address: string) => (await directory.findAddress(address))?.accountId;
  const isHeld = async () => (await selfService.chooseAlias(hua, 'ming.li'))?.fault;
  assert.deepEqual((await selfService.aliasOf(ming)).held, [
    { address: 'ming.li@kust.edu.cn', until: clock.now() + 180 * DAY_MS },
  ]);
  clock.advance(180 * DAY_MS);
  await selfService.retireAliases();
  assert.deepEqual([await whose('ming.li@kust.edu.cn'), await isHeld()], [ming, 'taken']);
  clock.advance(1);
  await selfService.retireAliases();
  assert.deepEqual([await whose('ming.li@kust.edu.cn'), await isHeld()], [undefined, 'taken']);
  assert.equal(await whose('li.ming@kust.edu.cn'), ming);
  clock.advance(2 * 365 * DAY_MS);
  await selfService.retireAliases();
  assert.equal(await isHeld(), undefined);
  assert.equal(await whose('ming.li@kust.edu.cn'), hua);
  // Who is gone holds the name as long.
  await directory.deleteAccount(hua);
  assert.equal((await selfService.chooseAlias(ming, 'ming.li'))?.fault, 'taken');
});
