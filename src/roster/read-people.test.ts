import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { isMailError } from '#base/errors.ts';
import { findHeader } from './columns.ts';
import { parseInitialPasswordRule, parseTemplate } from './initial-passwords.ts';
import type { InitialPasswordRule, InitialPasswordSettings, Template } from './initial-passwords.ts';
import { MAX_CELLS, MAX_SHARED_TEXTS } from './limits.ts';
import { readPeople } from './read-people.ts';
import type { People, RosterEntry } from './read-people.ts';
import { readTable } from './table.ts';
import { identityNumber, makeXlsx } from './testing/lists.ts';
import type { SheetCell } from './testing/lists.ts';
import { formatTrouble } from './troubles.ts';

const rules = ['student -2022 kust{idTail(6)}', 'student 2023- Kust{idTail(8)}', 'staff Kust{idTail(8)}'].map(
  (line) => parseInitialPasswordRule(line) as InitialPasswordRule,
);
const settings: InitialPasswordSettings = { rules, withoutId: parseTemplate('Kust{noTail(8)}') as Template };

/** Secrets that can be read, as no real one can. */
const secrets = {
  hashInitial: (passwords: readonly string[]): string => passwords.join(' or '),
  digestTail: (number: string, document: string): string => (document === '' ? '' : `${number}:${document.slice(-6)}`),
};

async function read(octets: Buffer | string): Promise<People> {
  const table = await readTable(Buffer.from(octets), (rows) => findHeader(rows) !== undefined);
  return readPeople(table, { initialPasswords: settings, secrets });
}

const readCsv = (...lines: string[]): Promise<People> => read(lines.join('\r\n'));
const readSheet = (...rows: (readonly SheetCell[])[]): Promise<People> => read(makeXlsx(rows));

async function readOne(header: string, line: string): Promise<RosterEntry> {
  const { entries, troubles } = await readCsv(header, line);
  assert.deepEqual(troubles.map(formatTrouble), []);
  const [entry] = entries;
  assert.ok(entry !== undefined);
  return entry;
}

async function troublesOf(header: string, ...lines: string[]): Promise<readonly string[]> {
  const { troubles } = await readCsv(header, ...lines);
  return troubles.map(({ row, kind }) => `${row} ${kind}`);
}

const ID = '11010519491231002X';

describe('columns', () => {
  const wanted = { number: '2023001', name: '张三', unit: '信息学院', enrolled: 202309, status: 'enrolled' };
  for (const [title, header, line] of [
    ['in Chinese', '学号*,姓名*,院系/单位,入学年月,状态', '2023001,张三,信息学院,2023-09,在读'],
    ['as codes of the standard', 'XJZT,YXMC,XM,XH,RXNY', '在读,信息学院,张三,2023001,202309'],
    [
      'full-width, with remarks',
      '学 号（必填）,姓名：,学院,入学年份/入学年月,学籍状态',
      '2023001,张三,信息学院,202309,注册学籍',
    ],
    ['with semicolons', '学号;姓名;学院;入学年月;状态', '2023001;张三;信息学院;2023年9月;在读'],
  ] as const) {
    test(title, async () => {
      const entry = await readOne(header, line);
      assert.deepEqual(
        Object.fromEntries(Object.keys(wanted).map((key) => [key, entry[key as keyof RosterEntry]])),
        wanted,
      );
      assert.equal(entry.population, 'student');
      assert.equal(entry.englishName, undefined, 'what the list does not have stays as it is');
    });
  }

  test('may stand below a title', async () => {
    const { entries } = await readCsv('昆明理工大学 2023 级新生名单,,', '学号,姓名,电话', '2023001,张三,1');
    assert.deepEqual(
      entries.map(({ row, number }) => [row, number]),
      [[3, '2023001']],
    );
  });

  test('that mean nothing are told, two that mean the same refused, and a list without them', async () => {
    const { ignored } = await readCsv('学号,姓名,性别码,导师', '1,张三,1,李四');
    assert.deepEqual(ignored, ['性别码', '导师']);
    await assert.rejects(readCsv('学号,姓名,XM', '1,张三,李四'), /several columns mean the same: XM/);
    await assert.rejects(readCsv('甲,乙', '1,2'), /找不到表头/);
    await assert.rejects(readCsv(''), /找不到表头/);
  });
});

describe('what files are made of', () => {
  const text = '工号,姓名,部门\r\n0012,尉迟·雪,"教务处, 一科"\r\n';
  for (const [title, octets] of [
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['GBK', iconv.encode(text, 'gbk')],
    ['UTF-16', iconv.encode(`\ufeff${text}`, 'utf-16le')],
  ] as const) {
    test(title, async () => {
      const { entries, troubles } = await read(octets);
      assert.deepEqual(troubles, []);
      const [{ number, name, unit, population }] = entries as [RosterEntry];
      assert.deepEqual([number, name, unit, population], ['0012', '尉迟·雪', '教务处, 一科', 'staff']);
    });
  }

  test('GBK that passes as UTF-8', async () => {
    const octets = iconv.encode('学号,姓名,学校\n1,学校,系统\n', 'gbk').subarray();
    const { entries } = await read(octets);
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['学校'],
    );
  });

  test('a workbook: shared texts, days as numbers, only the sheet that is seen', async () => {
    const { entries, troubles } = await readSheet(
      ['学号', '姓名', '入学年月', '预计毕业', '证件号', '人员类别'],
      ['0023001', '张 三', { serial: 45170 }, { serial: 46203 }, ID, '本科生'],
      [23002, '李四', 2023, '', '', '研究生'],
    );
    assert.deepEqual(troubles.map(formatTrouble), []);
    assert.deepEqual(
      entries.map(({ number, name, enrolled, endsOn }) => [number, name, enrolled, endsOn]),
      [
        ['0023001', '张三', 202309, '2026-06-30'],
        ['23002', '李四', 202300, null],
      ],
    );
  });

  test('formulas are not believed, but for those that say "this is text"', async () => {
    const sheet = await readSheet(['学号', '姓名'], [{ formula: 'A1&"1"', value: '2023001' }, '张三']);
    assert.deepEqual(
      sheet.troubles.map(({ kind }) => kind),
      ['formula'],
    );
    assert.deepEqual(await troublesOf('学号,姓名', '1001,"=HYPERLINK(""http://x"")"'), ['2 formula']);
    assert.equal((await readOne('学号,姓名', '"=""0012""",张三')).number, '0012');
  });

  test('bombs are refused before they are held', async () => {
    const wide = `学号,姓名${',x'.repeat(MAX_CELLS)}\n`;
    await assert.rejects(read(wide), (error) => isMailError(error, 'limit'));
    await assert.rejects(read(`学号,姓名\n1,${'张'.repeat(40_000)}\n`), (error) => isMailError(error, 'limit'));
    await assert.rejects(read('学号,姓名\n1,"张三\n2,李四\n'), /quote in line 2 is never closed/);
    await assert.rejects(read(Buffer.from('PK\u0003\u0004 and nothing else')), (error) =>
      isMailError(error, 'invalid'),
    );
    // An archive that says it holds more than a list of people can be.
    const bomb = makeXlsx([['学号', '姓名']]);
    const central = bomb.lastIndexOf(Buffer.from('PK\u0001\u0002')) + 24;
    bomb.writeUInt32LE(0x7fff_ffff, central);
    await assert.rejects(read(bomb), (error) => isMailError(error, 'tooLarge'));
  });

  test('a workbook whose texts swell, honestly or not, or whose cells stand far out is refused', async () => {
    const withPart = (name: string, content: Uint8Array): Buffer => {
      const files = unzipSync(makeXlsx([['学号', '姓名']]));
      return Buffer.from(zipSync({ ...files, [name]: content }, { level: 1 }));
    };
    const texts = 'xl/sharedStrings.xml';
    const bomb = withPart(texts, Buffer.from('<si/>'.repeat(MAX_SHARED_TEXTS + 1)));
    await assert.rejects(read(bomb), (error) => isMailError(error, 'limit'));
    // The same, saying that it holds a hundred octets.
    bomb.writeUInt32LE(100, bomb.lastIndexOf(texts) - 46 + 24);
    await assert.rejects(read(bomb), (error) => isMailError(error, 'invalid'));
    const far = '<worksheet><sheetData><row r="1"><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>';
    await assert.rejects(read(withPart('xl/worksheets/sheet2.xml', Buffer.from(far))), (error) =>
      isMailError(error, 'limit'),
    );
  });

  test('whatever octets come, they are read or refused', async () => {
    const whole = makeXlsx([
      ['学号', '姓名'],
      ['1', '张三'],
    ]);
    for (let length = 0; length < whole.length; length += 97) {
      await read(whole.subarray(0, length)).then(
        () => assert.fail('half a workbook was read'),
        (error: unknown) => assert.ok(isMailError(error), String(error)),
      );
    }
  });
});

describe('the traps of spreadsheets', () => {
  test('numbers that were ruined are refused by row', async () => {
    assert.deepEqual(
      await troublesOf('学号,姓名', '5.30102E+17,张三', '530102200501010000,李四', ',王五', 'a b@,赵六', '2023005,'),
      ['2 ruinedNumber', '3 ruinedNumber', '4 noNumber', '5 badNumber', '6 noName'],
    );
    const { troubles } = await readSheet(['学号', '姓名'], [5.301020050101e17, '张三'], [2023.5, '李四']);
    assert.deepEqual(
      troubles.map(({ kind }) => kind),
      ['ruinedNumber', 'badNumber'],
    );
  });

  test('identity numbers that were ruined or mistyped are refused by row, and never told', async () => {
    const { troubles, entries } = await readCsv(
      '学号,姓名,证件类型,证件号',
      '1001,张三,居民身份证,110105194912310021',
      '1002,李四,,110105194912310000',
      '1003,王五,身份证,1.10105E+17',
      '1004,赵六,身份证,12345',
      '1005,A. Smith,护照,E12345678',
      '1006,钱七,身份证,110105491231002',
      '1007,B. Jones,外国人永久居留身份证,933840194912310021',
    );
    assert.deepEqual(
      troubles.map(({ row, kind }) => `${row} ${kind}`),
      ['2 wrongDocument', '3 ruinedDocument', '4 ruinedDocument', '5 wrongDocument'],
    );
    assert.doesNotMatch(troubles.map(formatTrouble).join(), /1101051949|12345/);
    assert.deepEqual(
      entries.map(({ number, initial }) => [number, initial?.isWeak]),
      [
        ['1005', true],
        ['1006', true],
        ['1007', true],
      ],
    );
  });

  test('blanks, full-width digits and dots are folded', async () => {
    const entry = await readOne('学号,姓名,学院', '２０２３　００１,　阿依努尔• 买买提 , 信息　学院 ');
    assert.deepEqual([entry.number, entry.name, entry.unit], ['2023001', '阿依努尔·买买提', '信息 学院']);
    assert.equal((await readOne('工号,姓名', 'Z-0012,Maria  Gonçalves')).name, 'Maria Gonçalves');
    assert.equal((await readOne('工号,姓名', '1,尉 迟 雪')).name, '尉迟雪');
    assert.deepEqual(await troublesOf('学号,姓名', '1,刘?', '2,\ue001'), ['2 badName', '3 badName']);
  });

  test('a lost leading zero shows by the others', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `0${1000 + i},张三`);
    assert.deepEqual(await troublesOf('工号,姓名', ...lines, '1999,李四'), ['22 lostZero']);
    assert.deepEqual(await troublesOf('工号,姓名', '1001,张三', '999,李四'), []);
  });

  test('a number twice: the same is one, another is told', async () => {
    assert.deepEqual(await troublesOf('学号,姓名', '1,张三', '１,张三', '1,李四'), ['4 duplicate']);
  });

  test('years, months and days in every spelling', async () => {
    const months: Record<string, number> = {
      2023: 202300,
      '2023级': 202300,
      202309: 202309,
      '2023-9': 202309,
      '2023/09/01': 202309,
      '2023年9月1日': 202309,
      20230901: 202309,
      45170: 202309,
      '２０２３': 202300,
      '2023-09-01 00:00:00': 202309,
    };
    for (const [text, wanted] of Object.entries(months))
      assert.equal((await readOne('学号,姓名,入学年月', `1,张三,${text}`)).enrolled, wanted, text);
    for (const wrong of ['23', '2023-13', '2023-02-30', '九月', '1.5'])
      assert.deepEqual(await troublesOf('学号,姓名,入学年月', `1,张三,${wrong}`), ['2 badEnrolled'], wrong);
    const ends: Record<string, string> = { 2027: '2027-06-30', '2027-07': '2027-07-31', '2027/7/1': '2027-07-01' };
    for (const [text, wanted] of Object.entries(ends))
      assert.equal((await readOne('学号,姓名,预计毕业', `1,张三,${text}`)).endsOn, wanted, text);
  });

  test('who somebody is, and how they stand', async () => {
    const one = await readOne('学工号,姓名,人员类别,状态', '1,张三,博士后,博士后出站');
    assert.deepEqual([one.population, one.status], ['staff', 'postdoc-ended']);
    assert.equal((await readOne('学工号,姓名,人员类别', '1,张三,博士研究生')).population, 'student');
    assert.deepEqual(await troublesOf('学工号,姓名,人员类别,状态', '1,张三,,', '2,李四,外星人,', '3,王五,学生,07'), [
      '2 noPopulation',
      '3 unknownPopulation',
      '4 unknownStatus',
    ]);
  });
});

describe('initial passwords', () => {
  const given = async (year: string, id = ID): Promise<string | undefined> =>
    (await readOne('学号,姓名,入学年份,证件号', `2023001,张三,${year},${id}`)).initial?.verifier;

  test('follow population and year; the first year of a rule takes the one before, too (A1)', async () => {
    assert.equal(await given('2022'), 'kust31002X');
    assert.equal(await given('2023'), 'Kust1231002X or kust31002X');
    assert.equal(await given('2024'), 'Kust1231002X');
    assert.equal(await given('2024', ID.toLowerCase()), 'Kust1231002X');
    assert.equal(await given(''), 'Kust1231002X');
    const staff = await readOne('工号,姓名,身份证号', `0012,李四,${identityNumber(7)}`);
    assert.match(staff.initial?.verifier ?? '', /^Kust0315007.$/);
  });

  test('fall back to the number without an identity card (A3), and to nothing where the list does not say', async () => {
    const weak = await readOne('学号,姓名,证件类型,证件号', '202310401101,A. Smith,护照,E12345678');
    assert.deepEqual(weak.initial, { verifier: 'Kust10401101', isWeak: true });
    assert.equal((await readOne('学号,姓名', '202310401101,张三')).initial, undefined);
  });

  test('the tail of the document is kept as a digest alone', async () => {
    assert.equal((await readOne('学号,姓名,证件号', `1,张三,${ID}`)).tailCheck, '1:31002X');
    assert.equal((await readOne('学号,姓名', '1,张三')).tailCheck, undefined);
  });

  test('templates of other universities', async () => {
    const fill = async (template: string, header: string, line: string): Promise<string | undefined> => {
      const rule = parseInitialPasswordRule(`student ${template}`) as InitialPasswordRule;
      const table = await readTable(Buffer.from(`${header}\n${line}\n`), () => true);
      const own = { rules: [rule], withoutId: settings.withoutId };
      const { entries } = await readPeople(table, { initialPasswords: own, secrets });
      return entries[0]?.initial?.verifier;
    };
    assert.equal(await fill('{idTail(6, skipCheck)}', '学号,姓名,身份证号', `1,张三,${ID}`), '231002');
    assert.equal(await fill('{birthday}', '学号,姓名,身份证号', `1,张三,${ID}`), '19491231');
    assert.equal(await fill('{birthday}', '学号,姓名,出生日期', '1,张三,2005/3/5'), '20050305');
    assert.equal(await fill('Zycj{noTail(4)}!', '学号,姓名', '2023001,张三'), 'Zycj3001!');
  });

  test('rules that say nothing sensible are refused with the reason', () => {
    for (const [line, reason] of [
      ['teacher Kust{idTail(8)}', /begins with one of staff, student/],
      ['student 2023-2020 Kust{idTail(8)}', /has years such as/],
      ['student Kust12345678', /same for everybody/],
      ['student Kust{idTail(0)}', /1 to 17/],
      ['student Kust{idHead(6)}', /not understood at "\{idHead/],
      ['student Kust{noTail(6, skipCheck)}', /skipCheck for idTail alone/],
    ] as const)
      assert.match(parseInitialPasswordRule(line) as string, reason, line);
  });
});
