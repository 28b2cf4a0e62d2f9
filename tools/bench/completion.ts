/** How long the address book of a large school thinks about each letter that is typed (`--only completion`). */
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { AddressBook } from '#directory/address-book.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { median, type Report } from './target.ts';

const PEOPLE = 100_000;
const UNITS = 60;
const REPETITIONS = 15;
const LIMIT = 10;
/** The commonest come first and most. */
const SURNAMES =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈欧';
const GIVEN =
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文斌宇浩轩梓涵欣怡子睿思远一诺佳琪天佑雨泽慧藩栋';
const TYPED = [
  'z',
  'l',
  'w',
  'zh',
  'zhang',
  'zw',
  'zhangw',
  'zgf',
  'wangxiu',
  '张',
  '张伟',
  '国',
  '2023',
  'x',
  'li',
  'xxgc',
];

export async function measureCompletion(report: Report): Promise<void> {
  const book = new AddressBook({ store: inventedSchool(), clock: new FakeClock(), log: silentLog });
  const asker = 1 as AccountId;
  const startedAt = performance.now();
  await book.search('a', LIMIT, asker);
  report('completion first', { people: PEOPLE, ms: Math.round(performance.now() - startedAt) });
  for (const typed of TYPED) {
    const costs: number[] = [];
    for (let n = 0; n < REPETITIONS; n++) {
      const before = process.cpuUsage();
      await book.search(typed, LIMIT, asker);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / 1_000);
    }
    report('completion', { typed, cpu_ms: Number(median(costs).toFixed(1)) });
  }
  book.close();
}

/** What the address book reads of a directory, and nothing else. */
function inventedSchool(): DirectoryStore {
  const random = seededRandom(1);
  const oneOf = (letters: string): string => letters[Math.floor(random() * letters.length)] as string;
  const accounts = Array.from({ length: PEOPLE }, (_, n) => {
    const surname = SURNAMES[Math.floor(SURNAMES.length * random() ** 2)] as string;
    const displayName = surname + oneOf(GIVEN) + (random() < 0.2 ? '' : oneOf(GIVEN));
    return { accountId: n + 1, displayName, stage: 'active', state: 'active', receives: true };
  });
  const pageOf = <Row>(rows: readonly Row[], after: number, limit: number) =>
    Promise.resolve(rows.slice(after, after + limit));
  const persons = accounts.map(({ accountId }) => ({
    personId: accountId,
    accountId,
    unit: `第${accountId % UNITS}学院`,
    englishName: '',
  }));
  const reader = {
    accounts: (after: number, limit: number) => pageOf(accounts, after, limit),
    persons: (after: number, limit: number) => pageOf(persons, after, limit),
    addressesBetween: (after: number, upTo: number) =>
      Promise.resolve(
        accounts.slice(after, upTo).map(({ accountId }) => ({
          accountId,
          localPart: String(202_300_000_000 + accountId),
          domain: 'stu.school.example',
          kind: 'primary',
        })),
      ),
    groups: () => Promise.resolve([]),
  };
  return { reader, watch: () => () => undefined } as unknown as DirectoryStore;
}
