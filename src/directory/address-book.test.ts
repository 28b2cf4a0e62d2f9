import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { AddressBook } from './address-book.ts';
import { Directory } from './directory.ts';
import { ADDRESS_BOOK_LIMITS } from './limits.ts';

const clock = new FakeClock();
let directory: Directory;
let book: AddressBook;
let zeng: AccountId;

const emails = async (text: string, limit = 10) => (await book.search(text, limit, zeng)).map(({ address }) => address);

const SOMEBODY = {
  englishName: 'Ada Li',
  population: 'staff',
  level: '',
  enrolled: null,
  status: 'employed',
  endsOn: null,
  tailCheck: '',
  accountId: null,
} as const;

beforeEach(async () => {
  const store = await openTestStore('memory', { clock });
  const argon2id = { memoryKib: 8, iterations: 1, parallelism: 1 };
  directory = new Directory({
    store: store.directory,
    clock,
    random: systemRandom,
    log: silentLog,
    settings: { argon2id, scramIterations: 4096 },
  });
  book = new AddressBook({ store: store.directory, clock, log: silentLog });
  await directory.addDomain('ylut.example');
  const make = (number: string, displayName: string) =>
    directory.createAccount(`${number}@ylut.example`, 'Campus-密码-7', { displayName });
  zeng = await make('20050012', '曾国栋');
  await directory.addAlias(zeng, 'zeng.guodong@ylut.example');
  await make('20110208', '欧阳慧');
  await make('20120355', '曾慧');
});

test('by name, pinyin, initials, number and alias; the alias is shown where there is one', async () => {
  assert.deepEqual(await emails('zgd'), ['zeng.guodong@ylut.example']);
  assert.deepEqual(await emails('曾'), ['20120355@ylut.example', 'zeng.guodong@ylut.example']);
  assert.deepEqual(await emails('2011'), ['20110208@ylut.example']);
  assert.deepEqual(await emails('20050012'), ['zeng.guodong@ylut.example'], 'a number one knows');
  assert.deepEqual(await emails('zeng.guo'), ['zeng.guodong@ylut.example']);
  assert.deepEqual(await emails('OUYANG h'), ['20110208@ylut.example']);
  assert.deepEqual(await emails('@'), []);
  assert.equal((await emails('2', 2)).length, 2);
});

test('it follows the directory: new names, new people, those who take no mail any more', async () => {
  assert.deepEqual(await emails('lwb'), []);
  const lv = await directory.createAccount('20120356@ylut.example', 'Campus-密码-7', { displayName: '吕文博' });
  assert.deepEqual(await emails('lwb'), ['20120356@ylut.example']);
  await directory.setDisplayName(lv, '吕文');
  assert.deepEqual(await emails('lwb'), []);
  await directory.setStage(lv, 'suspended');
  assert.deepEqual(await emails('lw'), []);
  await directory.deleteAccount(zeng);
  assert.deepEqual(await emails('zgd'), []);
});

test('groups are in it, by and by', async () => {
  assert.deepEqual(await emails('jiaowuchu'), []);
  await directory.createGroup({
    address: 'office@ylut.example',
    displayName: '教务处全体',
    posting: 'inside',
    isList: false,
    owners: ['20050012@ylut.example'],
  });
  clock.advance(ADDRESS_BOOK_LIMITS.groupsForMs + 1);
  assert.deepEqual(await emails('jwc'), ['office@ylut.example']);
});

test('units: who is in them, found by their initials, one’s own first', async () => {
  const enrol = (number: string, name: string, unit: string) => {
    const address = `${number}@ylut.example`;
    return directory.enrolPeople([
      {
        person: { ...SOMEBODY, number, name, unit },
        account: { address, stage: 'active', initialPasswords: ['Initial-密码-1'], initialExpiresAt: null },
      },
    ]);
  };
  await enrol('7', '李静', '教务处');
  await enrol('8', '李静', '信息化中心');
  const [seven, eight] = ['7@ylut.example', '8@ylut.example'];
  assert.deepEqual(await emails('xxh'), [eight]);
  assert.deepEqual(await emails('ada'), [seven, eight]);
  const own = (await directory.findAddress(eight))?.accountId as AccountId;
  assert.deepEqual(
    (await book.search('lj', 10, own)).map(({ address }) => address),
    [eight, seven],
  );
  assert.deepEqual(
    (await book.units()).map(({ name, count }) => `${name} ${count}`),
    ['教务处 1', '信息化中心 1'].toSorted(new Intl.Collator('zh-CN').compare),
  );
  assert.deepEqual(
    (await book.inUnit('教务处')).map(({ name }) => name),
    ['李静'],
  );
  assert.deepEqual(await book.inUnit('没有'), []);
});
