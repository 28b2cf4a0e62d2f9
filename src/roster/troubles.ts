/** Why a row of a list of people was not taken, in words for whoever made the list. Never with a document's number. */

export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

const TEXTS = {
  formula: {
    zh: '含有公式的单元格：请复制后“选择性粘贴”为数值',
    en: 'a cell holds a formula: paste it as a value',
  },
  noNumber: { zh: '缺少工号或学号', en: 'no number (工号 or 学号)' },
  badNumber: {
    zh: '工号或学号只能由字母、数字及中间的 - _ . 组成',
    en: 'a number is made of letters and digits, with - _ . inside',
  },
  ruinedNumber: {
    zh: '工号或学号被电子表格改成了数值，末位已丢失：请将该列设为“文本”后重新导出',
    en: 'a spreadsheet took the number for a figure and rounded it: make the column text, and export it again',
  },
  lostZero: {
    zh: '工号或学号比其他行少一位，电子表格可能丢掉了开头的 0：请将该列设为“文本”',
    en: 'the number is one digit shorter than the others: a spreadsheet may have dropped its leading zero',
  },
  duplicate: {
    zh: '与前面某行的工号或学号相同，而内容不同',
    en: 'an earlier row has the same number and says something else',
  },
  noName: { zh: '缺少姓名', en: 'no name' },
  badName: {
    zh: '姓名过长，或有丢失的字（?、�）：生僻字请用 UTF-8 或 XLSX 导出',
    en: 'the name is too long or lost a character (?, �): export rare characters as UTF-8 or XLSX',
  },
  noPopulation: { zh: '缺少人员类别', en: 'it does not say whether this is staff or a student (人员类别)' },
  unknownPopulation: { zh: '人员类别不明', en: 'unknown kind of person (人员类别)' },
  unknownStatus: { zh: '状态不明：请填写文字，不要填写代码', en: 'unknown status: write it in words, not as a code' },
  badEnrolled: { zh: '入学年份或年月无法识别', en: 'year or month of enrolment not understood' },
  badEndDay: { zh: '预计毕业或截止日期无法识别', en: 'day of graduation or end not understood' },
  badFormerNumber: { zh: '原学号或关联工号有误', en: 'former number not understood' },
  ruinedDocument: {
    zh: '身份证号被电子表格改成了数值，后三位已丢失：请将该列设为“文本”后重新导出',
    en: 'a spreadsheet took the identity number for a figure and lost its last digits: make the column text',
  },
  wrongDocument: {
    zh: '身份证号有误：长度、出生日期或校验码不对',
    en: 'wrong identity number: its length, day of birth or check character does not fit',
  },
  addressTaken: {
    zh: '由该号码组成的邮箱地址已被他人占用（别名或群组）',
    en: 'the address made of this number belongs to somebody else (an alias or a group)',
  },
  noDomain: {
    zh: '该类人员没有设置邮箱域名（roster.domains）',
    en: 'no domain is set for this kind of people (roster.domains)',
  },
  tooLong: { zh: '院系或培养层次过长', en: 'unit or level is too long' },
} as const satisfies Record<string, Bilingual>;

export type TroubleKind = keyof typeof TEXTS;

export interface Trouble {
  /** As the file's program numbers it. */
  readonly row: number;
  /** The person's, where it can be read. */
  readonly number?: string;
  readonly kind: TroubleKind;
}

export function describeTrouble({ kind }: Pick<Trouble, 'kind'>): Bilingual {
  return TEXTS[kind];
}

/** `第 7 行 (row 7): 缺少姓名 / no name`. */
export function formatTrouble({ row, number, kind }: Trouble): string {
  const { zh, en } = TEXTS[kind];
  return `第 ${row} 行 (row ${row})${number === undefined ? '' : ` ${number}`}: ${zh} / ${en}`;
}
