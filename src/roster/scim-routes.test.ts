import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { withServer } from '#http/testing/serve.ts';
import { ENTERPRISE, PERSON, USER } from './scim/schemas.ts';
import { SCIM_PATHS } from './scim-paths.ts';
import { createScimRoutes, hashScimToken } from './scim-routes.ts';
import { openRegistry } from './testing/registry.ts';
import type { Registry } from './testing/registry.ts';

const TOKEN = 'a-token-that-nobody-guesses-2026';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly id?: string; readonly Resources?: Record<string, unknown>[] };
}

interface Served extends Registry {
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
}

async function withScim(use: (served: Served) => Promise<void>): Promise<void> {
  const registry = await openRegistry();
  const { roster, store, log } = registry;
  await store.run('addScimToken', { name: '门户', hash: hashScimToken(TOKEN) });
  await withServer({ routes: createScimRoutes({ roster, reader: store.reader, log }) }, async ({ base }) => {
    const ask = async (method: string, path: string, body?: unknown, token = TOKEN): Promise<Answer> => {
      const response = await fetch(`${base}/scim/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
    };
    await use({ ...registry, ask });
  });
}

const zhang = {
  schemas: [USER, ENTERPRISE, PERSON],
  userName: '２０２６００１',
  displayName: '张三',
  userType: 'student',
  active: true,
  [ENTERPRISE]: { department: '信息学院' },
  [PERSON]: { status: '在读', enrolled: 2026, documentKind: '身份证', documentNumber: '11010519491231002X' },
};

describe('SCIM', () => {
  test('lists the routes that it answers', async () => {
    const { roster, store, log } = await openRegistry();
    const routes = createScimRoutes({ roster, reader: store.reader, log });
    assert.deepEqual(
      routes.map(({ method, path }) => ({ method, path })),
      SCIM_PATHS,
    );
  });

  test('is for whoever has a token', async () => {
    await withScim(async ({ ask, store }) => {
      for (const path of ['/Users', '/ServiceProviderConfig'])
        assert.equal((await ask('GET', path, undefined, `${TOKEN}x`)).status, 401);
      assert.equal((await ask('GET', '/ServiceProviderConfig')).status, 200);
      await store.run('removeScimToken', { name: '门户' });
      assert.equal((await ask('GET', '/ServiceProviderConfig')).status, 401);
    });
  });

  test('makes somebody with an account, and never tells the document', async () => {
    await withScim(async ({ ask, directory, hasher, store }) => {
      const made = await ask('POST', '/Users', zhang);
      assert.equal(made.status, 201);
      assert.deepEqual(
        [made.body['userName'], made.body['active'], made.body['emails']],
        ['2026001', true, [{ value: '2026001@stu.kust.edu.cn', type: 'work', primary: true }]],
      );
      assert.doesNotMatch(JSON.stringify(made.body), /31002X|身份证/);
      const person = await directory.findPerson('2026001');
      const [credential] = await store.reader.credentialsOf(person?.accountId as AccountId);
      assert.equal(hasher.matchInitial(credential?.verifier ?? '', 'Kust1231002X'), 0);
      assert.deepEqual((await ask('GET', `/Users/${made.body.id}`)).body, made.body);
      const again = await ask('POST', '/Users', zhang);
      assert.deepEqual([again.status, again.body['scimType']], [409, 'uniqueness']);
      const found = await ask('GET', `/Users?filter=${encodeURIComponent('userName eq "2026001"')}`);
      assert.deepEqual(found.body.Resources, [made.body]);
      const nobody = await ask('GET', `/Users?filter=${encodeURIComponent('externalId eq "7"')}`);
      assert.deepEqual([nobody.status, nobody.body['totalResults']], [200, 0]);
    });
  });

  test('changes by PUT and PATCH; what is left out stays', async () => {
    await withScim(async ({ ask, directory }) => {
      const { body } = await ask('POST', '/Users', zhang);
      const path = `/Users/${body.id}`;
      const put = await ask('PUT', path, { userName: '2026001', displayName: '张珊', userType: 'student' });
      assert.equal(put.status, 200);
      assert.deepEqual(
        [put.body['displayName'], put.body[ENTERPRISE]],
        ['张珊', { employeeNumber: '2026001', department: '信息学院' }],
      );
      for (const operations of [
        [{ op: 'replace', path: `${ENTERPRISE}:department`, value: '理学院' }],
        [{ op: 'Add', value: { [ENTERPRISE]: { department: '理学院' }, [`${PERSON}:status`]: '休学' } }],
        [{ op: 'replace', value: { name: { formatted: '张姗' }, active: 'True' } }],
        [{ op: 'remove', path: `${PERSON}:level` }],
      ])
        assert.equal((await ask('PATCH', path, { Operations: operations })).status, 200, JSON.stringify(operations));
      const person = await directory.findPerson('2026001');
      assert.deepEqual([person?.unit, person?.status, person?.name], ['理学院', 'on-leave', '张姗']);
      const moved = await ask('PUT', path, { ...zhang, userName: '2026002' });
      assert.deepEqual([moved.status, moved.body['scimType']], [400, 'mutability']);
    });
  });

  test('closes by active, PATCH and DELETE, and opens again', async () => {
    await withScim(async ({ ask, directory, roster }) => {
      const { body } = await ask('POST', '/Users', zhang);
      const path = `/Users/${body.id}`;
      const status = async () => (await directory.findPerson('2026001'))?.status;
      await ask('PATCH', path, { Operations: [{ op: 'replace', path: 'active', value: false }] });
      assert.equal(await status(), 'gone');
      const opened = await ask('PATCH', path, { Operations: [{ op: 'replace', path: 'active', value: true }] });
      assert.deepEqual([opened.body['active'], await status()], [true, 'enrolled']);
      const [run] = await roster.runs(10);
      assert.deepEqual([run?.source, run?.actor, run?.counts.closed, run?.counts.returned], ['scim', '门户', 1, 1]);
      // One more would be two of one.
      const refused = await ask('DELETE', path);
      assert.equal(refused.status, 403);
      assert.equal(await status(), 'enrolled');
    });
  });

  test('all that one program does on a day is one run, which can be undone as a whole', async () => {
    await withScim(async ({ ask, roster, directory, clock }) => {
      for (const userName of ['1', '2', '3']) await ask('POST', '/Users', { ...zhang, userName });
      const [run, ...others] = await roster.runs(10);
      assert.deepEqual([run?.counts.added, others.length], [3, 0]);
      assert.equal((await roster.undo(run?.runId as never)).undone, 3);
      assert.equal(await directory.findPerson('1'), undefined);
      await ask('POST', '/Users', zhang);
      clock.advance(86_400_000);
      await ask('POST', '/Users', { ...zhang, userName: '4' });
      assert.equal((await roster.runs(10)).length, 3);
    });
  });

  test('lists in pages', async () => {
    await withScim(async ({ ask, bring }) => {
      await bring(['学号,姓名', ...Array.from({ length: 7 }, (_, i) => `10${i},张三`)].join('\n'));
      const page = await ask('GET', '/Users?startIndex=3&count=2');
      assert.deepEqual([page.body['totalResults'], page.body['startIndex'], page.body['itemsPerPage']], [7, 3, 2]);
      assert.deepEqual(
        page.body.Resources?.map(({ userName }) => userName),
        ['102', '103'],
      );
      assert.equal((await ask('GET', '/Users?count=0')).body.Resources?.length, 0);
      assert.equal((await ask('GET', '/Users?startIndex=-5')).body.Resources?.length, 7);
    });
  });

  test('refuses what is wrong, in the words of the standard', async () => {
    await withScim(async ({ ask }) => {
      const cases: readonly (readonly [method: string, path: string, body: unknown, status: number, type?: string])[] =
        [
          ['POST', '/Users', '{"userName":', 400, 'invalidSyntax'],
          ['POST', '/Users', '[]', 400, 'invalidSyntax'],
          ['POST', '/Users', { ...zhang, displayName: '' }, 400, 'invalidValue'],
          ['POST', '/Users', { ...zhang, userName: '5.30102E+17' }, 400, 'invalidValue'],
          ['POST', '/Users', { ...zhang, [PERSON]: { documentNumber: '110105194912310021' } }, 400, 'invalidValue'],
          ['POST', '/Users', { displayName: '张三' }, 400, 'invalidSyntax'],
          ['GET', '/Users/999', undefined, 404],
          ['GET', '/Users/x', undefined, 404],
          ['PUT', '/Users/999', zhang, 404],
          ['GET', '/Users?filter=name.familyName%20sw%20%22x%22', undefined, 400, 'invalidFilter'],
        ];
      for (const [method, path, body, status, type] of cases) {
        const answer = await ask(method, path, body);
        assert.deepEqual([answer.status, answer.body['scimType']], [status, type], `${method} ${JSON.stringify(body)}`);
      }
      const { body } = await ask('POST', '/Users', zhang);
      for (const operations of ['x', [1], [{ op: 'remove' }], [{ op: 'replace', path: 'photos', value: 'x' }]]) {
        const answer = await ask('PATCH', `/Users/${body.id}`, { Operations: operations });
        assert.deepEqual([answer.status, answer.body['scimType']], [400, 'invalidPath']);
      }
    });
  });
});
