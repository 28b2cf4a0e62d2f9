/** `campusmail serve`: the server in the foreground until SIGTERM. */
import type { FreeCommand } from '#app/command.ts';
import { runServer } from '#app/run-server.ts';

export const serve: FreeCommand = {
  name: 'serve',
  usage: '--config FILE',
  about: 'Run the server until SIGTERM or Ctrl-C.',
  details: `
Prints one line beginning "campusmail ready" once every listener is open. The
log goes to standard error, a JSON object a line. SIGTERM lets sessions finish
what they are at; SIGHUP reads the certificate again (it is also watched).`,
  options: {},
  positionals: [0, 0],
  needs: 'config',
  run: (config, _args, io, runInside) => runServer({ config, io, runCommand: runInside }),
};
