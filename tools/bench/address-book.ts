/** 组织通讯录 by itself: so many people, and how long each question takes that somebody types on the way to a name. */
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import type { AccountId } from '#base/ids.ts';
import { AddressBook } from '#directory/address-book.ts';
import { ADDRESS_BOOK_LIMITS } from '#directory/limits.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { median, type Report } from './target.ts';

const PEOPLE = 100_000;
const ASKED = 5;
const DOMAIN = 'bench.test';
/** One in a hundred has a name in another script. */
const OTHER_SCRIPT = 100;

/** As common as they are: the first ones stand for a fifth of everybody. */
const SURNAMES =
  '王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜单欧';
const GIVEN =
  '伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玉萍红建国华文辉力志永健世广义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆';
const UNITS = [
  '信息工程与自动化学院',
  '教务处',
  '外国语学院',
  '机电工程学院',
  '理学院',
  '医学院',
  '图书馆',
  '化学工程学院',
];

/** The questions that take the most of the processor, each the median of `ASKED`. */
export async function measureAddressBook(report: Report): Promise<void> {
  const book = new AddressBook({ store: populated(), clock: systemClock, log: silentLog });
  const asker = 1 as AccountId;
  const begunAt = process.cpuUsage();
  await book.units();
  const buildMs = cpuMs(begunAt);
  const slowest: { readonly typed: string; readonly ms: number }[] = [];
  for (const typed of questions()) {
    const times: number[] = [];
    for (let n = 0; n < ASKED; n++) {
      const from = process.cpuUsage();
      await book.search(typed, ADDRESS_BOOK_LIMITS.found, asker);
      times.push(cpuMs(from));
    }
    slowest.push({ typed, ms: median(times) });
  }
  slowest.sort((a, b) => b.ms - a.ms);
  for (const { typed, ms } of slowest.slice(0, 8)) report('address-book', { people: PEOPLE, typed, cpuMs: ms });
  report('address-book', { people: PEOPLE, questions: slowest.length, buildMs });
  book.close();
}

function cpuMs(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

/** Each letter, each two of the commonest names' first letters, characters, longer pinyin, numbers and units. */
function questions(): readonly string[] {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
  const pairs = Array.from('wlzcyx').flatMap((first) => letters.map((second) => first + second));
  const spelled =
    'wang li zhang liu chen zh zha wangw zhangwei liming zhx zhangxm xinxi jiaowuchu 学院 信息 王 张伟 国'.split(' ');
  return [...letters, ...pairs, ...spelled, '2', '20', '2023', '202300001', 'smith', 'zzzzzzzz'];
}

function populated(): DirectoryStore {
  const random = seededRandom(7);
  const of = (from: string): string => from.charAt(Math.floor(random() ** 2 * from.length));
  const accounts = Array.from({ length: PEOPLE }, (_, n) => {
    const isOther = n % OTHER_SCRIPT === 0;
    const displayName = isOther ? `Mary Smith ${n}` : of(SURNAMES) + of(GIVEN) + (random() < 0.7 ? of(GIVEN) : '');
    return { accountId: n + 1, displayName, stage: 'active', receives: true, createdAt: 0 };
  });
  const after = <Row>(rows: readonly Row[], from: number, limit: number): Promise<readonly Row[]> =>
    Promise.resolve(rows.slice(from, from + limit));
  const persons = accounts.map(({ accountId }) => {
    const unit = UNITS[accountId % UNITS.length];
    return { personId: accountId, accountId, unit, englishName: '' };
  });
  const reader = {
    persons: (from: number, limit: number) => after(persons, from, limit),
    accounts: (from: number, limit: number) => after(accounts, from, limit),
    addressesBetween: (from: number, to: number) =>
      Promise.resolve(
        accounts.slice(from, to).map(({ accountId }) => ({
          accountId,
          localPart: String(202_300_000 + accountId),
          domain: DOMAIN,
          kind: 'primary',
        })),
      ),
    groups: () => Promise.resolve([]),
  };
  // Of the store it asks for these alone.
  return { reader, watch: () => () => undefined } as unknown as DirectoryStore;
}
