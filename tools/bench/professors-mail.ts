/**
 * What fifteen years leave in a professor's mailbox, made up: courses, lists, talks of hundreds, letters with pictures and papers attached,
 * in 40 folders. Message `at` is always the same, so that a mailbox can be filled in several goes.
 */
import { composeMessage, type Attachment } from '#mime/compose.ts';
import { letterWriter } from '#test/harness/letters.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';

export interface OldMail {
  /** By its path, levels divided by "/". */
  readonly folder: string;
  readonly flags: readonly string[];
  readonly receivedAt: number;
  readonly octets: Buffer;
}

const FIRST_AT = Date.UTC(2011, 8, 1);
const YEAR_MS = 365.25 * 86_400_000;
const YEARS = 15;

/** Ten talks are as long as this. */
const TALK_LETTERS = 300;
/** Of twenty other letters eight are a talk, and twelve stand alone. */
const SHORT_TALK_LETTERS = 8;

const YEAR_FOLDERS = Array.from({ length: YEARS }, (_, year) => `归档/${2011 + year}`);
const FOLDERS = [
  '课程/信号与系统',
  '课程/数字图像处理',
  '课程/毕业设计',
  '课程/研究生答辩',
  '学院/教务通知',
  '学院/人事',
  '学院/财务报销',
  '科研/国家自然科学基金',
  '科研/校企合作',
  '科研/IEEE TIP',
  '科研/审稿',
  '科研/Conference CFP',
  '列表/arxiv-cs',
  '列表/r-help',
  '列表/图书馆',
  '学生/2019级',
  '学生/2020级',
  '学生/2021级',
  '学生/2022级',
  '学生/2023级',
  '家人',
  '出差',
  '设备采购',
];

/** A picture of some kB, and papers. */
const PICTURE: Attachment = {
  fileName: '会场照片.png',
  type: 'image/png',
  content: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
  contentId: 'picture@uni.example',
};
const FILES: readonly Attachment[] = [
  { fileName: '毕业论文终稿.docx', type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' },
  { fileName: '2019—2020学年校历.pdf', type: 'application/pdf' },
  { fileName: 'review-report.pdf', type: 'application/pdf' },
  { fileName: '经费预算表.xlsx', type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
].map((file, n) => ({ ...file, content: Buffer.alloc(4_000 + n * 9_000, `${file.fileName}\n`) }));

/** The folders there are, parents first. */
export function listFolders(): readonly string[] {
  const paths = [...FOLDERS, ...YEAR_FOLDERS];
  return [...new Set([...paths.flatMap((path) => path.split('/').slice(0, -1)), ...paths])];
}

/** Call it for `at` from 0 on, each once and in order; `wanted`: how many there will be. */
export function professorsMail(wanted: number, to: string): (at: number) => OldMail {
  const random = seededRandom(2011);
  const write = letterWriter(random);
  const idOf = (at: number): string => `${at}.${Math.imul(at + 1, 0x45d9f3b) >>> 0}@mail.uni.example`;
  let subject = '';
  let rootAt = 0;
  return (at) => {
    const letter = write(at);
    const receivedAt = FIRST_AT + Math.floor((at / wanted) * YEARS * YEAR_MS);
    const place = at % Math.max(TALK_LETTERS * 2, Math.floor(wanted / 10));
    const isLong = place < TALK_LETTERS;
    const inTalk = isLong ? place : (at % 20) - 12;
    const isAnswer = inTalk > 0 && inTalk < (isLong ? TALK_LETTERS : SHORT_TALK_LETTERS);
    if (!isAnswer) {
      subject = letter.subject;
      rootAt = at;
    }
    const [name = '', address = ''] = letter.from.replace('>', '').split(' <');
    const octets = composeMessage({
      from: { name, email: address },
      to: [{ name: '曾国栋', email: to }],
      subject: isAnswer ? `${at % 4 > 0 ? '回复: ' : 'Re: '}${subject}` : subject,
      text: letter.text,
      dateMs: receivedAt,
      messageId: idOf(at),
      ...(isAnswer && { inReplyTo: idOf(at - 1), references: [idOf(rootAt), idOf(at - 1)] }),
      ...(at % 3 === 0 && { html: asHtml(letter.text, at % 12 === 0) }),
      ...((at % 10 === 7 || at % 12 === 0) && {
        attachments: [
          ...(at % 12 === 0 ? [PICTURE] : []),
          ...(at % 10 === 7 ? [FILES[at % FILES.length] as Attachment] : []),
        ],
      }),
      ...(at % 9 === 4 && { headers: [['List-Id', `<talk${at % 5}.lists.uni.example>`]] }),
    });
    return {
      folder: folderOf(at, wanted, random),
      flags: [
        ...(at < wanted * 0.97 || random() < 0.4 ? ['\\Seen'] : []),
        ...(random() < 0.02 ? ['\\Flagged'] : []),
        ...(random() < 0.2 ? ['\\Answered'] : []),
      ],
      receivedAt,
      octets,
    };
  };
}

/** A third stays in the inbox, as it does. */
function folderOf(at: number, wanted: number, random: () => number): string {
  const chance = random();
  if (chance < 0.35) return 'INBOX';
  if (chance < 0.5) return 'Sent';
  if (chance < 0.75) return YEAR_FOLDERS[Math.floor((at / wanted) * YEARS)] as string;
  return FOLDERS[at % FOLDERS.length] as string;
}

const asHtml = (text: string, hasPicture: boolean): string =>
  `<div style="font-family: 宋体; font-size: 14px">${text
    .split('\r\n')
    .map((line) => `<p>${line}</p>`)
    .join(
      '',
    )}${hasPicture ? '<img src="cid:picture@uni.example" width="320" alt="">' : ''}<table border="1"><tr><td>时间</td><td>地点</td></tr></table></div>`;
