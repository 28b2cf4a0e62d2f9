/** `campusmail mailbox list`: the department boxes, one line each. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { BoxRow } from '#directory/types.ts';
import { primaryAddress } from './arguments/account.ts';
import { describeBox } from './arguments/box.ts';
import { hasOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';
import { formatTable } from './arguments/table.ts';

export const mailboxList: StoreCommand = {
  name: 'mailbox list',
  usage: '[--json]',
  about: 'List the department boxes.',
  details: `
Shows address, who answers for it, until when it may be opened, how many may
do something with it, and name.

  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    let after = 0;
    while (!io.signal.aborted) {
      const { boxes, next } = await system.directory.listBoxes({ after });
      const lines = await Promise.all(boxes.map((box) => describe(system, box)));
      if (hasOption(args, 'json')) io.out(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      else
        io.out(
          formatTable(
            lines.map(({ address, responsible, until, people, name }) => [
              address,
              responsible,
              until,
              formatNumberOf(people, 'delegate'),
              name,
            ]),
          ),
        );
      if (next === null) break;
      after = next;
    }
    return EXIT.ok;
  },
};

async function describe(system: System, box: BoxRow) {
  const { accountId, purpose } = box;
  const [address, account, rows] = await Promise.all([
    primaryAddress(system, accountId),
    system.directory.account(accountId),
    system.directory.delegationsOf(accountId),
  ]);
  return {
    address,
    name: account?.displayName ?? '',
    ...(await describeBox(system, box)),
    purpose,
    people: rows.length,
  };
}
