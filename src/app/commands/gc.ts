/** `campusmail gc`: gives back the space of messages that nobody has any more. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { hasOption } from './arguments/options.ts';
import { formatCount, formatNumberOf, formatSize } from './arguments/size.ts';

export const gc: StoreCommand = {
  name: 'gc',
  usage: '[--json]',
  about: 'Give back the space of messages that nobody has any more.',
  details: `
Drops messages that no account refers to, rewrites message files that are
mostly dead, and trims change logs. Safe while serving; run it every night.
What was deleted within the last hour is kept.

  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    io.progress('collecting garbage …');
    const report = await system.maintenance.collectGarbage().finally(() => io.progress(''));
    if (hasOption(args, 'json')) {
      io.out(`${JSON.stringify(report)}\n`);
      return EXIT.ok;
    }
    const { droppedBlobs, removedSegments, freedBytes, droppedChanges } = report;
    io.out(
      `Dropped ${formatNumberOf(droppedBlobs, 'message')} that nobody had and ${formatCount(droppedChanges)} old change records; ` +
        `removed ${formatNumberOf(removedSegments, 'message file')} of ${formatSize(freedBytes)}.\n`,
    );
    return EXIT.ok;
  },
};
