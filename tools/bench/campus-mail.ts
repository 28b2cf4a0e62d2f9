/** Campus mail for loads: message `i` is always the same octets, half of it Chinese. */

const SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗';
const GIVEN_NAMES = '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平';
const SUBJECTS = [
  '关于期末考试安排的通知',
  '实验室安全培训',
  'Seminar on Thursday',
  '回复: 毕业论文初稿',
  'Library notice',
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const FIRST_DATE = Date.UTC(2024, 8, 1);
const STEP_MS = 7 * 60_000;

const encodeWord = (text: string): string => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** CRLF line ends, no line begins with a dot. `from`: the author's address, by default one of many elsewhere. */
export function makeMessage(index: number, sizeBytes: number, from = `p${index % 3_000}@uni.example`): Buffer {
  const date = new Date(FIRST_DATE + index * STEP_MS);
  const person = `${SURNAMES[index % SURNAMES.length]}${GIVEN_NAMES[(index * 7) % GIVEN_NAMES.length]}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
  const header = [
    `From: ${encodeWord(person)} <${from}>`,
    `To: "Student ${index % 40_000}" <s${index % 40_000}@uni.example>`,
    `Subject: ${encodeWord(`${SUBJECTS[index % SUBJECTS.length]} ${index}`)}`,
    `Date: ${DAYS[date.getUTCDay()]}, ${twoDigits(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${time} +0000`,
    `Message-ID: <${index}.${Math.imul(index + 1, 0x45d9f3b) >>> 0}@mail.uni.example>`,
    ...(index % 3 === 0
      ? [`In-Reply-To: <${index - 3}.${Math.imul(index - 2, 0x45d9f3b) >>> 0}@mail.uni.example>`]
      : []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(header), BODY.subarray(0, bodyLength(sizeBytes - header.length))]);
}

const LINE_BYTES = 78;
const BODY = Buffer.from(
  Buffer.from('请各位同学于本周五之前登录教务系统查看并确认选课结果，如有疑问请联系学院办公室。'.repeat(3_000))
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n'),
);

/** Whole lines, at least one. */
function bodyLength(wantedBytes: number): number {
  return Math.min(BODY.length, Math.max(1, Math.round(wantedBytes / LINE_BYTES)) * LINE_BYTES);
}
