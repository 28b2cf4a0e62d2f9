/** kill -9 at any moment: everything that was answered is there, and nothing contradicts itself. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMailError } from '#base/errors.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { Indexer } from '#search/indexer.ts';
import { parseQuery } from '#search/query.ts';
import { Search } from '#search/search.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';

const CHILD = fileURLToPath(new URL('./testing/append-forever.ts', import.meta.url));

function dataFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'campusmail-crash-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function startChild(dataDir: string, run: number, ...more: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, dataDir, String(run), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Lets the child answer `count` appends, kills it, and returns every line it printed in full. */
async function killAfter(child: ChildProcess, count: number): Promise<string[]> {
  let printed = '';
  let lines = 0;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    lines += text.split('\n').length - 1;
    if (lines >= count) child.kill('SIGKILL');
  });
  await ended;
  return printed.slice(0, printed.lastIndexOf('\n')).split('\n');
}

test('what was answered before kill -9 is there after it', { timeout: 60_000 }, async (t) => {
  const dataDir = dataFolder(t);
  const answered: string[] = [];
  for (let run = 1; run <= 3; run++) {
    const count = 30 + (systemRandom.bytes(1)[0] ?? 0);
    answered.push(...(await killAfter(startChild(dataDir, run), count)));
    const store = await openSqliteStore({ dataDir });
    await store.mail.checkInvariants();
    for (const line of answered) {
      const [accountId, emailId, name, length] = line.split(' ');
      const octets = await store.mail.reader.readMessage(Number(accountId) as AccountId, Number(emailId) as EmailId);
      assert.equal(octets.length, Number(length));
      assert.ok(octets.includes(`Subject: ${name}\r\n`), line);
    }
    await store.close();
  }
  assert.ok(answered.length >= 90);
});

test('what was answered before kill -9 is found after it, whatever was indexed', { timeout: 60_000 }, async (t) => {
  const dataDir = dataFolder(t);
  const answered: string[] = [];
  for (let run = 1; run <= 2; run++) {
    answered.push(...(await killAfter(startChild(dataDir, run, 'index'), 100 + (systemRandom.bytes(1)[0] ?? 0))));
    const store = await openSqliteStore({ dataDir });
    const source = store.mail.reader;
    const indexer = new Indexer({ index: store.search, source, readFiles: async () => '', log: silentLog });
    while ((await indexer.step()) > 0);
    const search = new Search(store.search, source);
    for (const line of answered) {
      const [accountId, emailId, name = ''] = line.split(' ');
      const found = await search.find(Number(accountId) as AccountId, parseQuery(name, ['subject']));
      assert.deepEqual(found, [Number(emailId)], line);
    }
    await store.close();
  }
});

test('a store is open for writing once; a killed process does not keep it', { timeout: 60_000 }, async (t) => {
  const dataDir = dataFolder(t);
  const child = startChild(dataDir, 1);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  await assert.rejects(openSqliteStore({ dataDir }), (error) => {
    assert.ok(isMailError(error, 'inUse'));
    assert.equal(error.data['pid'], child.pid);
    return true;
  });
  await killAfter(child, 1);
  const store = await openSqliteStore({ dataDir });
  await assert.rejects(openSqliteStore({ dataDir }), (error) => isMailError(error, 'inUse'));
  await store.close();
  await (await openSqliteStore({ dataDir })).close();
});
