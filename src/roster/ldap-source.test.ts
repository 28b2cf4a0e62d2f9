import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { isMailError } from '#base/errors.ts';
import { readLdap } from './ldap-source.ts';
import type { LdapSettings } from './ldap-source.ts';
import { LDAP_PAGE } from './limits.ts';
import { openLdapServer } from './testing/ldap-server.ts';
import type { LdapEntry } from './testing/ldap-server.ts';
import { openRegistry } from './testing/registry.ts';

async function serve(t: TestContext, entries: readonly LdapEntry[]) {
  const server = await openLdapServer(entries, '口令');
  t.after(() => server.close());
  const settings: LdapSettings = {
    url: server.url,
    bindDn: 'cn=mail,dc=example',
    password: '口令',
    base: 'dc=example',
    filter: '(objectClass=person)',
    columns: [
      ['UID', '学工号'],
      ['cn', '姓名'],
      ['employeeType', '人员类别'],
      ['ou', '单位'],
      ['endDate', '预计毕业'],
    ],
  };
  return { server, settings };
}

const people = (count: number): LdapEntry[] =>
  Array.from({ length: count }, (_, i) => ({
    uid: String(2_026_000 + i),
    cn: i === 0 ? '阿依努尔·买买提' : '张三',
    employeeType: 'student',
    ou: '信息学院',
    endDate: '20270630000000Z',
  }));

describe('a pull by LDAP', () => {
  test('reads every page, and people come in as by any list', async (t) => {
    const { server, settings } = await serve(t, people(2 * LDAP_PAGE + 3));
    const rows = await readLdap(settings, null);
    assert.equal(rows.length, 2 * LDAP_PAGE + 4);
    assert.equal(server.asked[0], 'bind cn=mail,dc=example 口令');
    assert.equal(server.asked.length, 4);
    const { roster } = await openRegistry();
    const { entries, troubles } = await roster.readRows(rows);
    assert.deepEqual(troubles, []);
    const [first] = entries;
    assert.deepEqual(
      [first?.number, first?.name, first?.population, first?.unit, first?.endsOn],
      ['2026000', '阿依努尔·买买提', 'student', '信息学院', '2027-06-30'],
    );
  });

  test('asks for what was changed since', async (t) => {
    const { server, settings } = await serve(t, people(1));
    await readLdap(settings, Date.UTC(2026, 8, 16, 2, 0, 5));
    assert.match(server.asked[1] ?? '', /modifyTimestamp.*20260916020005Z/s);
  });

  test('that is refused, or meets nobody, is out of order for the time being', async (t) => {
    const { server, settings } = await serve(t, people(1));
    const isOutage = (error: unknown): boolean => isMailError(error, 'unavailable');
    await assert.rejects(readLdap({ ...settings, password: 'wrong' }, null), isOutage);
    await server.close();
    await assert.rejects(readLdap(settings, null), isOutage);
  });

  test('says nothing in the clear but to this machine', async (t) => {
    const { server, settings } = await serve(t, people(1));
    const url = settings.url.replace('127.0.0.1', 'localhost');
    await assert.rejects(readLdap({ ...settings, url }, null), (error) => isMailError(error, 'unavailable'));
    assert.ok(
      server.asked.every((one) => !one.includes('口令')),
      'the password was not said',
    );
  });
});
