/** `campusmail domain list`: the domains whose mail is taken. */
import { domainToUnicode } from 'node:url';
import { EXIT, type StoreCommand } from '#app/command.ts';
import { hasOption } from './arguments/options.ts';
import { formatTable } from './arguments/table.ts';

export const domainList: StoreCommand = {
  name: 'domain list',
  usage: '[--json]',
  about: 'List the domains whose mail is taken.',
  details: `
  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const rows = (await system.directory.listDomains()).map(({ domain, createdAt }) => ({
      domain,
      createdAt: new Date(createdAt).toISOString(),
    }));
    if (hasOption(args, 'json')) io.out(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else if (rows.length === 0) io.out('There are none yet: campusmail domain add NAME\n');
    else io.out(formatTable(rows.map(({ domain, createdAt }) => [domain, `since ${createdAt}`, unicodeForm(domain)])));
    return EXIT.ok;
  },
};

function unicodeForm(domain: string): string {
  const text = domainToUnicode(domain);
  return text === domain ? '' : text;
}
