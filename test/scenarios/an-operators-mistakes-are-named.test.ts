import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCampus, ZHANG } from '#test/harness/campus.ts';
import { runCommand } from '#test/harness/server-process.ts';
import { countMessageIds } from '#test/harness/smtp-load.ts';

test('wrong settings, a port and a folder in use, a folder that cannot be had: named, and whoever serves goes on serving', async () => {
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
    assert.doesNotMatch(err, /^ +at /m, 'a stack is no message');
    return err;
  };
  await writeFile(config, '[listen]\nimapz = ["127.0.0.1:0"]\n');
  await writeFile(join(campus.folder, 'broken.toml'), 'data_dir = "x\n');
  await writeFile(join(campus.folder, 'file'), '');
  await mkdir(join(campus.folder, 'tls'));
  await writeFile(join(campus.folder, 'tls', 'bad.pem'), 'no certificate\n');
  const smtp = campus.server.ports['smtp'] as number;
  const bad = join(campus.folder, 'tls', 'bad.pem');
  const messages = await Promise.all([
    tryServe({}, ['--config', config]),
    tryServe({}, ['--config', join(campus.folder, 'broken.toml')]),
    tryServe({}, ['--config', join(campus.folder, 'none.toml')]),
    tryServe({ CAMPUSMAIL_LISTEN_IMPA: '127.0.0.1:0' }),
    tryServe({ CAMPUSMAIL_LISTEN_SMTP: '127.0.0.1:99999' }),
    tryServe({ CAMPUSMAIL_LISTEN_SMTP: `127.0.0.1:${smtp}` }),
    tryServe({}, [], campus.dataDir),
    tryServe({}, [], join(campus.folder, 'file', 'below')),
    tryServe({ CAMPUSMAIL_TLS_CERT: bad, CAMPUSMAIL_TLS_KEY: bad }, [], join(campus.folder, 'third')),
  ]);
  const wanted = [
    /listen\.imapz.*did you mean "listen\.imaps"/,
    /broken\.toml:1:/,
    /none\.toml/,
    /CAMPUSMAIL_LISTEN_IMPA.*did you mean "CAMPUSMAIL_LISTEN_IMAP"/,
    /listen\.smtp must be a list of "host:port"/,
    new RegExp(`127\\.0\\.0\\.1:${smtp}.*another program uses that port`),
    /in use/,
    /file/,
    /bad\.pem/,
  ];
  for (const [i, message] of messages.entries()) assert.match(message, wanted[i] as RegExp);

  const found = await countMessageIds(campus.server.ports['imap'] as number, ZHANG);
  assert.equal(found.get('kept@b.example'), 1);
  await campus.deliver(ZHANG, 'Message-ID: <more@b.example>\r\n\r\nx\r\n');
});
