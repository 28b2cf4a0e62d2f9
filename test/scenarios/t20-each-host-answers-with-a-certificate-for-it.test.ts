/** domain.md T20: each host answers over IPv4 and IPv6 with a certificate valid for it; programs are told the right servers. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { openCampus } from '#test/harness/campus.ts';
import {
  addStudent,
  askHost,
  connectToHost,
  SCHOOL_HOSTS,
  SCHOOL_SETTINGS,
  STAFF_DOMAIN,
  STUDENT_DOMAIN,
} from '#test/harness/school.ts';
import { temporaryFolder } from '#test/harness/server-process.ts';

async function makePair(folder: string, domain: string): Promise<{ readonly cert: string; readonly key: string }> {
  const pair = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: `*.${domain}` }] }],
  });
  const files = { cert: join(folder, `${domain}.crt`), key: join(folder, `${domain}.key`) };
  await writeFile(files.cert, pair.cert);
  await writeFile(files.key, pair.private);
  return files;
}

test('T20: each of the eight hosts answers over IPv4 and IPv6 with a certificate for it, and programs find their servers', async () => {
  await using folder = await temporaryFolder();
  const pairs = [await makePair(folder.path, STAFF_DOMAIN), await makePair(folder.path, STUDENT_DOMAIN)];
  const both = '127.0.0.1:0,[::1]:0';
  const settings = {
    ...SCHOOL_SETTINGS,
    CAMPUSMAIL_TLS_CERTIFICATES: JSON.stringify(pairs),
    CAMPUSMAIL_LISTEN_IMAPS: both,
    CAMPUSMAIL_LISTEN_POP3S: both,
    CAMPUSMAIL_LISTEN_SUBMISSIONS: both,
    CAMPUSMAIL_LISTEN_HTTPS: both,
  };
  await using campus = await openCampus({ settings, prepare: addStudent });
  const plans = Array.from(campus.server.listeners.matchAll(/(\S+):(\d+) \((imaps|pop3s|submissions|https)\)/g));
  assert.equal(plans.length, 8);
  for (const [, address = '', port = '', name = ''] of plans) {
    const ours = SCHOOL_HOSTS.filter((host) =>
      host.startsWith({ imaps: 'imap', pop3s: 'pop', submissions: 'smtp' }[name] ?? 'mail'),
    );
    for (const host of ours) {
      const socket = await connectToHost(address.replace(/[[\]]/g, ''), Number(port), host);
      assert.notEqual(socket.getPeerX509Certificate()?.checkHost(host), undefined, `${host} at ${address} (${name})`);
      socket.destroy();
    }
  }
  const https = plans.find(([, , , name]) => name === 'https');
  const base = `https://${https?.[1]}:${https?.[2]}`;
  for (const domain of [STAFF_DOMAIN, STUDENT_DOMAIN]) {
    const path = '/.well-known/autoconfig/mail/config-v1.1.xml';
    const { text } = await askHost(base, `autoconfig.${domain}`, path);
    const told = Array.from(text.matchAll(/<hostname>([^<]+)</g), ([, host]) => host);
    assert.deepEqual(new Set(told), new Set([`imap.${domain}`, `pop.${domain}`, `smtp.${domain}`]));
  }
});
