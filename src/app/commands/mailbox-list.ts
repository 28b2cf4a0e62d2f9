/** `campusmail mailbox list`: the department boxes, one line each. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { lastReview } from '#roster/box-keeper.ts';
import type { BoxRow } from '#directory/types.ts';
import { primaryAddress } from './arguments/account.ts';
import { describeBox } from './arguments/box.ts';
import { hasOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';
import { formatTable } from './arguments/table.ts';

export const mailboxList: StoreCommand = {
  name: 'mailbox list',
  usage: '[--review] [--json]',
  about: 'List the department boxes.',
  details: `
Shows address, who answers for it, until when it may be opened, how many may
do something with it, and name.

  --review  only those of which nobody has said since the first of December
            that they are needed (campusmail mailbox set BOX --reviewed), and
            those that nobody answers for; with when that was last
  --json    one JSON object a line`,
  options: { review: { type: 'boolean' }, json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const isReview = hasOption(args, 'review');
    const { from } = lastReview(system.clock.now());
    let after = 0;
    while (!io.signal.aborted) {
      const { boxes, next } = await system.directory.listBoxes({ after });
      const lines = await Promise.all(
        boxes.filter((box) => !isReview || isOpenToReview(box, from)).map((box) => describe(system, box)),
      );
      if (hasOption(args, 'json')) io.out(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      else
        io.out(
          formatTable(
            lines.map(({ address, responsible, until, people, name, reviewed }) => [
              address,
              responsible,
              until,
              formatNumberOf(people, 'delegate'),
              name,
              ...(isReview ? [`reviewed ${reviewed}`] : []),
            ]),
          ),
        );
      if (next === null) break;
      after = next;
    }
    return EXIT.ok;
  },
};

function isOpenToReview({ responsibleId, vacantUntil, reviewedAt }: BoxRow, from: number): boolean {
  return responsibleId === null || vacantUntil !== null || (reviewedAt ?? 0) < from;
}

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
