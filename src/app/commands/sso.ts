/** `campusmail sso tickets`: people whom the school's sign-in names, and who have no mailbox by it. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { countOption, hasOption } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const ssoTickets: StoreCommand = {
  name: 'sso tickets',
  usage: '[--limit N] [--json]',
  about: 'List the people who came by single sign-on and have no mailbox by it.',
  details: `
The last seen first. A ticket closes when its person is linked to a
mailbox: campusmail person link.

  --limit N  at most so many; 100 by default
  --json     answer in JSON; instants in milliseconds since 1970`,
  options: { limit: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const limit = countOption(args, 'limit', { byDefault: 100, most: 10_000 });
    const tickets = await system.ssoStore.reader.openTickets(limit);
    const known = await Promise.all(tickets.map(({ number }) => system.directory.findPerson(number)));
    const rows = tickets.map((ticket, at) => ({ ...ticket, isInRoster: known[at] !== undefined }));
    if (hasOption(args, 'json')) io.out(`${JSON.stringify(rows)}\n`);
    else if (rows.length === 0) io.out('nobody waits\n');
    else
      io.out(
        formatTable([
          ['ticket', 'number', 'name', 'in the roster', 'visits', 'last'],
          ...rows.map(({ ticketId, number, name, isInRoster, visits, lastAt }) => [
            ticketId,
            toPrintable(number),
            toPrintable(name),
            isInRoster ? 'yes' : 'no',
            String(visits),
            formatTime(lastAt),
          ]),
        ]),
      );
    return EXIT.ok;
  },
};
