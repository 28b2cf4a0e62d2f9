/** `campusmail group list`: every group, one line each. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { formatAddress } from '#directory/address.ts';
import type { GroupRow } from '#directory/types.ts';
import { hasOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';
import { formatTable } from './arguments/table.ts';

export const groupList: StoreCommand = {
  name: 'group list',
  usage: '[--json]',
  about: 'List the groups.',
  details: `
Shows address, who may write, how many are in it directly, and name.

  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    let after = 0;
    while (!io.signal.aborted) {
      const { groups, next } = await system.directory.listGroups({ after });
      const lines = await Promise.all(groups.map((group) => describe(system, group)));
      if (hasOption(args, 'json')) io.out(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      else io.out(formatTable(lines.map(toCells)));
      if (next === null) break;
      after = next;
    }
    return EXIT.ok;
  },
};

type GroupLine = Awaited<ReturnType<typeof describe>>;

async function describe(system: System, group: GroupRow) {
  const { displayName: name, posting, isList, groupId } = group;
  const members = await system.directory.countGroupEntries(groupId, 'member');
  return { address: formatAddress(group), name, posting, isList, members };
}

function toCells({ address, name, posting, isList, members }: GroupLine): string[] {
  return [address, posting, isList ? 'list' : '-', formatNumberOf(members, 'member'), name];
}
