import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pool } from '#store/postgres/connection.ts';
import { eventually, openCampus, ZHANG } from '#test/harness/campus.ts';
import { makeTemplate, TEMPLATE, type PostgresServer, startPostgres } from '#test/harness/postgres.ts';
import { startServerProcess, temporaryFolder } from '#test/harness/server-process.ts';
import { countMessageIds, startSmtpLoad } from '#test/harness/smtp-load.ts';

/** From PostgreSQL's being there again: seconds, and more where tests share a machine. */
const RECOVERY_MS = 30_000;

/** One PostgreSQL of this file's own: it is stopped while others would want it. */
describe('on PostgreSQL', { concurrency: false }, () => {
  let postgres: PostgresServer;

  before(async () => {
    postgres = await startPostgres();
    await makeTemplate(postgres.url('postgres'), postgres.url(TEMPLATE));
  });
  after(() => postgres.close());

  let databases = 0;

  /** Settings for a database of its own. */
  async function createDatabase(): Promise<Record<string, string>> {
    const name = `scenario${++databases}`;
    const admin = new Pool(postgres.url('postgres'), { connections: 1 });
    await admin.sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    await admin.end(1);
    return { CAMPUSMAIL_STORE_URL: postgres.url(name) };
  }

  test('every message answered 250 survives kill -9 of the server', async () => {
    await using campus = await openCampus({ settings: await createDatabase() });
    const acknowledged: string[] = [];
    for (const kill of [1, 2]) {
      if (kill > 1) await campus.start();
      const { smtp } = campus.server.ports;
      const load = startSmtpLoad({
        recipient: ZHANG,
        connections: 6,
        ports: () => [smtp as number],
        name: `kill${kill}`,
      });
      await eventually('mail to flow', () => load.acknowledged.size > 10);
      await campus.server.kill();
      await load.stop();
      acknowledged.push(...load.acknowledged.keys());
    }
    await campus.start();
    const found = await countMessageIds(campus.server.ports['imap'] as number, ZHANG);
    for (const id of acknowledged) assert.equal(found.get(id), 1, id);
    for (const [id, count] of found) assert.equal(count, 1, `${id} is there ${count} times`);
  });

  test('PostgreSQL ends and comes back under load: 451 meanwhile, nothing lost, sessions go on', async (t) => {
    // Whatever happens here, the next test finds it running.
    t.after(() => postgres.restart());
    const settings = await createDatabase();
    await using campus = await openCampus({ settings });
    const { ports } = campus.server;
    const imap = await campus.openImap(ZHANG);
    await imap.command('SELECT INBOX');
    const load = startSmtpLoad({
      recipient: ZHANG,
      connections: 4,
      ports: () => [ports['smtp'] as number],
      reconnects: true,
    });
    await eventually('mail to flow', () => load.acknowledged.size > 10);

    await postgres.stop();
    const before = load.refusals.length;
    await eventually('mail to be told to wait', () => load.refusals.length > before + 3);
    assert.deepEqual([...new Set(load.refusals.map(({ code }) => Math.floor(code / 100)))], [4]);
    await assert.rejects(imap.command('CREATE while-away'), / NO \[/);
    const taken = load.acknowledged.size;

    await postgres.start();
    await eventually('mail to be taken again', () => load.acknowledged.size > taken + 5, RECOVERY_MS);
    await postgres.restart();
    await eventually('mail to flow after a crash', () => load.acknowledged.size > taken + 15, RECOVERY_MS);
    await load.stop();
    await imap.command('CREATE afterwards');
    const found = await countMessageIds(ports['imap'] as number, ZHANG);
    for (const id of load.acknowledged.keys()) assert.equal(found.get(id), 1, id);
    assert.equal(await campus.server.stop(), 0);
  });

  test('two servers on one database: mail taken by one is told by the other to a client in IDLE', async () => {
    const settings = await createDatabase();
    await using campus = await openCampus({ settings });
    await using folder = await temporaryFolder();
    const second = await startServerProcess(folder.path, {
      ...settings,
      CAMPUSMAIL_BLOBS_URL: `file:${campus.dataDir}`,
    });
    try {
      const idle = await campus.openImap(ZHANG, second.ports['imap']);
      await idle.command('SELECT INBOX');
      idle.send('i IDLE\r\n');
      assert.match(await idle.readResponse(), /^\+/);
      await campus.deliver(ZHANG, 'Subject: across\r\n\r\nx\r\n');
      assert.equal(await idle.readResponse(), '* 1 EXISTS');
      assert.equal(await idle.readResponse(), '* 1 RECENT');
      const other = await campus.openImap(ZHANG);
      await other.command('SELECT INBOX');
      await other.command(String.raw`STORE 1 +FLAGS (\Flagged)`);
      assert.match(await idle.readResponse(), /^\* 1 FETCH .*\\Flagged/);
      idle.send('DONE\r\n');
      await idle.readResponse();
      assert.match((await idle.command('FETCH 1 BODY.PEEK[]')).join(), /Subject: across/);
    } finally {
      await second.kill();
    }
  });
});
