import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DOMAIN, LI, openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { LineClient } from '#test/harness/line-client.ts';
import { mustRun } from '#test/harness/server-process.ts';

/** Reads on to the connection's end. */
async function rest(client: LineClient): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    try {
      lines.push(await client.readLine());
    } catch {
      return lines;
    }
  }
}

async function ask(client: LineClient, line: string, wanted: RegExp): Promise<void> {
  client.send(`${line}\r\n`);
  for (;;) {
    const answer = await client.readLine();
    if (/^(\* |\d+ [A-Z])/.test(answer) && !wanted.test(answer)) continue;
    assert.match(answer, wanted, line);
    return;
  }
}

/** Two of each engine: one that rests, one that does not; all signed in. */
async function signIn({ server }: Campus, login: string): Promise<LineClient[]> {
  const clients: LineClient[] = [];
  for (const last of ['NOOP', 'IDLE']) {
    const client = await LineClient.open(server.ports['imap'] as number);
    await client.readLine();
    await ask(client, `a LOGIN ${login} {${Buffer.byteLength(PASSWORD)}+}\r\n${PASSWORD}`, /^a OK/);
    await ask(client, 'b SELECT INBOX', /^b OK/);
    await ask(client, `c ${last}`, /^(c OK|\+ )/);
    clients.push(client);
  }
  for (const marks of [false, true]) {
    const client = await LineClient.open(server.ports['pop3'] as number);
    await client.readLine();
    await ask(client, `USER ${login}`, /^\+OK/);
    await ask(client, `PASS ${PASSWORD}`, /^\+OK/);
    if (marks) await ask(client, 'DELE 1', /^\+OK/);
    clients.push(client);
  }
  return clients;
}

for (const { name, words } of [
  { name: 'a changed password', words: ['account', 'password', ZHANG, '--password', 'Neu-密码-8'] },
  { name: 'disabling the account', words: ['account', 'disable', ZHANG] },
  { name: 'deleting the account', words: ['account', 'delete', ZHANG, '--yes'] },
]) {
  test(`${name} ends its sessions, and nobody else's`, { timeout: 60_000 }, async () => {
    await using campus = await openCampus();
    await campus.deliver([ZHANG, LI], 'Subject: one\r\n\r\none\r\n');
    const his = await signIn(campus, ZHANG);
    const hers = await signIn(campus, LI);
    await mustRun(campus.dataDir, ['alias', 'add', `san@${DOMAIN}`, ZHANG], campus.settings);
    await ask(his[0] as LineClient, 'd NOOP', /^d OK/);
    await ask(his[3] as LineClient, 'NOOP', /^\+OK/);

    await mustRun(campus.dataDir, words, campus.settings);
    const said = await Promise.all(his.map(rest));
    assert.deepEqual(said, [
      ['* BYE Signed out: the account or its password was changed'],
      ['* BYE Signed out: the account or its password was changed'],
      ['-ERR [AUTH] signed out: the account or its password was changed'],
      ['-ERR [AUTH] signed out: the account or its password was changed'],
    ]);
    await ask(hers[0] as LineClient, 'd NOOP', /^d OK/);
    await ask(hers[1] as LineClient, 'DONE', /^c OK/);
    await ask(hers[2] as LineClient, 'STAT', /^\+OK 1 /);
    await ask(hers[3] as LineClient, 'QUIT', /^\+OK/);
    for (const client of hers) client.close();
  });
}
