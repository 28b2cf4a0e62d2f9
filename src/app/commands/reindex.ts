/** `campusmail reindex`: makes the search index of one account or of all anew. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption } from './arguments/options.ts';
import { formatCount, formatNumberOf } from './arguments/size.ts';

export const reindex: StoreCommand = {
  name: 'reindex',
  usage: '[ADDRESS | --all]',
  about: 'Make the search index anew, or bring it up to date.',
  details: `
Without an argument only what is not indexed yet is. While it runs, searches
read the messages themselves: they stay complete, and take longer. Works while
serving or not; when it is interrupted, a running server goes on by itself.

  ADDRESS  drop and make anew the index of this account
  --all    drop and make anew the whole index`,
  options: { all: { type: 'boolean' } },
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const [address] = args.positionals;
    const isAll = hasOption(args, 'all');
    if (isAll && address !== undefined) throw new CommandFailure('give an address or --all, not both', EXIT.usage);
    if (isAll) await system.searchIndex.forget('all');
    else if (address !== undefined) await system.searchIndex.forget((await requireAccount(system, address)).accountId);
    let total = 0;
    for (;;) {
      const waiting = await system.indexing.step();
      total = Math.max(total, waiting);
      if (waiting === 0) break;
      io.progress(`${formatCount(waiting)} of ${formatNumberOf(total, 'message')} left`);
      if (io.signal.aborted) return EXIT.failed;
    }
    io.progress('');
    io.out(`The search index is up to date; ${formatNumberOf(total, 'message')} indexed.\n`);
    return EXIT.ok;
  },
};
