/** Mail from other servers is believed as far as its author's domain stands by it; mail of our own machines is not asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { TestDnsServer } from '#dns/testing/dns-server.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { type Campus, LI, openCampus, WANG, ZHANG } from '#test/harness/campus.ts';
import { LineClient, openSmtp, readReply, sendMessage, smtpCommand } from '#test/harness/line-client.ts';
import { mustRun } from '#test/harness/server-process.ts';
import { formatKeyRecord, keyRecordName, makeDkimKey, openSigner } from '#trust/dkim-keys.ts';
import { signMessage } from '#trust/dkim-sign.ts';

const FORGED = 'Authentication-Results: mail.kust.example; dmarc=pass (forged)\r\n';
const letter = (author: string, subject = '归档 & Résumé'): string =>
  `From: <${author}>\r\nDate: Sat, 28 Nov 2026 08:00:00 +0800\r\nSubject: ${subject}\r\n\r\nhello\r\n`;

/** `250`, or the whole refusal. */
async function send(campus: Campus, from: string, message: string, to = ZHANG): Promise<string> {
  const client = await openSmtp(campus.server.ports['smtp'] ?? 0);
  try {
    const { code, text } = await sendMessage(client, from, [to], message);
    return code === 250 ? '250' : `${code} ${text}`;
  } finally {
    client.close();
  }
}

async function sendByLmtp(campus: Campus, from: string, message: string, to: string): Promise<number> {
  const client = await LineClient.open(campus.server.ports['lmtp'] ?? 0);
  try {
    await readReply(client);
    await smtpCommand(client, 'LHLO front.kust.example', '250');
    return (await sendMessage(client, from, [to], message)).code;
  } finally {
    client.close();
  }
}

/** The Authentication-Results fields of each message of a mailbox, unfolded. */
async function readResults(campus: Campus, login: string, mailbox: string): Promise<string[][]> {
  const imap = await campus.openImap(login);
  await imap.command(`EXAMINE ${mailbox}`);
  const fetched = await imap.command('UID FETCH 1:* BODY.PEEK[HEADER]');
  return fetched
    .filter((response) => response.includes('BODY[HEADER]'))
    .map((response) =>
      Array.from(response.matchAll(/^Authentication-Results:.*(?:\r?\n[ \t].*)*/gim), ([field]) =>
        field.replace(/\s+/g, ' '),
      ),
    );
}

test('who sent a message decides what becomes of it', { timeout: 120_000 }, async () => {
  const key = await makeDkimKey('signed.example', 's', 'rsa-sha256', systemClock.now());
  const nobody = { txt: ['v=spf1 -all'] };
  const zone: Zone = {
    'friend.example': { txt: ['v=spf1 ip4:127.0.0.1 -all'] },
    '_dmarc.friend.example': { txt: ['v=DMARC1; p=reject'] },
    'strict.example': nobody,
    '_dmarc.strict.example': { txt: ['v=DMARC1; p=reject'] },
    'careful.example': nobody,
    '_dmarc.careful.example': { txt: ['v=DMARC1; p=quarantine'] },
    'signed.example': nobody,
    '_dmarc.signed.example': { txt: ['v=DMARC1; p=reject'] },
    [keyRecordName(key)]: { txt: [formatKeyRecord(key)] },
    'broken.example': { fails: 'servfail' },
    '_dmarc.broken.example': { fails: 'servfail' },
  };
  await using dns = await TestDnsServer.start({ zone });
  const settings = {
    CAMPUSMAIL_DNS_SERVERS: dns.address,
    CAMPUSMAIL_TRUST_EXEMPT_NETWORKS: '192.0.2.0/24',
    CAMPUSMAIL_DKIM_AUTOMATIC: 'false',
  };
  await using campus = await openCampus({ settings });
  const refused = (domain: string): RegExp =>
    new RegExp(`^550 5\\.7\\.26 Refused by DMARC: ${domain} does not stand by`);

  // What the author's domain stands by, by address or by signature, and what nobody can know now.
  const signed = letter('a@signed.example');
  const signature = await signMessage(Buffer.from(signed), [openSigner(key)], systemClock.now());
  assert.equal(await send(campus, 'a@friend.example', FORGED + letter('a@friend.example')), '250');
  assert.equal(await send(campus, 'list@elsewhere.example', signature + signed), '250');
  assert.equal(await send(campus, 'a@broken.example', letter('a@broken.example')), '250');
  const [friend, proven, unknown] = await readResults(campus, ZHANG, 'INBOX');
  assert.equal(friend?.length, 1, 'the forged one is gone');
  assert.match(
    friend[0] ?? '',
    /: mail\.kust\.example; .*spf=pass .*dkim=none; dmarc=pass .*header\.from=friend\.example/,
  );
  assert.match(proven?.[0] ?? '', /spf=none .*dkim=pass header\.d=signed\.example .*dmarc=pass/);
  assert.match(unknown?.[0] ?? '', /spf=temperror .*dmarc=temperror/);

  // What it does not stand by.
  const refusal = await send(campus, 'a@friend.example', letter('boss@strict.example'));
  assert.match(refusal, refused('strict\\.example'));
  const changed = signature + signed.replace('hello', 'pay me');
  assert.match(await send(campus, 'list@elsewhere.example', changed), refused('signed\\.example'));
  assert.equal(await send(campus, 'a@careful.example', letter('a@careful.example'), LI), '250');
  assert.equal((await readResults(campus, ZHANG, 'INBOX')).length, 3);
  assert.deepEqual(await readResults(campus, LI, 'INBOX'), []);
  assert.match((await readResults(campus, LI, 'Junk'))[0]?.[0] ?? '', /dmarc=fail .*policy\.dmarc=quarantine/);

  // The server in front has judged, and what it found stays.
  assert.equal(await sendByLmtp(campus, 'a@strict.example', FORGED + letter('a@strict.example'), WANG), 250);
  assert.match((await readResults(campus, WANG, 'INBOX'))[0]?.[0] ?? '', /\(forged\)/);

  // Whoever has the refusal in hand can ask why.
  const trace = await mustRun(campus.dataDir, ['trace', /\(id (\w+)\)/.exec(refusal)?.[1] ?? '']);
  assert.match(trace, /judged .*reject: strict\.example does not stand by this message.*spf=pass.*dmarc=fail/);
  const metrics = await (await fetch(`http://127.0.0.1:${campus.server.ports['http']}/metrics`)).text();
  assert.match(metrics, /^campusmail_messages_judged_total\{dmarc="fail",action="reject"\} 2$/m);
  assert.match(metrics, /^campusmail_messages_judged_total\{dmarc="temperror",action="accept"\} 1$/m);

  // Our own machines are not judged; no field of theirs says that they were.
  await campus.server.kill();
  await campus.start({ CAMPUSMAIL_DNS_SERVERS: dns.address, CAMPUSMAIL_DKIM_AUTOMATIC: 'false' });
  const asked = dns.asked.length;
  assert.equal(await send(campus, 'a@strict.example', FORGED + letter('a@strict.example'), LI), '250');
  assert.deepEqual(await readResults(campus, LI, 'INBOX'), [[]]);
  assert.equal(dns.asked.length, asked, 'the DNS is not asked');
});
