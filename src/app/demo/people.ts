/**
 * The people of the demonstration campus: 云岭理工大学, Yunling University of Technology, which does not exist. Domains
 * are under .example (RFC 2606), so that nothing here can ever reach anybody.
 */

export const STAFF_DOMAIN = 'ylut.example';
export const STUDENT_DOMAIN = 'stu.ylut.example';
/** That is given up; its people have the same names in the staff's. */
export const OLD_DOMAIN = 'ylit.example';
/** Of what stayed in the old mail system. */
export const ARCHIVE_DOMAIN = 'oldmail.ylut.example';

export interface DemoPerson {
  readonly name: string;
  /** 工号 or 学号: the primary address is `number@domain`. */
  readonly number: string;
  readonly domain: string;
  readonly alias?: string;
  /** Unit or college. */
  readonly unit: string;
}

type StaffRow = readonly [number: string, name: string, unit: string, alias?: string];
type StudentRow = readonly [number: string, name: string, unit: string, alias?: string];

const STAFF: readonly StaffRow[] = [
  ['20050012', '曾国栋', '信息化建设管理中心', 'zeng.guodong'],
  ['20080147', '单丽华', '教务处', 'shan.lihua'],
  ['19990031', '尉迟明远', '材料科学与工程学院', 'yuchi.mingyuan'],
  ['20110208', '欧阳慧', '图书馆', 'ouyang.hui'],
  ['20120355', '吕文博', '信息工程与自动化学院', 'lv.wenbo'],
  ['20150066', '阿依努尔·买买提', '外国语学院', 'aynur'],
  ['20160321', '李静', '学生工作处', 'li.jing'],
  ['20170118', '王建国', '后勤管理处'],
  ['20180240', '张薇', '人事处', 'zhang.wei'],
  ['20190077', '解振宇', '国际合作与交流处', 'xie.zhenyu'],
  ['20200119', 'Maria Gonçalves', 'School of Architecture', 'maria.goncalves'],
  ['20210053', 'Thomas Müller', 'Faculty of Mechanical Engineering', 'thomas.mueller'],
  ['20220311', '仇雪', '财务处'],
  ['20230087', '朴正浩', '理学院', 'piao.zhenghao'],
  ['20240012', '查良佑', '研究生院', 'zha.liangyou'],
];

const STUDENTS: readonly StudentRow[] = [
  ['202310401101', '张三', '信息工程与自动化学院', 'zhang.san'],
  ['202310401102', '李思远', '信息工程与自动化学院', 'siyuan'],
  ['202310401103', '王雨桐', '信息工程与自动化学院', 'yutong'],
  ['202310401104', '赵子涵', '信息工程与自动化学院'],
  ['202310502211', '陈嘉怡', '材料科学与工程学院', 'chen.jiayi'],
  ['202310502212', '杨浩然', '材料科学与工程学院'],
  ['202310502213', '刘喆', '材料科学与工程学院', 'liu.zhe'],
  ['202410603301', '周梓萱', '外国语学院', 'zixuan'],
  ['202410603302', '吴宇轩', '外国语学院'],
  ['202410603303', '古丽娜扎尔·阿不都热西提', '外国语学院', 'gulnezer'],
  ['202410704401', '郑欣怡', '建筑与城市规划学院', 'zheng.xinyi'],
  ['202410704402', '孙晨曦', '建筑与城市规划学院'],
  ['202410704403', '马思琪', '建筑与城市规划学院', 'siqi'],
  ['202510805501', '朱俊杰', '机电工程学院', 'junjie'],
  ['202510805502', '胡文静', '机电工程学院'],
  ['202510805503', '林镕', '机电工程学院', 'lin.rong'],
  ['202510805504', '何佳琪', '机电工程学院'],
  ['202610906601', '高翔', '理学院', 'gao.xiang'],
  ['202610906602', '罗雅婷', '理学院'],
  ['202610906603', '梁志强', '理学院'],
  ['202610906604', '宋雨薇', '理学院', 'yuwei'],
  ['202611007701', '唐梦瑶', '管理与经济学院', 'mengyao'],
  ['202611007702', '韩立', '管理与经济学院'],
  ['202611007703', 'Nguyễn Thị Hoa', '国际学院', 'hoa.nguyen'],
  ['202611007704', 'Omar Haddad', '国际学院', 'omar.haddad'],
];

function toPeople(rows: readonly (StaffRow | StudentRow)[], domain: string): DemoPerson[] {
  return rows.map(([number, name, unit, alias]) => ({
    number,
    name,
    unit,
    domain,
    ...(alias === undefined ? {} : { alias }),
  }));
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  ...toPeople(STAFF, STAFF_DOMAIN),
  ...toPeople(STUDENTS, STUDENT_DOMAIN),
];

export function primaryAddress(person: DemoPerson): string {
  return `${person.number}@${person.domain}`;
}

/** The person with this alias or number. */
export function demoPerson(key: string): DemoPerson {
  const found = DEMO_PEOPLE.find(({ alias, number }) => alias === key || number === key);
  if (found === undefined) throw new Error(`no demo person ${key}`);
  return found;
}
