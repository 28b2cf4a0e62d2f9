import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCampus, ZHANG } from '#test/harness/campus.ts';
import { runCommand, temporaryFolder } from '#test/harness/server-process.ts';
import { countMessageIds } from '#test/harness/smtp-load.ts';

const STACK = /^ +at /m;

test('wrong settings, a port and a folder in use: named, and whoever serves goes on serving', async () => {
  await using campus = await openCampus();
  await campus.deliver(ZHANG, 'Message-ID: <kept@b.example>\r\n\r\nx\r\n');
  const elsewhere = join(campus.folder, 'elsewhere');
  const config = join(campus.folder, 'campusmail.toml');
  const tryServe = async (
    settings: Readonly<Record<string, string>>,
    words: readonly string[] = [],
    dataDir = elsewhere,
  ) => {
    const { code, err } = await runCommand(dataDir, ['serve', ...words], settings);
    assert.notEqual(code, 0);
    assert.doesNotMatch(err, STACK, 'a stack is no message');
    return err;
  };
  await writeFile(config, '[listen]\nimapz = ["127.0.0.1:0"]\n');
  await writeFile(join(campus.folder, 'broken.toml'), 'data_dir = "x\n');
  const smtp = campus.server.ports['smtp'] as number;
  const messages = await Promise.all([
    tryServe({}, ['--config', config]),
    tryServe({}, ['--config', join(campus.folder, 'broken.toml')]),
    tryServe({}, ['--config', join(campus.folder, 'none.toml')]),
    tryServe({ CAMPUSMAIL_LISTEN_IMPA: '127.0.0.1:0' }),
    tryServe({ CAMPUSMAIL_LISTEN_SMTP: '127.0.0.1:99999' }),
    tryServe({ CAMPUSMAIL_LISTEN_SMTP: `127.0.0.1:${smtp}` }),
    tryServe({}, [], campus.dataDir),
  ]);
  const wanted = [
    /listen\.imapz.*did you mean "listen\.imaps?"/,
    /broken\.toml:1:/,
    /none\.toml/,
    /CAMPUSMAIL_LISTEN_IMPA.*did you mean "CAMPUSMAIL_LISTEN_IMAP"/,
    /listen\.smtp must be a list of "host:port"/,
    new RegExp(`127\\.0\\.0\\.1:${smtp}.*another program uses that port`),
    /in use/,
  ];
  for (const [i, message] of messages.entries()) assert.match(message, wanted[i] as RegExp);

  const found = await countMessageIds(campus.server.ports['imap'] as number, ZHANG);
  assert.equal(found.get('kept@b.example'), 1);
  await campus.deliver(ZHANG, 'Message-ID: <more@b.example>\r\n\r\nx\r\n');
});

test('a data_dir that cannot be made is named', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'file'), '');
  const { code, err } = await runCommand(join(folder.path, 'file', 'below'), ['serve']);
  assert.notEqual(code, 0);
  assert.match(err, /file\/below/);
  assert.doesNotMatch(err, STACK);
});

test('a certificate that is none is named', async () => {
  await using folder = await temporaryFolder();
  const bad = join(folder.path, 'bad.pem');
  await writeFile(bad, 'no certificate\n');
  const settings = { CAMPUSMAIL_TLS_CERT: bad, CAMPUSMAIL_TLS_KEY: bad };
  const { code, err } = await runCommand(join(folder.path, 'data'), ['serve'], settings);
  assert.notEqual(code, 0);
  assert.match(err, /campusmail: .*bad\.pem/);
  assert.doesNotMatch(err, STACK);
});
