/** Some people to write to. */
import type { AddressBook, ListedView } from '#web/webmail/address-book.ts';

const PEOPLE: readonly ListedView[] = [
  { name: '曾国栋', address: 'zeng.guodong@example.edu.cn', unit: '信息化建设管理中心', isGroup: false },
  { name: '单丽华', address: 'shan.lihua@example.edu.cn', unit: '教务处', isGroup: false },
  { name: '吕文博', address: '20120355@example.edu.cn', unit: '信息工程与自动化学院', isGroup: false },
  { name: '阿依努尔·买买提', address: 'aynur@example.edu.cn', unit: '外国语学院', isGroup: false },
  { name: '教务处全体', address: 'office@example.edu.cn', unit: '', isGroup: true },
];

export const SAMPLE_ADDRESS_BOOK: AddressBook = {
  search: (text) => Promise.resolve(PEOPLE.filter(({ name, address }) => `${name}${address}`.includes(text))),
  units: () => Promise.resolve(PEOPLE.flatMap(({ unit }) => (unit === '' ? [] : [{ name: unit, count: 1 }]))),
  inUnit: (unit) => Promise.resolve(PEOPLE.filter((person) => person.unit === unit)),
};
