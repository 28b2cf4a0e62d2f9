/** `campusmail dns`: the DNS records our domains need, and whether they are there. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { listWantedRecords, readDomainFacts, type RecordState } from '#app/dns-records.ts';
import { formatOwnPolicy } from '#app/mta-sts-policy.ts';
import { hasOption } from './arguments/options.ts';
import { toPrintable } from './arguments/table.ts';
import { requireOwnDomain } from './dkim-add.ts';

export const dns: StoreCommand = {
  name: 'dns',
  usage: '[DOMAIN] [--check]',
  about: "Print the DNS records of this server's domains, as lines of a zone file.",
  details: `
For each domain: MX, SPF, DKIM, DMARC, MTA-STS (where mta_sts.mode says so),
reports about TLS, and where mail programs find their servers (RFC 6186). Of
SPF and DMARC a sound beginning is shown: make them yours.

  --check  ask the DNS whether each is there; exit code 1 when one that mail
           or a setting depends on is not, or nobody can say`,
  options: { check: { type: 'boolean' } },
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const [given] = args.positionals;
    const domains =
      given === undefined
        ? (await system.directory.listDomains()).map(({ domain }) => domain)
        : [await requireOwnDomain(system, given)];
    if (domains.length === 0) io.out('There are no domains yet: campusmail domain add NAME\n');
    const isChecked = hasOption(args, 'check');
    let isWell = true;
    // Our own name's are the same for every domain.
    const shown = new Set<string>();
    for (const [i, domain] of domains.entries()) {
      if (io.signal.aborted) break;
      const records = listWantedRecords(await readDomainFacts(system, domain)).filter(({ line }) => !shown.has(line));
      const states = isChecked ? await Promise.all(records.map((record) => record.check(system.resolver))) : [];
      io.out(`${i === 0 ? '' : '\n'}; ${domain}\n`);
      let topic = '';
      for (const [index, record] of records.entries()) {
        if (record.topic !== topic) io.out(`\n; ${(topic = record.topic)}\n`);
        const state = states[index];
        shown.add(record.line);
        io.out(`${record.line}${state === undefined ? '' : ` ; ${describeState(state)}`}\n`);
        if (record.isNeeded && state !== undefined && state.kind !== 'there') isWell = false;
      }
      if (system.config.mtaSts.mode !== 'none') {
        const lines = formatOwnPolicy(system.config).trimEnd().split('\r\n');
        io.out(`\n; The policy served there:\n${lines.map((line) => `;   ${line}\n`).join('')}`);
      }
    }
    return isWell ? EXIT.ok : EXIT.failed;
  },
};

function describeState(state: RecordState): string {
  switch (state.kind) {
    case 'there':
      return 'ok';
    case 'missing':
      return 'MISSING';
    case 'different':
      return `DIFFERENT: ${toPrintable(state.found)}`;
    case 'unknown':
      return `not known: ${toPrintable(state.why)}`;
  }
}
