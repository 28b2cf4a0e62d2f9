/** Which column of a table is which: by its name in Chinese or English, or by the codes of the national standard (JY/T 1006). */
import { MAX_ROWS_ABOVE } from './limits.ts';
import type { TableRow } from './table.ts';

/** Names, with blanks between them. */
const NAMES = {
  /** Says whose number it is, too. */
  studentNumber: '学号 XH STUDENTNUMBER',
  staffNumber: '工号 职工号 教工号 教职工号 职工编号 GH ZGH JGH EMPLOYEENUMBER',
  number: '工号/学号 学号/工号 学工号 人员编号 证号 XGH GXH RYBH ID_NUMBER NUMBER USERNAME',
  name: '姓名 名字 学生姓名 教工姓名 XM NAME USER_NAME DISPLAYNAME',
  englishName: '英文名 英文姓名 YWXM ENGLISHNAME',
  population: '人员类别 人员类型 身份类别 身份 RYLB RYLX ID_TYPE USERTYPE USER_TYPE POPULATION',
  unit:
    '院系/单位 院系 单位 学院 部门 院系名称 单位名称 学院名称 部门名称 所在院系 所在单位 YXMC DWMC ' +
    'BMMC YXSMC UNIT UNITNAME UNIT_NAME DEPARTMENT',
  documentKind: '证件类型 身份证件类型 证件类型码 SFZJLX SFZJLXM ZJLX DOCUMENTKIND',
  documentNumber: '证件号 证件号码 身份证号 身份证号码 身份证件号 SFZJH SFZH ZJH ZJHM DOCUMENTNUMBER',
  birthday: '出生日期 出生年月日 生日 CSRQ BIRTHDAY',
  enrolled:
    '入学年份/入学年月 入学年份 入学年月 入学日期 入学时间 年级 入职年月 入职日期 来校年月 入校时间 RXNY ' +
    'RXRQ RXNF NJ LXNY LXRQ ENROLLED',
  level: '培养层次 学历层次 培养层次码 PYCC PYCCM LEVEL',
  status:
    '状态 人员状态 在校状态 学籍状态 学生状态 学生当前状态 学生当前状态码 在职状态 当前状态 XSDQZT ' +
    'XSDQZTM XJZT RYZT DQZT STATUS',
  endsOn: '预计毕业 预计毕业日期 预计毕业时间 毕业日期 合同截止日期 合同到期日 聘期截止 YJBYRQ BYRQ ENDSON',
  formerNumber: '原学号 原工号 原学工号 关联工号 关联学号 关联学工号 FORMERNUMBER',
} as const satisfies Record<string, string>;

export type Column = keyof typeof NAMES;

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  Object.entries(NAMES).flatMap(([column, names]) => names.split(' ').map((name) => [fold(name), column as Column])),
);

export interface Header {
  /** The row it stands in; people are below it. */
  readonly row: number;
  /** Of each column that means something to us, its place. */
  readonly places: ReadonlyMap<Column, number>;
  /** Names of those that mean nothing to us. */
  readonly ignored: readonly string[];
  /** Two columns of one meaning: nobody can tell which counts. */
  readonly doubled: readonly string[];
}

/** Undefined: none of the first rows names a number and a name. */
export function findHeader(rows: readonly TableRow[]): Header | undefined {
  for (const row of rows.slice(0, MAX_ROWS_ABOVE)) {
    const header = readHeader(row);
    if (header.places.has('name') && [...header.places.keys()].some((one) => isNumberColumn(one))) return header;
  }
  return undefined;
}

export function isNumberColumn(column: Column): boolean {
  return column === 'number' || column === 'studentNumber' || column === 'staffNumber';
}

function readHeader({ row, cells }: TableRow): Header {
  const places = new Map<Column, number>();
  const ignored: string[] = [];
  const doubled: string[] = [];
  for (const [place, cell] of cells.entries()) {
    const name = String(cell).trim();
    const column = COLUMNS.get(fold(name));
    if (column === undefined) {
      if (name !== '') ignored.push(name);
    } else if (places.has(column)) doubled.push(name);
    else places.set(column, place);
  }
  return { row, places, ignored, doubled };
}

/** Without blanks, the star of what must be filled in, and remarks in brackets; full-width signs as the others. */
function fold(name: string): string {
  return name
    .slice(0, 100)
    .normalize('NFKC')
    .replaceAll(/\([^)]*\)|[\s*:]/g, '')
    .toUpperCase();
}
