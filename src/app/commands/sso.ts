/** `campusmail sso tickets`, `link`, `unlink`: people whom the school's sign-in names, and the mailboxes they enter by it. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { requireAccount } from './arguments/account.ts';
import { countOption, hasOption, positional } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const ssoTickets: StoreCommand = {
  name: 'sso tickets',
  usage: '[--limit N] [--json]',
  about: 'List the people who came by single sign-on and have no mailbox by it.',
  details: `
The last seen first. A ticket closes when its person is linked to a mailbox.

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

export const ssoLink: StoreCommand = {
  name: 'sso link',
  usage: 'NUMBER ADDRESS',
  about: 'Let the person with a number of the roster enter a mailbox by single sign-on.',
  details: `
In place of the mailbox that the number led to, if any. Whether the mailbox is
that person's is for you to know: who is linked to it reads it.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 1));
    const number = await link(system, positional(args, 0), accountId);
    await system.ssoStore.run('closeTicket', { number });
    io.out(`${number} enters ${address}\n`);
    return EXIT.ok;
  },
};

export const ssoUnlink: StoreCommand = {
  name: 'sso unlink',
  usage: 'NUMBER',
  about: 'Let a number of the roster lead to no mailbox any more.',
  details: '',
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const number = await link(system, positional(args, 0), null);
    io.out(`${number} leads to no mailbox\n`);
    return EXIT.ok;
  },
};

/** Answers the number in the roster's spelling. */
async function link(system: System, number: string, accountId: AccountId | null): Promise<string> {
  try {
    return (await system.directory.linkPerson(number, accountId)).number;
  } catch (error) {
    if (isMailError(error, 'notFound')) throw new CommandFailure(`the roster has no number ${toPrintable(number)}`);
    throw error;
  }
}
