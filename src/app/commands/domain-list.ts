/** `campusmail domain list`: the domains whose mail is taken. */
import { domainToUnicode } from 'node:url';
import { EXIT, type StoreCommand } from '#app/command.ts';
import { hasOption } from './arguments/options.ts';
import { formatTable } from './arguments/table.ts';

export const domainList: StoreCommand = {
  name: 'domain list',
  usage: '[--json]',
  about: 'List the domains whose mail is taken, and how far those are that are given up.',
  details: `
  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const { lives } = system.directory;
    const rows = (await system.directory.listDomains()).map(({ domain, createdAt }) => {
      const sunset = lives.sunsetOf(domain);
      const restsUntil = lives.restsUntil(domain);
      return {
        domain,
        createdAt: new Date(createdAt).toISOString(),
        ...(sunset === undefined ? {} : { stage: lives.stageOf(domain), successor: sunset.successor }),
        ...(restsUntil === undefined ? {} : { restsUntil: new Date(restsUntil).toISOString() }),
      };
    });
    if (hasOption(args, 'json')) io.out(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else if (rows.length === 0) io.out('There are none yet: campusmail domain add NAME\n');
    else {
      const table = rows.map(({ domain, createdAt, stage, successor, restsUntil }) => [
        domain,
        `since ${createdAt}`,
        [
          ...(stage === undefined ? [] : [`${stage}, to ${successor}`]),
          ...(restsUntil === undefined ? [] : [`rests until ${restsUntil}`]),
        ].join('; '),
        unicodeForm(domain),
      ]);
      io.out(formatTable(table));
    }
    return EXIT.ok;
  },
};

function unicodeForm(domain: string): string {
  const text = domainToUnicode(domain);
  return text === domain ? '' : text;
}
