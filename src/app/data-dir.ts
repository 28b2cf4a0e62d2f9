/** The folder of everything the server keeps, looked at before anything is opened in it. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { errorText } from '#base/errors.ts';
import { CommandFailure, EXIT } from './command.ts';

/** Makes the folder if it is missing. Throws CommandFailure when this user cannot keep anything there. */
export function prepareDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CommandFailure(`cannot use data_dir ${dataDir}: ${errorText(error)}`, EXIT.unavailable);
  }
}
