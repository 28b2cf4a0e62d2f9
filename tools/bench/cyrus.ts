/**
 * A Cyrus of our own for the list pages of JMAP: its settings as shipped but for conversations and JMAP, in a folder of its
 * own. Needs Debian's cyrus-imapd, cyrus-caldav (its HTTP server) and sasl2-bin, and root; what is installed in /etc is not
 * touched.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { canConnect } from './clients.ts';
import { PASSWORD } from './names.ts';
import { watchGroup, type ProcessUsage } from './usage.ts';

const run = promisify(execFile);

export const CYRUS_IMAP_PORT = 25443;
export const CYRUS_HTTP_PORT = 25480;

export interface Cyrus {
  readonly usage: ProcessUsage;
  stop(): Promise<void>;
}

/** With an account for each of `users`. */
export async function startCyrus(folder: string, users: readonly string[]): Promise<Cyrus> {
  await rm(folder, { recursive: true, force: true });
  for (const path of ['conf', 'spool', 'run']) await mkdir(join(folder, path), { recursive: true });
  const settings = join(folder, 'imapd.conf');
  await writeFile(
    settings,
    `configdirectory: ${join(folder, 'conf')}
defaultpartition: default
partition-default: ${join(folder, 'spool')}
admins: cyrus
allowplaintext: yes
sasl_mech_list: PLAIN LOGIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: ${join(folder, 'sasldb')}
autocreate_quota: 0
unixhierarchysep: yes
conversations: yes
httpmodules: jmap
servername: localhost
idlesocket: ${join(folder, 'run', 'idle')}
syslog_prefix: cyrus-bench
`,
  );
  const service = (program: string): string => `/usr/lib/cyrus/bin/${program} -C ${settings}`;
  await writeFile(
    join(folder, 'cyrus.conf'),
    `START { recover cmd="${service('ctl_cyrusdb')} -r" }
SERVICES {
  imap cmd="${service('imapd')}" listen="127.0.0.1:${CYRUS_IMAP_PORT}" prefork=0
  http cmd="${service('httpd')}" listen="127.0.0.1:${CYRUS_HTTP_PORT}" prefork=1
}
EVENTS { }
`,
  );
  for (const user of users) {
    for (const realm of ['localhost', hostname()]) await addUser(join(folder, 'sasldb'), realm, user);
  }
  // Its processes are not root's and have to get there.
  await run('chmod', ['711', dirname(folder)]);
  await run('chown', ['-R', 'cyrus:mail', folder]);
  const usage = watchGroup('cyrus-bench');
  const pidFile = join(folder, 'run', 'master.pid');
  await usage.run('cyrmaster', ['-d', '-C', settings, '-M', join(folder, 'cyrus.conf'), '-p', pidFile]);
  for (let tries = 0; !((await canConnect(CYRUS_IMAP_PORT)) && (await canConnect(CYRUS_HTTP_PORT))); tries++) {
    if (tries === 100) throw new Error('Cyrus does not listen');
    await sleep(100);
  }
  return {
    usage,
    async stop() {
      await run('pkill', ['-F', pidFile]);
      while ((await canConnect(CYRUS_IMAP_PORT)) || (await canConnect(CYRUS_HTTP_PORT))) await sleep(100);
      usage.close();
    },
  };
}

async function addUser(file: string, realm: string, user: string): Promise<void> {
  const adding = run('saslpasswd2', ['-p', '-c', '-f', file, '-u', realm, user]);
  adding.child.stdin?.end(PASSWORD);
  await adding;
}
