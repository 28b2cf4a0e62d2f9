/** Folders that a command writes into. */
import { mkdir, readdir } from 'node:fs/promises';
import { CommandFailure } from '#app/command.ts';
import { errorText } from '#base/errors.ts';

/** Throws CommandFailure unless it is there, empty, afterwards. */
export async function makeEmptyFolder(folder: string): Promise<void> {
  let entries: string[];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    entries = await readdir(folder);
  } catch (error) {
    throw new CommandFailure(`cannot write to ${folder}: ${errorText(error)}`);
  }
  if (entries.length > 0) throw new CommandFailure(`${folder} is not empty; nothing is ever written over`);
}
