/** T11 (domain.md): signed in by an alias, From is the alias; with a default sender set, always that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { DOMAIN, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';

interface Answer {
  readonly list?: readonly { readonly id: string; readonly email: string; readonly isDefault: boolean }[];
}

const ALIAS = `sanfeng@${DOMAIN}`;

test('the first identity is the one signed in with, until one is chosen for good', async () => {
  await using campus = await openCampus();
  await mustRun(campus.dataDir, ['alias', 'add', ALIAS, ZHANG]);
  const base = `http://127.0.0.1:${campus.server.ports['http']}`;

  const call = async (login: string, name: string, args: object): Promise<Answer> => {
    const authorization = `Basic ${Buffer.from(`${login}:${PASSWORD}`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const methodCalls = [[name, { accountId: `A${campus.accountIds[ZHANG]}`, ...args }, 'a']];
    const body = JSON.stringify({ using: [CAPABILITIES.core, CAPABILITIES.submission], methodCalls });
    const response = await fetch(`${base}/jmap/api`, { method: 'POST', headers, body });
    assert.equal(response.status, 200);
    const [[answered, answer]] = ((await response.json()) as { methodResponses: [[string, Answer]] }).methodResponses;
    assert.equal(answered, name, JSON.stringify(answer));
    return answer;
  };
  const fromOf = async (login: string): Promise<string> => {
    const { list } = await call(login, 'Identity/get', {});
    assert.equal(list?.[0]?.isDefault, true);
    return list[0].email;
  };

  assert.equal(await fromOf(ALIAS), ALIAS);
  assert.equal(await fromOf(ZHANG), ZHANG);
  const { list } = await call(ALIAS, 'Identity/get', {});
  const primary = list?.find(({ email }) => email === ZHANG)?.id ?? '';
  await call(ALIAS, 'Identity/set', { update: { [primary]: { isDefault: true } } });
  assert.equal(await fromOf(ALIAS), ZHANG);
  await call(ALIAS, 'Identity/set', { update: { [primary]: { isDefault: false } } });
  assert.equal(await fromOf(ALIAS), ALIAS);
});
