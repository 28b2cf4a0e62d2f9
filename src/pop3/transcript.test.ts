/**
 * Runs the `.transcript` files over a loopback socket: once as they are, once with every octet sent by itself. A file
 * holds cases:
 *
 *   === title
 *   ! tls                     server option: tls, implicitTls, encryptedOnly, limit NAME NUMBER, noInbox
 *   > signed in               the client has read the greeting and signed in
 *   C: line                   sent with CRLF; lines without an S: between them go out in one write
 *   C= "raw\n"                JSON, sent as it is, as latin1
 *   S: line                   expected; $name matches a word, the same word wherever the name comes again
 *   S= "raw"                  JSON, the line's octets as latin1
 *   T                         the client makes its TLS handshake
 *   M: uids 3 7               the inbox now holds exactly these
 *   M: expunge 3              somebody else removes it; M: deliver 8 brings one
 *   M: fail CALL CODE         that call of the store fails from now on with a MailError, or as a bug
 *   X                         the server closes without another line
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { MailError } from '#base/errors.ts';
import type { MailErrorCode } from '#base/errors.ts';
import { testContext } from '#test/harness/certificate.ts';
import { readCases, readSent, Words } from '#test/harness/transcript.ts';
import type { TranscriptCase } from '#test/harness/transcript.ts';

import type { Pop3ServerOptions } from './server.ts';
import type { FakeMail } from './testing/fake-mail.ts';
import { LOGIN, PASSWORD, startServer } from './testing/test-client.ts';
import type { TestClient } from './testing/test-client.ts';

const folder = join(import.meta.dirname, 'commands');
const files = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

for (const file of files) {
  describe(file, () => {
    for (const one of readCases(join(folder, file))) {
      it(one.title, { timeout: 10_000 }, () => runCase(one, sendWhole));
      it(`${one.title}, octet by octet`, { timeout: 10_000 }, () => runCase(one, sendByOctet));
    }
  });
}

it('every command has a transcript', () => {
  const names = new Set(files.map((name) => name.replace('.transcript', '')));
  const commands = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  assert.deepEqual(
    commands.map((name) => name.replace('.ts', '')).filter((name) => !names.has(name)),
    [],
  );
});

async function readOptions(one: TranscriptCase): Promise<Partial<Pop3ServerOptions>> {
  const context = await testContext();
  const options: { -readonly [Key in keyof Pop3ServerOptions]?: Pop3ServerOptions[Key] } = {};
  for (const { text } of one.lines) {
    if (!text.startsWith('! ')) continue;
    const [word, name = '', value] = text.slice(2).split(' ');
    if (word === 'limit') options.limits = { ...options.limits, [name]: Number(value) };
    if (word === 'tls' || word === 'implicitTls') options.tls = () => context;
    if (word === 'implicitTls') options.implicitTls = true;
    if (word === 'encryptedOnly') options.allowPlaintext = () => false;
  }
  return options;
}

type Send = (client: TestClient, octets: Buffer) => Promise<void>;

const sendWhole: Send = async (client, octets) => client.send(octets);

const sendByOctet: Send = async (client, octets) => {
  for (let i = 0; i < octets.length; i++) {
    client.send(octets.subarray(i, i + 1));
    // Gives the server a turn, so that octets mostly come by themselves.
    if (octets.length < 1000) await new Promise((resolve) => setImmediate(resolve));
  }
};

async function runCase(one: TranscriptCase, send: Send): Promise<void> {
  await using host = await startServer(await readOptions(one));
  host.mail.hasInbox = !one.lines.some(({ text }) => text === '! noInbox');
  const client = await host.connect();
  const words = new Words();
  let burst: Buffer[] = [];
  for (const { number, text } of one.lines) {
    const where = `line ${number}`;
    const [mark, rest] = [text[0], text.slice(3)];
    if (mark === 'C') {
      burst.push(readSent(text));
      continue;
    }
    if (burst.length > 0) await send(client, Buffer.concat(burst));
    burst = [];
    if (mark === '>') await signIn(client);
    else if (mark === 'S' && text[1] === '=') assert.equal(await client.rawLine(), JSON.parse(rest), where);
    else if (mark === 'S') words.assertLine(await client.line(), rest, where);
    else if (mark === 'T') await client.startTls();
    else if (mark === 'M') changeMail(host.mail, rest, where);
    else if (mark === 'X') assert.equal(await client.line(), undefined, where);
    else assert.equal(mark, '!', `${where}: unknown mark`);
  }
  assert.deepEqual(burst, [], 'a transcript ends with what the server does');
}

async function signIn(client: TestClient): Promise<void> {
  await client.line();
  await client.ask(`USER ${LOGIN}`);
  assert.match((await client.ask(`PASS ${PASSWORD}`)) ?? '', /^\+OK/);
}

function changeMail(mail: FakeMail, text: string, where: string): void {
  const [word, ...rest] = text.split(' ');
  if (word === 'uids') assert.deepEqual(mail.uids.map(String), rest, where);
  else if (word === 'expunge') mail.expunge(rest.map(Number));
  else if (word === 'deliver') mail.deliver(Number(rest[0]), Buffer.from('Subject: new\r\n\r\n'));
  else if (word === 'fail') {
    const [call = '', code = 'bug'] = rest;
    mail.failing = {
      call,
      error: code === 'bug' ? new Error('injected') : new MailError(code as MailErrorCode, 'injected'),
    };
  } else assert.fail(`${where}: unknown change`);
}
