/**
 * The search index by itself: 100,000 messages of words as they come (common ones often), a fifth of them announcements
 * to many; how fast they are indexed, how large that is, and how long questions take.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '#base/log.ts';
import type { AccountId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { Indexer } from '#search/indexer.ts';
import { parseQuery } from '#search/query.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { median, type Report } from './target.ts';

const MESSAGES = 100_000;
/** Accounts an announcement goes to; the first has all mail of its own as well. */
const ACCOUNTS = 20;
const APPENDED_AT_ONCE = 100;
const QUESTIONS: Readonly<Record<string, string>> = {
  common: '会议',
  character: '会',
  phrase: '期末考试',
  'two words': '会议 考试',
  latin: 'seminar',
  rare: '镕基',
};

const WORDS = (
  '的 通知 会议 学院 老师 同学 考试 系统 工作 时间 请 关于 各位 安排 论文 实验 项目 材料 报告 学生 课程 教务处 图书馆 办公室 ' +
  '星期五 上午 下午 期末考试 毕业 答辩 讲座 科研 经费 申请 审核 提交 截止 附件 查收 谢谢 您好 祝好 领导 部门 文件 昆明 校区 ' +
  'seminar Thursday deadline paper review library please find attached regards meeting project report schedule student office'
).split(' ');

/** Of 3,000 more words, so that most are rare; the k-th is asked for with a frequency of 1/k. */
function makeWords(random: () => number): string[] {
  const rare = Array.from({ length: 3_000 }, () =>
    String.fromCodePoint(0x4e00 + Math.floor(random() * 6_000), 0x4e00 + Math.floor(random() * 6_000)),
  );
  return [...WORDS, ...rare];
}

export async function measureSearch(folder: string, report: Report): Promise<void> {
  const dataDir = join(folder, 'search');
  const random = seededRandom(1);
  const words = makeWords(random);
  const pickWord = (): string => words[Math.floor(words.length ** random()) - 1] ?? '';
  const store = await openSqliteStore({ dataDir });
  try {
    const mail = new Mail(store.mail);
    const accountIds = Array.from({ length: ACCOUNTS }, (_, n) => (n + 1) as AccountId);
    for (const accountId of accountIds) await mail.account(accountId).provision();
    let textBytes = 0;
    for (let done = 0; done < MESSAGES; done += APPENDED_AT_ONCE) {
      const waiting: Promise<unknown>[] = [];
      for (let n = done; n < done + APPENDED_AT_ONCE; n++) {
        const text = Array.from({ length: 60 + Math.floor(random() * 240) }, () => {
          const word = pickWord();
          return /^\w/.test(word) ? ` ${word} ` : random() < 0.15 ? `${word}，` : word;
        }).join('');
        const name = n === 777 ? '朱镕基' : '李伟';
        const header = `From: ${name} <p${n % 3_000}@uni.example>\r\nSubject: ${pickWord()}${pickWord()} ${n}`;
        textBytes += Buffer.byteLength(text) + Buffer.byteLength(header);
        const octets = Buffer.from(`${header}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`);
        waiting.push(mail.deliver(mail.prepareMessage(octets), n % 5 === 0 ? accountIds : accountIds.slice(0, 1), n));
      }
      await Promise.all(waiting);
    }
    const indexer = new Indexer({
      index: store.search,
      source: store.mail.reader,
      readFiles: async () => '',
      log: silentLog,
    });
    const startedAt = performance.now();
    while ((await indexer.step()) > 0);
    const seconds = (performance.now() - startedAt) / 1_000;
    report('search_indexing', {
      messages_per_s: Math.round(MESSAGES / seconds),
      index_mb: Math.round(statSync(join(dataDir, 'search.db')).size / 1e6),
      text_mb: Math.round(textBytes / 1e6),
    });
    for (const [name, text] of Object.entries(QUESTIONS)) {
      const query = parseQuery(text);
      let hits = 0;
      const timeQuestion = async (accountId: AccountId, limit?: number): Promise<number> => {
        const times: number[] = [];
        for (let run = 0; run < 7; run++) {
          const from = performance.now();
          hits = (await store.search.find(accountId, query, limit)).emailIds.length;
          times.push(performance.now() - from);
        }
        return Math.round(median(times) * 100) / 100;
      };
      const [page, small, all] = [
        await timeQuestion(1 as AccountId, 50),
        await timeQuestion(2 as AccountId),
        await timeQuestion(1 as AccountId),
      ];
      report('search_question', { question: name, page_ms: page, all_ms: all, hits, of_20k_shared_ms: small });
    }
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
