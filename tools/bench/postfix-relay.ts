/**
 * A Postfix of our own for the outbound work: Debian's settings as shipped, in a folder of its own, every domain of the
 * load led to the sink. Needs Postfix's programs and root; what is installed in /etc is not touched.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { canConnect } from './clients.ts';
import { destinationNames } from './names.ts';
import { watchGroup, type ProcessUsage } from './usage.ts';

const run = promisify(execFile);

export const POSTFIX_PORT = 25325;

const SERVICES = `pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - y - - smtp
relay unix - - y - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd`;

export interface PostfixRelay {
  readonly usage: ProcessUsage;
  /** Lets go what it held. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

/** `holds`: what comes waits for `release`. */
export async function startPostfixRelay(
  folder: string,
  sinkPort: number,
  { holds }: { readonly holds: boolean },
): Promise<PostfixRelay> {
  const [settings, queue, state] = [join(folder, 'etc'), join(folder, 'queue'), join(folder, 'lib')];
  await rm(folder, { recursive: true, force: true });
  for (const path of [settings, join(queue, 'etc'), state]) await mkdir(path, { recursive: true });
  // Its processes are not root's and have to get there.
  await run('chmod', ['711', dirname(folder)]);
  await run('chmod', ['755', folder, settings, queue, join(queue, 'etc')]);
  await run('chown', ['postfix', state]);
  for (const file of ['dynamicmaps.cf', 'postfix-files']) await copyFile(`/etc/postfix/${file}`, join(settings, file));
  const names = destinationNames();
  // The smtp client runs in the queue's folder as its root, as Debian has it, and finds its hosts there.
  await writeFile(join(queue, 'etc', 'hosts'), names.map((name) => `127.0.0.1 ${name}\n`).join(''));
  await copyFile('/etc/services', join(queue, 'etc', 'services'));
  await writeFile(join(settings, 'transport'), names.map((name) => `${name} smtp:[${name}]:${sinkPort}\n`).join(''));
  await writeFile(
    join(settings, 'main.cf'),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${state}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = ${settings}
mail_owner = postfix
setgid_group = postdrop
multi_instance_name = postfix-outbound
maillog_file = ${join(folder, 'log')}
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.bench.test
mydestination =
mynetworks = 127.0.0.1/32
local_recipient_maps =
alias_maps =
transport_maps = texthash:${join(settings, 'transport')}
default_transport = error:no such destination
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
message_size_limit = 52428800
${holds ? 'smtpd_client_restrictions = check_client_access static:HOLD\n' : ''}`,
  );
  await writeFile(join(settings, 'master.cf'), `127.0.0.1:${POSTFIX_PORT} inet n - n - - smtpd\n${SERVICES}\n`);
  const usage = watchGroup('postfix-outbound');
  await usage.run('postfix', ['-c', settings, 'start']);
  for (let tries = 0; !(await canConnect(POSTFIX_PORT)); tries++) {
    if (tries === 100) throw new Error(`Postfix does not listen: ${await readLog(folder)}`);
    await sleep(100);
  }
  return {
    usage,
    async release() {
      await run('postsuper', ['-c', settings, '-H', 'ALL']);
      await run('postqueue', ['-c', settings, '-f']);
    },
    async stop() {
      await run('postfix', ['-c', settings, 'stop']);
      while (await canConnect(POSTFIX_PORT)) await sleep(100);
      usage.close();
    },
  };
}

async function readLog(folder: string): Promise<string> {
  const names = await readdir(folder);
  return names.includes('log') ? (await readFile(join(folder, 'log'), 'utf8')).slice(-1_000) : 'it logged nothing';
}
