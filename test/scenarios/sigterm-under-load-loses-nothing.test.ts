import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, openCampus, ZHANG } from '#test/harness/campus.ts';
import { countMessageIds, startSmtpLoad } from '#test/harness/smtp-load.ts';

test('SIGTERM under load: the server ends in time and well, clients are told, and nothing acknowledged is lost', async () => {
  await using campus = await openCampus();
  const idle = await campus.openImap(ZHANG);
  await idle.command('SELECT INBOX');
  idle.send('i IDLE\r\n');
  await idle.readResponse();
  const told = readToEnd(idle);
  const { smtp } = campus.server.ports;
  const load = startSmtpLoad({ recipient: ZHANG, connections: 6, ports: () => [smtp as number] });
  await eventually('mail to flow', () => load.acknowledged.size > 20);

  const startedAt = performance.now();
  assert.equal(await campus.server.stop(), 0);
  const tookMs = performance.now() - startedAt;
  await load.stop();
  assert.ok(tookMs < 9_000, `it took ${tookMs} ms`);
  assert.match((await told).at(-1) ?? '', /^\* BYE/);
  assert.equal(campus.server.log(), '');

  await campus.start();
  const found = await countMessageIds(campus.server.ports['imap'] as number, ZHANG);
  assert.deepEqual(
    [...load.acknowledged.keys()].filter((id) => found.get(id) !== 1),
    [],
  );
});

async function readToEnd(session: { readResponse(): Promise<string> }): Promise<string[]> {
  const lines: string[] = [];
  try {
    for (;;) lines.push(await session.readResponse());
  } catch {
    return lines;
  }
}
