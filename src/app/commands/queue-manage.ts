/** `campusmail queue hold`, `release`, `retry` and `cancel`: what people do about what waits to leave. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { Queue } from '#queue/queue.ts';
import { formatDeliveries, readSelection, requireQueueId, selectionOptions } from './arguments/delivery.ts';
import { hasOption } from './arguments/options.ts';
import { formatCount } from './arguments/size.ts';

export const queueHold = manageCommand('hold', 'held', 'Hold messages back until they are released.');
export const queueRelease = manageCommand('release', 'released', 'Let held messages go.');
export const queueRetry = manageCommand('retry', 'tried now', 'Try messages again now, held ones too.');
export const queueCancel = manageCommand('cancel', 'cancelled', 'Take messages out of the queue; nobody is told.');

function manageCommand(action: Parameters<Queue['manage']>[0], done: string, about: string): StoreCommand {
  return {
    name: `queue ${action}`,
    usage: '[ID] [--account ADDRESS] [--destination DOMAIN] [--all]',
    about,
    details: `
One of them has to be given; of several, all must hold. What is under way is
left as it is: say it again when that attempt is over.

  ID                    this message
  --account ADDRESS     what this account sent or forwards
  --destination DOMAIN  what goes there
  --all                 everything`,
    options: { ...selectionOptions, all: { type: 'boolean' } },
    positionals: [0, 1],
    needs: 'store',
    async run(system, args, io) {
      const [id] = args.positionals;
      const selection = {
        ...(id === undefined ? {} : { queueId: requireQueueId(id) }),
        ...(await readSelection(system, args)),
      };
      const selectsAll = Object.keys(selection).length === 0;
      if (selectsAll !== hasOption(args, 'all')) {
        const trouble = selectsAll ? 'say which: an ID, --account, --destination or --all' : '--all goes alone';
        throw new CommandFailure(trouble, EXIT.usage);
      }
      const { changed, busy } = await system.queue.manage(action, selection, {
        by: 'command line',
        trace: system.trace,
      });
      if (changed + busy === 0 && !selectsAll && (await system.queue.list(selection, { limit: 1 })).length === 0) {
        throw new CommandFailure('nothing that waits in the queue is like that (campusmail queue list shows it)');
      }
      const underWay = busy === 0 ? '' : `, ${formatCount(busy)} under way and left as it is`;
      io.out(`${formatDeliveries(changed)} ${done}${underWay}.\n`);
      if (busy > 0) io.out('An attempt takes some minutes where a server does not answer: try again after it.\n');
      return EXIT.ok;
    },
  };
}
