import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { generate } from 'selfsigned';
import { isMailError } from '#base/errors.ts';
import { askByImap } from './old-server.ts';

async function makeCertificate() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  return { key, cert };
}

const { cert, key } = await makeCertificate();

/** An old server that answers line by line; what it was told is in `said`. */
async function open(answers: readonly string[]) {
  let said = '';
  const server = createServer({ cert, key }, (socket) => {
    const left = [...answers];
    socket.on('error', () => {});
    socket.write(left.shift() ?? '');
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const answer = left.shift();
      if (answer === undefined) socket.end();
      else socket.write(answer);
    });
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, said: () => said, [Symbol.asyncDispose]: async () => void server.close() };
}

const greeting = '* OK old mail\r\n';
const askFor = (port: number, ca = cert) => askByImap({ host: 'localhost', port, ca }).accepts('张三', 'p"\\ 密码');

test('the old server is asked with literals, and its yes and no are believed', async () => {
  await using yes = await open([greeting, '+ go on\r\n', '+\r\n', '* CAPABILITY IMAP4rev1\r\na OK in\r\n']);
  assert.equal(await askFor(yes.port), true);
  assert.equal(yes.said(), 'a LOGIN {6}\r\n张三 {10}\r\np"\\ 密码\r\n');
  await using no = await open([greeting, '+\r\n', '+\r\n', 'a NO [AUTHENTICATIONFAILED] no\r\n']);
  assert.equal(await askFor(no.port), false);
});

const troubles: Readonly<Record<string, readonly string[]>> = {
  'says that it is not well': [greeting, '+\r\n', '+\r\n', 'a NO [UNAVAILABLE] later\r\n'],
  'knows no LOGIN': [greeting, 'a BAD what?\r\n'],
  'is full': ['* BYE too many\r\n'],
  'hangs up': [greeting, '+\r\n'],
  'talks without end': ['* OK '.padEnd(20_000, 'x')],
};
for (const [what, answers] of Object.entries(troubles))
  test(`one that ${what} tells nothing of the password`, async () => {
    await using server = await open(answers);
    await assert.rejects(askFor(server.port), (error) => isMailError(error, 'unavailable'));
  });

test('one whose certificate is not to be believed is told nothing', async () => {
  await using server = await open([greeting]);
  const { cert: another } = await makeCertificate();
  await assert.rejects(askFor(server.port, another), (error) => isMailError(error, 'unavailable'));
  assert.equal(server.said(), '');
});
