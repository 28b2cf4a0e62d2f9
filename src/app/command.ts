/** What a command of the command line is, and what it is given to work with. */
import type { parseArgs } from 'node:util';
import type { Config } from './config.ts';
import type { System } from './system.ts';

/** Exit codes, for scripts: as sysexits.h where it has one. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unavailable: 69, config: 78 } as const;

/** How a command speaks with its person. It may run in the server's process while they sit at another. */
export interface CommandIo {
  /** The person's current folder: relative paths are theirs. */
  readonly cwd: string;
  /** Writes to standard output; the text brings its own line ends. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Replaces the progress line (a terminal's last line); `''` removes it. Not shown unless somebody watches. */
  progress(text: string): void;
  /** All of standard input, read once; at most 1 MB. */
  readInput(): Promise<string>;
  /** Who the person is: the system's user. Absent where that is not known. */
  readonly operator?: string;
  /** Aborted when the person gives up (Ctrl-C). */
  readonly signal: AbortSignal;
}

export type OptionTable = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

export interface CommandArguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
}

interface CommandDescription {
  /** `account create`. */
  readonly name: string;
  /** What follows the name: `ADDRESS [--password PASSWORD]`. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  /** Longer help, lines of at most 78 characters. */
  readonly details?: string;
  readonly options: OptionTable;
  /** How many positional arguments: least and most. */
  readonly positionals: readonly [number, number];
}

/** Works on the store: in the running server where there is one, else in a process of its own. */
export interface StoreCommand extends CommandDescription {
  readonly needs: 'store';
  run(system: System, args: CommandArguments, io: CommandIo): Promise<number>;
}

export type RunInside = (system: System, words: readonly string[], io: CommandIo) => Promise<number>;

/** Works without the store being open. */
export interface FreeCommand extends CommandDescription {
  readonly needs: 'config';
  /** `runInside` runs a command line against a system that this command opened. */
  run(config: Config, args: CommandArguments, io: CommandIo, runInside: RunInside): Promise<number>;
}

export type Command = StoreCommand | FreeCommand;

/** A message for the person and an exit code, without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
