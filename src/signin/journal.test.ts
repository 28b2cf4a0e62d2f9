import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { Journal } from './journal.ts';
import { createPlaceFinder } from './places.ts';

const LI = 1 as AccountId;
const PLACES: Readonly<Record<string, string>> = { '192.0.2.1': '中国 云南省 昆明', '198.51.100.1': '美国' };

async function open() {
  const clock = new FakeClock();
  const store = await openMemoryStore({ clock });
  const journal = new Journal({
    store: store.signin,
    findPlace: async (address) => PLACES[address] ?? '',
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const news: string[] = [];
  journal.listen(async ({ place }) => void news.push(place));
  const sign = async (address: string, outcome = 'ok', protocol = 'imap') => {
    journal.note({ accountId: LI, protocol, address, agent: '', outcome });
    for (let turn = 0; turn < 10; turn++) await nextTurn();
  };
  return { clock, journal, news, sign, [Symbol.asyncDispose]: () => store.close() };
}

test('what repeats itself within an hour is one record', async () => {
  await using given = await open();
  const { clock, journal, sign } = given;
  for (let poll = 0; poll < 59; poll++) {
    await sign('192.0.2.1');
    clock.advance(60_000);
  }
  await sign('192.0.2.1', 'invalidCredentials');
  await sign('192.0.2.1', 'ok', 'smtp');
  clock.advance(60_000);
  await sign('192.0.2.1');
  const records = await journal.list(LI);
  assert.deepEqual(records.map(({ protocol, outcome, place }) => `${protocol} ${outcome} ${place}`).toSorted(), [
    'imap invalidCredentials 中国 云南省 昆明',
    'imap ok 中国 云南省 昆明',
    'imap ok 中国 云南省 昆明',
    'smtp ok 中国 云南省 昆明',
  ]);
});

test('a new place is told of once; the first, an unknown one and a failure are none', async () => {
  await using given = await open();
  const { clock, news, sign } = given;
  await sign('10.0.0.1');
  await sign('192.0.2.1');
  clock.advance(1);
  await sign('198.51.100.1', 'invalidCredentials');
  await sign('10.0.0.1', 'ok', 'smtp');
  assert.deepEqual(news, []);
  await sign('198.51.100.1');
  clock.advance(3_600_000);
  await sign('198.51.100.1');
  await sign('192.0.2.1');
  assert.deepEqual(news, ['美国']);
});

test('records are kept for 90 days, the time when somebody got in last for ever', async () => {
  await using given = await open();
  const { clock, journal, sign } = given;
  await sign('192.0.2.1');
  clock.advance(86_400_000);
  await sign('192.0.2.2');
  clock.advance(89 * 86_400_000);
  await journal.tidy();
  assert.equal((await journal.list(LI)).length, 2);
  clock.advance(1);
  await journal.tidy();
  assert.equal((await journal.list(LI)).length, 1);
  const [last] = await journal.list(LI);
  clock.advance(1000 * 86_400_000);
  await journal.tidy();
  assert.deepEqual(await journal.list(LI), []);
  assert.equal(last?.address, '192.0.2.2');
  assert.deepEqual([...(await journal.lastSignIns([LI]))], [[LI, last?.at]]);
  await journal.forgetAccount(LI);
  assert.equal((await journal.lastSignIns([LI])).size, 0);
});

test('places are cities here, countries elsewhere, and nothing for networks of our own', async () => {
  const find = createPlaceFinder();
  const places = await Promise.all(
    ['202.203.208.33', '8.8.8.8', '10.0.0.1', '::1', '192.0.2.1', 'fe80::1', '2001:da8::1', 'no address'].map(find),
  );
  assert.deepEqual(places, ['中国 云南省 昆明', '美国', '', '', '', '', '中国 北京', '']);
});
