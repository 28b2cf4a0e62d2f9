/**
 * Letters as people write them, for trying and measuring searches: words as often as in prose (the k-th word 1/k as often
 * as the first, Zipf's law, over 30,000), most of them after words they usually follow, sentences, a signature; three of
 * four in Chinese.
 */
import phrases from 'opencc-js/dict/STPhrases';

export interface Letter {
  readonly from: string;
  readonly subject: string;
  readonly text: string;
}

/** The commonest words, most frequent first; so the first few are in most letters. */
const COMMON =
  '的 在 了 是 和 有 我 请 您 与 我们 您好 通知 学院 老师 同学 会议 时间 工作 关于 各位 安排 学生 大学 进行 附件 可以 谢谢 以及 论文 考试 项目 系统 ' +
  '材料 报告 实验 课程 教务处 图书馆 办公室 上午 下午 期末考试 毕业 答辩 讲座 科研 经费 申请 审核 提交 截止 查收 祝好 领导 部门 文件 校区 电子邮件';
const COMMON_LATIN =
  'the of to and in a for is on that with you be this are we will your as by please it at have from or not our can if an all ' +
  'university students meeting research report paper seminar review deadline attached regards library office project schedule student Thursday';
const SYLLABLES =
  'ba con de el fi gra hu in ja ke lo mi nor ops pre qua re sta ti un ver wa xi yo zu tion ment ing'.split(' ');

export function letterWriter(random: () => number): (at: number) => Letter {
  const chinese = [...COMMON.split(' '), ...chooseChinese(random)];
  const latin = [...COMMON_LATIN.split(' '), ...Array.from({ length: 8_000 }, (_, n) => spell(n))];
  const pick = (words: readonly string[]): number => Math.floor((words.length + 1) ** random()) - 1;
  const count = (median: number): number => Math.round(median * Math.exp((random() + random() + random() - 1.5) * 1.2));
  /** Every word has its twenty usual followers, of all frequencies; three times in four one of them comes next. */
  const follow = (words: readonly string[], last: number): number => {
    if (random() < 0.25) return pick(words);
    const usual = Math.floor(20 ** random());
    return Math.floor((words.length + 1) ** (((last * 97 + usual) * 0.618_034) % 1)) - 1;
  };
  const write = (words: readonly string[], length: number, blank: string, stops: readonly [string, string]): string => {
    let text = '';
    let word = pick(words);
    for (let n = 0; n < length; n++) {
      word = follow(words, word);
      const stop = random() < 0.12 ? stops[0] : random() < 0.06 ? `${stops[1]}${random() < 0.3 ? '\r\n\r\n' : ''}` : '';
      text += `${words[word]}${stop}${blank}`;
    }
    return `${text}${stops[1]}`;
  };
  return (at) => {
    const person = Math.floor(random() * 3_000);
    const name = `${chinese[100 + (person % 900)]}${person % 7}`;
    const isChinese = at % 4 > 0;
    const subject = isChinese ? write(chinese, 5, '', ['', '']) : write(latin, 5, ' ', ['', '']);
    const body = isChinese ? write(chinese, count(160), '', ['，', '。']) : write(latin, count(130), ' ', [',', '.']);
    return {
      from: `${name} <p${person}@uni.example>`,
      subject: `${subject} ${at}`,
      text: `${body}\r\n\r\n-- \r\n${name}\r\n${chinese[person % 50]}学院 0871-6${person % 10_000}\r\n`,
    };
  };
}

/** Words of a dictionary, in random order, those of two characters before longer ones. */
function chooseChinese(random: () => number): string[] {
  return phrases
    .split('|')
    .map((pair) => pair.split(' ')[0] ?? '')
    .map((word) => ({ word, rank: random() + (word.length > 2 ? 0.7 : 0) }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, 30_000)
    .map(({ word }) => word);
}

function spell(number: number): string {
  let word = '';
  for (let rest = number + 30; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}
