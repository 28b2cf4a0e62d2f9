/** Another server reports on our domain, a stranger sends what looks like a report, and nobody else's mail waits for either. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { composeMessage } from '#mime/compose.ts';
import { openCampus, ZHANG } from '#test/harness/campus.ts';
import { LineClient, readReply } from '#test/harness/line-client.ts';
import { mustRun } from '#test/harness/server-process.ts';

const DOMAIN = ZHANG.slice(ZHANG.indexOf('@') + 1);

function reportMail(xml: string): Buffer {
  return composeMessage({
    from: { email: 'noreply@google.example' },
    to: [{ email: `dmarc-reports@${DOMAIN}` }],
    subject: `Report Domain: ${DOMAIN}`,
    text: 'see below',
    attachments: [{ fileName: 'r.xml.gz', content: gzipSync(xml), type: 'application/gzip' }],
    dateMs: 0,
    messageId: 'x@y',
  });
}

/** By SMTP, as other servers do; answers the first refusal, or the reply to the message. */
async function send(port: number, to: string, octets: Buffer): Promise<string> {
  const client = await LineClient.open(port);
  const ask = async (line: string): Promise<string> => {
    client.send(`${line}\r\n`);
    const { code, text } = await readReply(client);
    return `${code} ${text}`;
  };
  try {
    await readReply(client);
    for (const line of ['EHLO mx.google.example', 'MAIL FROM:<>', `RCPT TO:<${to}>`, 'DATA']) {
      const reply = await ask(line);
      if (!/^[23]/.test(reply)) return reply;
    }
    return await ask(`${octets.toString('latin1')}.`);
  } finally {
    client.send('QUIT\r\n');
  }
}

test('a report is shown, one that is none is refused, and mail goes on meanwhile', async () => {
  await using campus = await openCampus({ settings: { CAMPUSMAIL_SERVER_THREADS: '1' } });
  const { server } = campus;
  const { smtp = 0 } = server.ports;
  const nowS = Math.floor(Date.now() / 1000);
  const xml = `<feedback><report_metadata><org_name>google.example</org_name><report_id>7</report_id>
    <date_range><begin>${nowS - 86_400}</begin><end>${nowS - 1}</end></date_range></report_metadata>
    <policy_published><domain>${DOMAIN}</domain></policy_published>
    <record><row><source_ip>192.0.2.1</source_ip><count>17</count><policy_evaluated><disposition>none</disposition>
    <dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>${DOMAIN}</header_from></identifiers>
    </record></feedback>`;
  const bomb = reportMail(`<feedback>${'<a/>'.repeat(1_000_000)}</feedback>`);

  const replies: string[] = [];
  const note = async (name: string, sent: Promise<string>): Promise<void> => void replies.push(`${name} ${await sent}`);
  const to = `dmarc-reports@${DOMAIN}`;
  const bombing = note('bomb', send(smtp, to, bomb));
  await Promise.all([
    bombing,
    ...Array.from({ length: 20 }, () => note('mail', send(smtp, ZHANG, Buffer.from('Subject: s\r\n\r\n')))),
    note('report', send(smtp, to, reportMail(xml))),
  ]);
  const ofMail = replies.filter((line) => line.startsWith('mail 250 '));
  assert.equal(ofMail.length, 20, replies.join('\n'));
  // On one thread: mail was taken while the bomb was looked at.
  assert.ok(replies.findIndex((line) => line.startsWith('bomb')) >= 10, replies.join('\n'));
  assert.match(replies.find((line) => line.startsWith('bomb')) ?? '', /^bomb (550 5\.6\.0|451 4\.3\.0) /);
  assert.match(replies.find((line) => line.startsWith('report')) ?? '', /^report 250 /);

  const shown = await mustRun(server.dataDir, ['dmarc', DOMAIN]);
  assert.match(shown, /1 report in the last 30 days\n {2}17 messages: 17 passed/);
  assert.match(await mustRun(server.dataDir, ['trace', '--to', to]), /google|dmarc-reports/);
  assert.match(await send(smtp, `nobody@${DOMAIN}`, bomb), /^550 5\.1\.1/);
  assert.match(
    await mustRun(server.dataDir, ['trace', '--to', `nobody@${DOMAIN}`]),
    /offered\n.*failed .*no such user/,
  );
});
