/** Runs a command that needs the store: in the running server where there is one, else with the store opened here. */
import { isMailError } from '#base/errors.ts';
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type StoreCommand } from './command.ts';
import type { Config } from './config.ts';
import { runByControl } from './control.ts';
import { openLog } from './log.ts';
import { runRecorded } from './record-command.ts';
import { openSystem } from './system.ts';

export async function runStoreCommand(
  config: Config,
  command: StoreCommand,
  words: readonly string[],
  args: CommandArguments,
  io: CommandIo,
): Promise<number> {
  const answered = await runByControl(config.dataDir, words, io);
  if (answered !== undefined) return answered;
  const log = openLog('warn', 'command');
  const system = await openSystem(config, log).catch((error: unknown) => {
    if (isMailError(error, 'inUse')) {
      throw new CommandFailure(`${error.message}; it does not answer on its control socket`, EXIT.unavailable);
    }
    throw error;
  });
  try {
    return await runRecorded(system, command, args, io);
  } finally {
    await system.close();
  }
}
