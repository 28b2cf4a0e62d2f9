/** Runs a server in this process until a signal ends it. */
import { errorText, isMailError } from '#base/errors.ts';
import { CommandFailure, EXIT, type CommandIo, type RunInside } from './command.ts';
import type { Config } from './config.ts';
import { openLog } from './log.ts';
import { describePlan } from './listen-trouble.ts';
import { startServer, type RunningServer } from './serve.ts';

export interface RunServerOptions {
  readonly config: Config;
  readonly io: CommandIo;
  readonly runCommand: RunInside;
  /** Work between opening and saying that the server is ready. */
  readonly prepare?: (server: RunningServer) => Promise<void>;
}

/** Answers with the exit code. Prints one line beginning `campusmail ready` once every listener is open. */
export async function runServer({ config, io, runCommand, prepare }: RunServerOptions): Promise<number> {
  const log = openLog(config.log.level, 'main');
  process.on('uncaughtException', (error) => {
    log.error({ err: error.stack ?? errorText(error) }, 'uncaught exception; ending');
    process.exit(EXIT.failed);
  });
  const server = await startServer({ config, log, runCommand }).catch((error: unknown) => {
    if (isMailError(error, 'inUse')) {
      throw new CommandFailure(`${config.dataDir} is in use: ${error.message}`, EXIT.unavailable);
    }
    throw error;
  });
  await prepare?.(server);

  let signals = 0;
  const stop = (signal: NodeJS.Signals): void => {
    signals++;
    // Whoever asks twice does not want to wait.
    if (signals > 1) process.exit(EXIT.failed);
    log.info({ signal }, 'ending');
    void server.close();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => server.reload());

  const seconds = process.uptime().toFixed(2);
  io.out(`campusmail ready in ${seconds} s: ${server.listeners.map(describePlan).join(', ')}\n`);
  return (await server.ended) ? EXIT.ok : EXIT.failed;
}
