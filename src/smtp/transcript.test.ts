/**
 * Runs the `.transcript` files over a loopback socket with FakeReceiver. A file holds cases:
 *
 *   === title
 *   ! tls                     server option: protocol NAME, tls, requireTls, implicitTls, limit NAME NUMBER,
 *                             plaintext (allowed), tokens (are taken), now DATE-TIME (and the clock stands still)
 *   C: line                   sent with CRLF; lines without an S: between them go out in one write
 *   C= "raw\n"                JSON, sent as it is, as latin1
 *   S: line                   expected; $name matches a word, the same word wherever the name comes again
 *   T                         the client makes its TLS handshake
 *   R: event                  the receiver's next event, as FakeReceiver writes it (`R: none` when there is none)
 *   X                         the server closes without another line
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import { testContext } from '#test/harness/certificate.ts';
import { readCases, readSent, Words } from '#test/harness/transcript.ts';
import type { TranscriptCase } from '#test/harness/transcript.ts';

import type { SmtpServerOptions } from './server.ts';
import { FakeTokenAuthority } from './testing/fake-authority.ts';
import { startServer } from './testing/test-client.ts';
import type { TestClient } from './testing/test-client.ts';

const folder = join(import.meta.dirname, 'commands');
const files = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

for (const file of files) {
  describe(file, () => {
    for (const one of readCases(join(folder, file))) {
      it(one.title, { timeout: 10_000 }, () => runCase(one));
    }
  });
}

describe('whichever call of the receiver fails', () => {
  const faulty = files.flatMap((file) => readCases(join(folder, file)));
  for (const failingCall of [1, 2, 3]) {
    it(`call ${failingCall}: the answer is temporary and names the session`, { timeout: 20_000 }, async () => {
      let failures = 0;
      for (const one of faulty) failures += await runFaulty(one, failingCall);
      assert.ok(failures > 0);
    });
  }
});

async function readOptions(one: TranscriptCase): Promise<Partial<SmtpServerOptions>> {
  const context = await testContext();
  const options: { -readonly [Key in keyof SmtpServerOptions]?: SmtpServerOptions[Key] } = {};
  for (const { text } of one.lines) {
    if (!text.startsWith('! ')) continue;
    const [word, name = '', value] = text.slice(2).split(' ');
    if (word === 'limit') options.limits = { ...options.limits, [name]: Number(value) };
    else if (word === 'protocol') options.protocol = name as SmtpServerOptions['protocol'];
    else if (word === 'plaintext') options.allowPlaintext = () => true;
    else if (word === 'tokens') options.authenticate = () => new FakeTokenAuthority();
    else if (word === 'now') options.clock = new FakeClock(Date.parse(name));
    else options.tls = () => context;
    if (word === 'requireTls') options.requireTls = true;
    if (word === 'implicitTls') options.implicitTls = true;
  }
  return options;
}

async function runCase(one: TranscriptCase): Promise<void> {
  const options = await readOptions(one);
  await using host = await startServer(options);
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
    if (burst.length > 0) client.send(Buffer.concat(burst));
    burst = [];
    if (mark === 'S') words.assertLine(await client.line(), rest, where);
    else if (mark === 'T') await client.startTls();
    else if (mark === 'R') assert.equal(host.receiver.events.shift() ?? 'none', rest, where);
    else if (mark === 'X') assert.equal(await client.line(), undefined, where);
    else assert.equal(mark, '!', `${where}: unknown mark`);
  }
  assert.deepEqual(burst, [], 'a transcript ends with what the server does');
}

/** The client's side only: a failing call is answered by a temporary fault. Returns how many calls failed. */
async function runFaulty(one: TranscriptCase, failingCall: number): Promise<number> {
  const options = await readOptions(one);
  if (one.lines.some(({ text }) => text === 'T')) return 0;
  const errors: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => errors.push(fields), child: () => log };
  await using host = await startServer({ ...options, log });
  host.receiver.failingCall = failingCall;
  const client = await host.connect();
  const sent = one.lines.filter(({ text }) => text.startsWith('C')).map(({ text }) => readSent(text));
  // All at once: whatever the first half of a dialogue was meant to wait for, the engine must answer it all.
  client.send(Buffer.concat([...sent, Buffer.from('\r\n.\r\nQUIT\r\n')]));
  client.socket.end();
  const replies = await readAll(client);
  const injected = errors.filter((fields) => 'err' in fields && String(fields.err).includes('injected'));
  const faults = replies.filter((line) => line.includes('Local fault'));
  assert.ok(faults.length >= injected.length, one.title);
  // 454 where it was the authority that failed.
  const form = /^45(1 4\.3|4 4\.7)\.0 Local fault, try again later \(session [a-z2-7]{10}\)$/;
  for (const line of faults) assert.match(line, form);
  return injected.length;
}

async function readAll(client: TestClient): Promise<string[]> {
  const lines: string[] = [];
  for (let line = await client.line(); line !== undefined; line = await client.line()) lines.push(line);
  return lines;
}
