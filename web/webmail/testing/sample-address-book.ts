/** Some people to write to. */
import type { AddressBook, ListedView, OwnContactView } from '#web/webmail/address-book.ts';

const PEOPLE: readonly ListedView[] = [
  { name: '曾国栋', address: 'zeng.guodong@example.edu.cn', unit: '信息化建设管理中心', isGroup: false },
  { name: '单丽华', address: 'shan.lihua@example.edu.cn', unit: '教务处', isGroup: false },
  { name: '吕文博', address: '20120355@example.edu.cn', unit: '信息工程与自动化学院', isGroup: false },
  { name: '阿依努尔·买买提', address: 'aynur@example.edu.cn', unit: '外国语学院', isGroup: false },
  { name: '教务处全体', address: 'office@example.edu.cn', unit: '', isGroup: true },
];

const OWN: readonly OwnContactView[] = [
  {
    id: 'C1',
    name: '王芳',
    emails: ['wang.fang@lab.example', 'wf@x.example'],
    phone: '+86 138 0013 8000',
    organization: '省科学技术厅',
    note: '项目评审',
  },
  { id: 'C2', name: 'Margaret Gonzalez', emails: ['margaret@press.example'], phone: '', organization: '', note: '' },
];

export const SAMPLE_ADDRESS_BOOK: AddressBook = {
  search: (text) => Promise.resolve(PEOPLE.filter(({ name, address }) => `${name}${address}`.includes(text))),
  units: () => Promise.resolve(PEOPLE.flatMap(({ unit }) => (unit === '' ? [] : [{ name: unit, count: 1 }]))),
  ownContacts: () => Promise.resolve(OWN),
  saveContact: () => Promise.resolve('saved'),
  removeContact: () => Promise.resolve(() => Promise.resolve('saved' as const)),
  inUnit: (unit) => Promise.resolve(PEOPLE.filter((person) => person.unit === unit)),
};
