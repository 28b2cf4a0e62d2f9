/** `campusmail group show`: a group with those in it. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { isMailError } from '#base/errors.ts';
import { formatAddress } from '#directory/address.ts';
import { bounceAddress } from '#groups/list-fields.ts';
import { listEntries, requireGroup } from './arguments/group.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';

export const groupShow: StoreCommand = {
  name: 'group show',
  usage: 'GROUP [--json]',
  about: 'Show a group: who may write, owners, members, whom it reaches.',
  details: `
Whom it reaches includes those who are in groups that are in it.

  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const group = await requireGroup(system, positional(args, 0));
    const { groupId, displayName, posting, isList } = group;
    const [owners = [], posters = [], members = []] = await Promise.all(
      (['owner', 'poster', 'member'] as const).map((role) => listEntries(system, groupId, role)),
    );
    const parts = await system.directory.expandGroup(group).catch((error: unknown) => {
      if (isMailError(error, 'limit')) return undefined;
      throw error;
    });
    const mailboxes = parts?.reduce((sum, part) => sum + part.accountIds.length, 0);
    const outside = parts?.reduce((sum, part) => sum + part.outside.length, 0);
    if (hasOption(args, 'json')) {
      const address = formatAddress(group);
      const facts = { address, name: displayName, posting, isList, owners, posters, members };
      io.out(`${JSON.stringify({ ...facts, reaches: parts && { mailboxes, outside } })}\n`);
      return EXIT.ok;
    }
    const reaches =
      parts === undefined
        ? 'too many: mail to it is put off until some have left'
        : `mailboxes here: ${mailboxes}, addresses outside: ${outside}`;
    io.out(
      formatTable([
        ['group', formatAddress(group)],
        ['name', displayName === '' ? '-' : displayName],
        ['posting', posting],
        ['list', isList ? 'yes' : 'no'],
        ['bounces', bounceAddress(group)],
        ['reaches', reaches],
        ...owners.map((owner) => ['owner', owner]),
        ...posters.map((poster) => ['poster', toPrintable(poster)]),
        ...members.map((member) => ['member', toPrintable(member)]),
      ]),
    );
    return EXIT.ok;
  },
};
