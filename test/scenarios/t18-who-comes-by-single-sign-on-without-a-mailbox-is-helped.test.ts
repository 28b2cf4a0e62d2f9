/** domain.md T18: who has no mailbox by single sign-on gets an explanation and a ticket; once linked, straight in; the record says who linked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '#audit/types.ts';
import { employee } from '#directory/testing/person.ts';
import { CasServer } from '#sso/testing/cas-server.ts';
import { openCampus, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';
import { Visitor } from '#test/harness/visitor.ts';

test('T18: whoever waits is told why, and is in once an administrator has linked them', async () => {
  await using cas = new CasServer();
  await cas.listen();
  cas.attributes = { XM: '张三' };
  await using campus = await openCampus({
    settings: { CAMPUSMAIL_SSO_KIND: 'cas', CAMPUSMAIL_SSO_CAS_URL: `${cas.base}/cas` },
    prepare: async ({ directory }) => {
      await directory.enrolPeople([{ person: employee('20050012', '张三'), account: null }]);
    },
  });
  const { dataDir, server } = campus;
  const base = `http://127.0.0.1:${server.ports['http']}`;
  const visitor = new Visitor(base);
  /** There and back, as a browser is sent; answers where it ends. */
  const arrive = async (): Promise<string> => {
    const away = await visitor.ask('/auth/sso/start', { redirect: 'manual' });
    const login = await fetch(away.headers.get('location') ?? '', { redirect: 'manual' });
    const back = new URL(login.headers.get('location') ?? '');
    return (await visitor.get(back.pathname + back.search)).headers.get('refresh') ?? '';
  };

  assert.equal(await arrive(), '0;url=/sso/unlinked');
  const pending = (await visitor.get('/auth/sso/pending')).body;
  assert.equal(pending['name'], '张三');
  assert.equal((await visitor.get('/auth/session')).status, 401);
  const waiting = await mustRun(dataDir, ['sso', 'tickets']);
  assert.match(waiting, new RegExp(`${String(pending['ticketId'])} +20050012 +张三 +yes`));

  await mustRun(dataDir, ['person', 'link', '20050012', ZHANG]);
  assert.equal(await mustRun(dataDir, ['sso', 'tickets']), 'nobody waits\n');
  assert.equal(await arrive(), '0;url=/');
  assert.equal((await visitor.get('/auth/session')).body['login'], ZHANG);

  const lines = (await mustRun(dataDir, ['audit', 'list', '--json'])).trim().split('\n');
  const record = lines.map((line) => JSON.parse(line) as AuditEntry);
  const linked = record.find(({ action }) => action === 'identity.link');
  assert.equal(linked?.actor.kind, 'operator');
  assert.equal(linked.subject, '20050012');
  const entered = record.find(
    ({ action, detail }) => action === 'sign-in.accepted' && detail?.['by'] === 'single sign-on',
  );
  assert.equal(entered?.detail?.['number'], '20050012');

  // A box is nobody's: who came in so would act in its name.
  await mustRun(dataDir, ['mailbox', 'create', 'jwc@kust.example', '--responsible', ZHANG]);
  await assert.rejects(mustRun(dataDir, ['person', 'link', '20050012', 'jwc@kust.example']), /a box is nobody/);
});
