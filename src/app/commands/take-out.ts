/** `campusmail takeout`: all that is an account's, as one file to take along. */
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { makeTakeOut } from '#app/take-out.ts';
import { errorText } from '#base/errors.ts';
import { requireAccount } from './arguments/account.ts';
import { positional } from './arguments/options.ts';
import { formatSize } from './arguments/size.ts';

export const takeOut: StoreCommand = {
  name: 'takeout',
  usage: 'ADDRESS FILE.zip',
  about: "Write all that is an account's to one file, for who leaves.",
  details: `
Mail as mbox, a file for each mailbox, and what is known of whose it is. People
fetch the same by themselves at /take-out, when they have just signed in.

FILE must not exist; it belongs to the server's user.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const path = resolve(io.cwd, positional(args, 1));
    try {
      const source = Readable.from(makeTakeOut(system, accountId));
      await pipeline(source, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal: io.signal });
    } catch (error) {
      if (io.signal.aborted) throw new CommandFailure(`interrupted; ${path} is not complete`);
      if (error instanceof Error && 'syscall' in error)
        throw new CommandFailure(`cannot write ${path}: ${errorText(error)}`);
      throw error;
    }
    io.out(`${address} is in ${path}, ${formatSize((await stat(path)).size)}.\n`);
    return EXIT.ok;
  },
};
