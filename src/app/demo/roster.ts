/** The roster of the demonstration campus: everybody, as the address book shows them, and one who has just graduated. */
import { openRoster } from '#app/open-roster.ts';
import type { System } from '#app/system.ts';
import type { TableRow } from '#roster/table.ts';
import { DEMO_PEOPLE, STUDENT_DOMAIN } from './people.ts';

const HEADER = ['学工号', '姓名', '人员类别', '单位', '培养层次', '入学年月', '状态'];

const GRADUATE = ['202210401188', '施望舒'] as const;

/** Once, as two runs that can be looked at: campusmail roster runs. */
export async function bringDemoRoster(system: System): Promise<void> {
  if ((await system.directory.findPerson(GRADUATE[0])) !== undefined) return;
  const roster = openRoster(system);
  const bring = async (source: string, rows: readonly (readonly string[])[]): Promise<void> => {
    const table = [HEADER, ...rows].map((cells, i): TableRow => ({ row: i + 1, cells, hasFormula: false }));
    const plan = await roster.plan(await roster.readRows(table), true);
    await roster.apply(plan, { source, sourceHash: '', actor: 'demo' }, { isForced: true });
  };
  const student = (number: string, name: string, unit: string, status: string): readonly string[] => [
    number,
    name,
    '学生',
    unit,
    '本科',
    `${number.slice(0, 4)}09`,
    status,
  ];
  const everybody = DEMO_PEOPLE.map(({ number, name, unit, domain }) =>
    domain === STUDENT_DOMAIN ? student(number, name, unit, '在读') : [number, name, '教职工', unit, '', '', '在职'],
  );
  await bring('全校名册.xlsx', [...everybody, student(...GRADUATE, '理学院', '在读')]);
  await bring('2026 届毕业生.csv', [student(...GRADUATE, '理学院', '毕业')]);
}
