import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { EXIT } from './command.ts';
import { failsWith } from './commands/testing/fails-with.ts';
import { openTestSystem, temporaryFolder } from './commands/testing/test-system.ts';
import { makeZip } from './zip-stream.ts';
import type { ZipEntry } from './zip-stream.ts';

async function collect(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* entriesOf(...entries: ZipEntry[]): AsyncGenerator<ZipEntry> {
  yield* entries;
}

describe('a zip archive as it is made', () => {
  const long = Buffer.alloc(300_000, 'From 昆明\n');
  const pack = () =>
    collect(
      makeZip(
        entriesOf(
          { name: '归档/收件箱.mbox', content: [long.subarray(0, 7), long.subarray(7)] },
          { name: 'empty.txt', content: [] },
        ),
      ),
    );

  test('is what other programs unpack', async () => {
    const files = unzipSync(await pack());
    assert.deepEqual(Object.keys(files), ['归档/收件箱.mbox', 'empty.txt']);
    assert.ok(Buffer.from(files['归档/收件箱.mbox'] ?? []).equals(long));
  });

  test('is sound to Info-ZIP', { skip: spawnSync('unzip', ['-v']).error !== undefined }, async (t) => {
    const path = join(temporaryFolder(t), 'x.zip');
    writeFileSync(path, await pack());
    assert.match(execFileSync('unzip', ['-t', path], { encoding: 'utf8' }), /No errors detected/);
  });

  test('is sound to Python', { skip: spawnSync('python3', ['-V']).error !== undefined }, async (t) => {
    const path = join(temporaryFolder(t), 'x.zip');
    writeFileSync(path, await pack());
    const script = 'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(),z.namelist())';
    const said = execFileSync('python3', ['-X', 'utf8', '-c', script, path], { encoding: 'utf8' });
    assert.match(said, /^None \['归档\/收件箱\.mbox', 'empty\.txt'\]/);
  });

  test('ends where its content does', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('so far');
      throw new Error('injected');
    }
    await assert.rejects(collect(makeZip(entriesOf({ name: 'x', content: broken() }))), /injected/);
  });
});

test("all that is an account's is in one file", async (t) => {
  const { run, system, folder } = await openTestSystem(t);
  await run(['domain', 'add', 'kust.example']);
  await run(['account', 'create', 'li@kust.example', '--name', '李静']);
  const octets = Buffer.from('From: a@b.example\r\nSubject: =?UTF-8?B?5L2g5aW9?=\r\n\r\nFrom here\r\n');
  const message = system.mail.prepareMessage(octets);
  await system.mail
    .account(1 as never)
    .append({ source: 'system', items: [{ message, mailboxes: ['inbox'], keywords: [] }] });
  const card = {
    '@type': 'Card',
    version: '1.0',
    uid: 'urn:uuid:1',
    kind: 'individual',
    name: { full: '王芳' },
  } as const;
  await system.jmapRecords.createCards({ accountId: 1 as never, items: [{ card, books: [] }] });
  assert.match((await run(['takeout', 'li@kust.example', 'li.zip'])).out, /li@kust\.example is in .*li\.zip/);
  const files = unzipSync(readFileSync(join(folder, 'li.zip')));
  const textOf = (name: string): string => Buffer.from(files[name] ?? []).toString();
  assert.match(textOf('mail/INBOX.mbox'), /^From a@b\.example [A-Z].*\nStatus: O\n(?:.*\n)*\n>From here\n\n$/);
  assert.ok('mail/Sent.mbox' in files);
  const { name, addresses } = JSON.parse(textOf('account.json'));
  assert.deepEqual([name, addresses], ['李静', ['li@kust.example']]);
  assert.match(textOf('contacts.vcf'), /^BEGIN:VCARD\r\n(?:.*\r\n)*FN:王芳\r\nEND:VCARD\r\n$/);
  assert.match(textOf('说明 README.txt'), /Thunderbird/);
  await assert.rejects(run(['takeout', 'li@kust.example', 'li.zip']), failsWith(EXIT.failed, /cannot write/));
});
