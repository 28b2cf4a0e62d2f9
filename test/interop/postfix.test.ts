/** Postfix as the other side, in both directions, over STARTTLS, with reports. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generate } from 'selfsigned';
import { type Campus, DOMAIN, eventually, LI, openCampus, submit, ZHANG } from '#test/harness/campus.ts';
import { openSmtp, smtpCommand } from '#test/harness/line-client.ts';
import { mustRunProgram, skipWithout } from '#test/harness/programs.ts';
import { mustRun } from '#test/harness/server-process.ts';

const PROGRAMS = ['postfix', 'postconf'];
/** Postfix starts as root only. */
const skip = process.getuid?.() === 0 ? skipWithout(...PROGRAMS) : 'not root';
const FRIEND = 'friend@postfix.example';
const UNKNOWN = 'unknown@postfix.example';

const SERVICES = `pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/** A port that is free now: Postfix cannot be asked which one it took. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Postfix {
  start(port: number, nextPort: number): Promise<void>;
  /** What its one mailbox got. */
  letters(): Promise<readonly string[]>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

async function preparePostfix(folder: string): Promise<Postfix> {
  const config = join(folder, 'etc');
  const mail = join(folder, 'mail');
  const log = join(folder, 'postfix.log');
  const { out } = await mustRunProgram('id', ['-u', 'postfix']);
  const uid = Number(out);
  for (const name of ['etc', 'queue', 'lib', 'mail']) await mkdir(join(folder, name), { recursive: true });
  for (const name of ['lib', 'mail']) await chown(join(folder, name), uid, uid);
  const pems = await generate([{ name: 'commonName', value: 'mx.postfix.example' }], { keyType: 'rsa' });
  await writeFile(join(config, 'tls.pem'), pems.private + pems.cert);
  const defaults = [
    'command_directory',
    'daemon_directory',
    'shlib_directory',
    'meta_directory',
    'mail_owner',
    'setgid_group',
  ];
  const found = await mustRunProgram('postconf', ['-d', ...defaults]);
  return {
    async start(port, nextPort) {
      await writeFile(
        join(config, 'main.cf'),
        `${found.out}
compatibility_level = 3.6
queue_directory = ${join(folder, 'queue')}
data_directory = ${join(folder, 'lib')}
multi_instance_name = postfix-${port}
maillog_file = ${log}
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.postfix.example
mydestination =
mynetworks = 127.0.0.1/32
alias_maps =
virtual_mailbox_domains = postfix.example
virtual_mailbox_maps = inline:{ { ${FRIEND} = friend/ } }
virtual_mailbox_base = ${mail}
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${uid}
default_transport = smtp:[127.0.0.1]:${nextPort}
smtpd_tls_chain_files = ${join(config, 'tls.pem')}
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtp_tls_security_level = encrypt
smtp_tls_loglevel = 1
`,
      );
      await writeFile(join(config, 'master.cf'), `127.0.0.1:${port} inet n - n - - smtpd\n${SERVICES}`);
      await mustRunProgram('postfix', ['-c', config, 'start']);
    },
    async letters() {
      const inbox = join(mail, 'friend', 'new');
      const names = await readdir(inbox).catch(() => []);
      return Promise.all(names.map((name) => readFile(join(inbox, name), 'utf8')));
    },
    log: () => readFile(log, 'utf8').catch(() => ''),
    async stop() {
      await mustRunProgram('postfix', ['-c', config, 'stop']);
    },
  };
}

describe('Postfix', { concurrency: false, skip }, () => {
  let campus: Campus;
  let postfix: Postfix;
  let port: number;
  const ports = (): Readonly<Record<string, number>> => campus.server.ports;

  before(async () => {
    port = await findPort();
    campus = await openCampus({
      settings: {
        CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
        CAMPUSMAIL_QUEUE_ROUTES: `postfix.example via 127.0.0.1:${port}`,
      },
    });
    // Its programs are not root.
    await chmod(campus.folder, 0o711);
    postfix = await preparePostfix(join(campus.folder, 'postfix'));
    await postfix.start(port, ports()['smtp'] as number);
  });
  after(async () => {
    await postfix.stop();
    const code = await campus.server.stop();
    const log = campus.server.log();
    await campus[Symbol.asyncDispose]();
    assert.equal(log, '');
    assert.equal(code, 0);
  });

  test('takes what we send over TLS; whom it does not know the sender hears of', async () => {
    assert.equal(await submit(ports()['submission'] as number, [FRIEND, UNKNOWN, LI], 'to Postfix'), 250);
    const [letter = ''] = await eventually('the letter', async () => {
      const letters = await postfix.letters();
      return letters.length > 0 && letters;
    });
    assert.match(letter, /\(using TLSv1\.3 with cipher /);
    assert.match(letter, /^Subject: to Postfix$/m);
    assert.doesNotMatch(letter, /^Bcc:/m);
    const trace = await eventually('both to be done', async () => {
      const text = await mustRun(campus.server.dataDir, ['trace', '--from', ZHANG]);
      return / relayed /.test(text) && / reported /.test(text) && text;
    });
    assert.match(trace, /relayed +friend@postfix\.example .*TLS 1\.3.*2\.0\.0/);
    assert.match(trace, /failed +unknown@postfix\.example .*5\.1\.1/);
  });

  test('sends to us over TLS and has its reports', async () => {
    const before = (await postfix.letters()).length;
    const client = await openSmtp(port);
    for (const [recipient, parameters] of [
      [LI, ' NOTIFY=SUCCESS,FAILURE'],
      [`nobody@${DOMAIN}`, ''],
    ] as const) {
      await smtpCommand(client, `MAIL FROM:<${FRIEND}> RET=HDRS ENVID=QQ314159`, '250');
      await smtpCommand(client, `RCPT TO:<${recipient}>${parameters}`, '250');
      await smtpCommand(client, 'DATA', '354');
      await smtpCommand(client, `From: ${FRIEND}\r\nSubject: from Postfix\r\n\r\nhello\r\n.`, '250');
    }
    client.close();
    const letters = await eventually('two reports', async () => {
      const all = await postfix.letters();
      return all.length >= before + 2 && all;
    });
    const delivered = letters.find((text) => text.includes('Action: delivered')) ?? '';
    assert.match(delivered, /^Original-Envelope-Id: QQ314159$/m);
    assert.match(delivered, new RegExp(`^Final-Recipient: rfc822; ${LI.replaceAll('.', String.raw`\.`)}$`, 'm'));
    const failed = letters.find((text) => text.includes('Action: failed')) ?? '';
    assert.match(failed, /^Diagnostic-Code: smtp; 550 5\.1\.1 /m);
    const imap = await campus.openImap(LI);
    await imap.command('SELECT INBOX');
    const found = (await imap.command('SEARCH SUBJECT "from Postfix"')).join('\n');
    const [, number = ''] = /^\* SEARCH (\d+)/m.exec(found) ?? assert.fail(found);
    const text = (await imap.command(`FETCH ${number} BODY.PEEK[HEADER]`)).join('\n');
    assert.match(text, / with ESMTPS /);
    assert.match(await postfix.log(), /Untrusted TLS connection established to 127\.0\.0\.1.*TLSv1\.3/);
  });
});
