/** Some contacts of one's own: they change and are forgotten. */
import {
  peopleOf,
  type ContactsDone,
  type ContactsModel,
  type ContactView,
  type SuggestedView,
} from '#web/webmail/contacts-model.ts';
import { createLive } from '#web/webmail/live.ts';

const NOTHING = { phones: [], organization: '', department: '', title: '', note: '', isGroup: false, memberUids: [] };

const CONTACTS: readonly ContactView[] = [
  {
    ...NOTHING,
    id: 'g1',
    uid: 'g1',
    name: '国家自然科学基金课题组',
    emails: [],
    isGroup: true,
    memberUids: ['c1', 'c2'],
  },
  { ...NOTHING, id: 'g2', uid: 'g2', name: '导师组', emails: [], isGroup: true, memberUids: ['c3'] },
  {
    ...NOTHING,
    id: 'c4',
    uid: 'c4',
    name: 'Margaret Gonzalez',
    emails: ['m.gonzalez@uni.example'],
    organization: 'Universidad de Ejemplo',
  },
  {
    ...NOTHING,
    id: 'c1',
    uid: 'c1',
    name: '欧阳慧敏',
    emails: ['ouyang@lab.example.com', 'oyhm@qq.example'],
    phones: ['138 0013 8000'],
    organization: '昆明物理研究所',
    department: '红外器件室',
    title: '研究员',
    note: '项目评审专家',
  },
  {
    ...NOTHING,
    id: 'c2',
    uid: 'c2',
    name: '曾国栋',
    emails: ['zeng.guodong@example.edu.cn'],
    department: '信息化建设管理中心',
  },
  {
    ...NOTHING,
    id: 'c3',
    uid: 'c3',
    name: '张伟',
    emails: ['zhangwei@press.example'],
    organization: '科学出版社',
    title: '编辑',
  },
];

export function createSampleContacts(): ContactsModel {
  const all = createLive<readonly ContactView[] | 'asking' | 'failed'>(CONTACTS);
  const now = (): readonly ContactView[] => all.getSnapshot() as readonly ContactView[];
  const change = (next: readonly ContactView[], count: number): Promise<ContactsDone> => {
    const before = now();
    all.set(next);
    return Promise.resolve({ count, why: undefined, undo: () => change(before, count) });
  };
  const put = (contact: ContactView) => change([...now().filter(({ id }) => id !== contact.id), contact], 1);
  const find = (text: string) =>
    now().filter(({ name, emails, department }) => `${name} ${emails.join(' ')} ${department}`.includes(text));
  return {
    all,
    refresh: () => undefined,
    search: (text) => Promise.resolve(find(text).map(({ id }) => id)),
    suggest: (text) =>
      Promise.resolve(
        find(text).flatMap((contact): readonly SuggestedView[] => {
          const { id, name, isGroup, department: unit } = contact;
          if (isGroup) return [{ name, address: id, unit, isGroup, members: peopleOf(contact, now()) }];
          return contact.emails.map((address) => ({ name, address, unit, isGroup }));
        }),
      ),
    save(words, id = `c${now().length + 1}`) {
      return put({ ...NOTHING, ...words, id, uid: id });
    },
    add(people, groupId) {
      const fresh = people.map(({ name, address, unit }, at) => {
        const id = `n${now().length + at}`;
        return { ...NOTHING, id, uid: id, name, emails: [address], department: unit };
      });
      const uids = fresh.map(({ uid }) => uid);
      const old = now().map((one) => (one.id === groupId ? { ...one, memberUids: [...one.memberUids, ...uids] } : one));
      return change([...old, ...fresh], fresh.length);
    },
    saveGroup(name, memberUids, id = `g${now().length + 1}`) {
      return put({ ...NOTHING, id, uid: id, name, emails: [], isGroup: true, memberUids });
    },
    remove: (ids) =>
      change(
        now().filter(({ id }) => !ids.includes(id)),
        ids.length,
      ),
    readFile: () =>
      Promise.resolve({
        people: ['李雷', '韩梅梅', '王芳'],
        known: 1,
        skipped: 0,
        keep: () => Promise.resolve({ count: 3, why: undefined, undo: () => change(now(), 0) }),
      }),
    exportUrl: () => Promise.resolve('data:text/vcard,'),
  };
}
