/** `campusmail doctor`: looks at everything that has to be right, whether or not a server runs or the store opens. */
import { existsSync } from 'node:fs';
import { CommandFailure, EXIT, type CommandIo, type FreeCommand } from '#app/command.ts';
import type { Config } from '#app/config.ts';
import { isServerRunning } from '#app/control.ts';
import { isShared } from '#app/storage.ts';
import { systemClock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { hasOption } from './arguments/options.ts';
import { redirectOutput } from './arguments/redirect.ts';
import { checkCertificates } from './checks/certificate.ts';
import { checkDataDir } from './checks/data-dir.ts';
import { checkDns, systemLookup } from './checks/dns.ts';
import { fail, FindingTeller, ok, warn, type Finding } from './checks/finding.ts';
import { checkDomainPlans } from './checks/domain-plans.ts';
import { checkListeners } from './checks/listeners.ts';
import { checkSettings } from './checks/settings.ts';
import { doctorStore } from './doctor-store.ts';

export const doctor: FreeCommand = {
  name: 'doctor',
  usage: '[--deep] [--json]',
  about: 'Check that everything is as it should be, and say how to mend what is not.',
  details: `
Looks at settings, data_dir, disk, clock, certificate, ports, store, messages
(a sample), accounts and DNS. One line each: ok, warn or FAIL. Exit code 1 when
something FAILs. Run it as the server's user, with the server's settings.

  --deep  read every message and check every count, as campusmail verify
  --json  one JSON object a line

Nothing is changed, except that an embedded store that no server has open is
brought to this version when it is opened.`,
  options: { deep: { type: 'boolean' }, json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'config',
  async run(config, args, io) {
    const teller = new FindingTeller(hasOption(args, 'json'), io);
    const tell = teller.tell.bind(teller);
    const nowMs = systemClock.now();
    tell(checkSettings(config));
    const isNew = !existsSync(config.dataDir);
    tell(await checkDataDir(config.dataDir, nowMs));
    // A self-signed certificate is made where it is kept: not in a folder that is not there.
    if (!isNew || config.tls.cert !== '') tell(await checkCertificates(config, nowMs));
    const isRunning = await isServerRunning(config.dataDir);
    tell([isRunning ? ok('server', 'runs') : warn('server', 'does not run', 'campusmail serve --config FILE')]);
    tell(await checkListeners(config, isRunning));
    let domains: readonly string[] = [];
    if (!isNew || isShared(config)) {
      const store = await askStore(config, hasOption(args, 'deep'), io);
      tell(store.findings);
      domains = store.domains;
    }
    tell(checkDomainPlans(config.domainPlans, domains, nowMs));
    tell(await checkDns(config.hostname, domains, systemLookup(config.dns.servers)));
    return teller.hasFailed ? EXIT.failed : EXIT.ok;
  },
};

/** Runs `doctor store` where the store is: in the server, or here. */
async function askStore(
  config: Config,
  isDeep: boolean,
  io: CommandIo,
): Promise<{ readonly findings: readonly Finding[]; readonly domains: readonly string[] }> {
  let output = '';
  const inner = redirectOutput(io, (text) => void (output += text));
  const words = ['doctor', 'store', '--json', ...(isDeep ? ['--deep'] : [])];
  let trouble: Finding | undefined;
  try {
    const { runStoreCommand } = await import('#app/store-command.ts');
    const args = { positionals: [], values: { json: true, deep: isDeep } };
    const exit = await runStoreCommand(config, doctorStore, words, args, inner);
    if (exit !== EXIT.ok && exit !== EXIT.failed)
      trouble = fail('store', 'could not be checked', 'See the message above and the log');
  } catch (error) {
    trouble = describeTrouble(config, error);
  }
  const lines = output.split('\n').filter((line) => line !== '');
  const answers = lines.map((line) => JSON.parse(line) as Finding | { readonly domains: readonly string[] });
  return {
    findings: [...answers.filter((answer) => 'level' in answer), ...(trouble === undefined ? [] : [trouble])],
    domains: answers.flatMap((answer) => ('domains' in answer ? answer.domains : [])),
  };
}

function describeTrouble(config: Config, error: unknown): Finding {
  const reason = errorText(error);
  if (error instanceof CommandFailure) {
    return fail('store', reason, 'Another process has the store open; end it, or wait until it is done');
  }
  if (isShared(config)) {
    return fail('store', `cannot be reached: ${reason}`, 'Check store.url and that PostgreSQL runs');
  }
  const mend = `Keep ${config.dataDir} as it is (copy it), then restore the last backup: campusmail restore; see docs/operations/troubleshooting.md`;
  return fail('store', `cannot be opened: ${reason}`, mend);
}
