/**
 * The roster of the demonstration campus: everybody, freshmen whose accounts wait to be activated, and one who has just
 * graduated. The numbers of identity cards are of nobody: there is no region 990000.
 */
import { openRoster } from '#app/open-roster.ts';
import type { System } from '#app/system.ts';
import type { TableRow } from '#roster/table.ts';
import { DEMO_PEOPLE, STUDENT_DOMAIN } from './people.ts';

const HEADER = ['学工号', '姓名', '人员类别', '单位', '入学年份', '状态', '证件号'];

/** Who can try the activation: 学号, 姓名, 身份证号. The first password is `Kust` and the last eight of it. */
export const DEMO_FRESHMEN = [
  ['202612001101', '段云舒', '990000200803150017'],
  ['202612001102', '阮明轩', '990000200711020055'],
  ['202612001103', '阿依古丽·艾合买提', '990000200805200081'],
] as const;

const GRADUATE = ['202210401188', '施望舒'] as const;
const SOURCE = { sourceHash: '', actor: 'demo' };

/** Once: where somebody is in the roster already, it does nothing. */
export async function bringDemoRoster(system: System): Promise<void> {
  if ((await system.directory.persons(0, 1)).length > 0) return;
  const roster = openRoster(system);
  const bring = async (source: string, rows: readonly (readonly string[])[], isPartial: boolean): Promise<void> => {
    const table = [HEADER, ...rows].map((cells, i): TableRow => ({ row: i + 1, cells, hasFormula: false }));
    await roster.apply(await roster.plan(await roster.readRows(table), isPartial), { ...SOURCE, source });
  };
  const everybody = DEMO_PEOPLE.map(({ number, name, unit, domain }) =>
    domain === STUDENT_DOMAIN
      ? [number, name, '本科生', unit, number.slice(0, 4), '在读', '']
      : [number, name, '教职工', unit, number.slice(0, 4), '在职', ''],
  );
  const freshmen = DEMO_FRESHMEN.map(([number, name, id]) => [number, name, '本科生', '理学院', '2026', '在读', id]);
  const graduate = (status: string) => [...GRADUATE, '本科生', '理学院', '2022', status, ''];
  await bring('2026 级名册.xlsx', [...everybody, ...freshmen, graduate('在读')], false);
  await bring('毕业生名单.csv', [graduate('毕业')], true);
}
