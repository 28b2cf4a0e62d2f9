/** `campusmail doctor store`: the part of `doctor` that needs the store open, inside the server where one runs. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { readDomainFacts } from '#app/dns-records.ts';
import { errorText } from '#base/errors.ts';
import { hasOption } from './arguments/options.ts';
import { redirectOutput } from './arguments/redirect.ts';
import { fail, FindingTeller, ok } from './checks/finding.ts';
import { checkRecords } from './checks/dns-records.ts';
import {
  checkAccounts,
  checkBoxes,
  checkFileLimit,
  checkIdles,
  checkSample,
  checkSearchIndex,
  checkWriting,
} from './checks/store.ts';
import { scrub } from './verify.ts';

export const doctorStore: StoreCommand = {
  name: 'doctor store',
  usage: '[--deep] [--json]',
  about: 'Check the store only (a part of doctor).',
  details: `
  --deep  read every message and check every count, as campusmail verify
  --json  one JSON object a line, then one with the domains`,
  options: { deep: { type: 'boolean' }, json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const isJson = hasOption(args, 'json');
    const teller = new FindingTeller(isJson, io);
    const tell = teller.tell.bind(teller);
    tell([ok('store', `opens (${system.config.store.url.replace(/:.*/s, '')})`)]);
    tell([await checkWriting(system)]);
    tell(await checkAccounts(system));
    tell(await checkIdles(system));
    tell(await checkBoxes(system));
    tell([await checkSample(system)]);
    tell([await checkSearchIndex(system)]);
    tell(await checkFileLimit(system.config.limits.connections, hasListeners(system.config.listen)));
    if (hasOption(args, 'deep')) {
      const damaged = await scrub(
        system,
        false,
        redirectOutput(io, () => undefined),
      );
      const mend = 'campusmail verify names them; docs/operations/backup.md tells how to bring them back';
      tell([damaged === 0 ? ok('messages', 'all are whole') : fail('messages', `${damaged} are damaged`, mend)]);
      tell([
        await system.mailStore.checkInvariants().then(
          () => ok('counts', 'counts and references agree'),
          (error: unknown) => fail('counts', errorText(error), 'Restore from a backup: campusmail restore'),
        ),
      ]);
    }
    const domains = (await system.directory.listDomains()).map(({ domain }) => domain);
    const facts = await Promise.all(domains.map((domain) => readDomainFacts(system, domain)));
    tell(await checkRecords(facts, system.resolver));
    if (isJson) io.out(`${JSON.stringify({ domains })}\n`);
    return teller.hasFailed ? EXIT.failed : EXIT.ok;
  },
};

function hasListeners(listen: Readonly<Record<string, readonly unknown[]>>): boolean {
  return Object.values(listen).some((addresses) => addresses.length > 0);
}
