/** The command line: finds the command, reads its arguments, runs it here or in the running server, and says what went wrong. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errorText, MailError } from '#base/errors.ts';
import {
  CommandFailure,
  EXIT,
  type Command,
  type CommandArguments,
  type CommandIo,
  type OptionTable,
} from './command.ts';
import { formatCommandHelp, formatHelp } from './command-help.ts';
import { commands } from './command-registry.ts';
import { ConfigError, readConfig, suggest, type Config } from './config.ts';
import { runRecorded } from './record-command.ts';
import { VERSION } from './version.ts';
import type { System } from './system.ts';

const COMMON_OPTIONS = {
  config: { type: 'string', short: 'c' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies OptionTable;

/** Runs `campusmail …` and answers with its exit code. Never throws. */
export function runCommandLine(argv: readonly string[], io: CommandIo): Promise<number> {
  return reportFailure(io, () => run(argv, io));
}

async function reportFailure(io: CommandIo, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    const [message, exitCode] = describeFailure(error);
    io.err(`campusmail: ${message}\n`);
    return exitCode;
  }
}

function describeFailure(error: unknown): [message: string, exitCode: number] {
  if (error instanceof CommandFailure) return [error.message, error.exitCode];
  if (error instanceof ConfigError) return [error.message, EXIT.config];
  if (error instanceof MailError) {
    const isPassing = error.code === 'unavailable' || error.code === 'inUse';
    return [error.message, isPassing ? EXIT.unavailable : EXIT.failed];
  }
  // A bug: the stack is what whoever mends it needs.
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT.failed];
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  if (argv.length === 0 || (argv.length === 1 && ['help', '--help', '-h'].includes(argv[0] as string))) {
    io.out(formatHelp(commands));
    return EXIT.ok;
  }
  if (argv[0] === '--version') {
    io.out(`campusmail ${VERSION} (Node ${process.versions.node})\n`);
    return EXIT.ok;
  }
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const command = findCommand(words);
  const args = readArguments(command, words.slice(command.name.split(' ').length));
  if (args.values['help'] === true) {
    io.out(formatCommandHelp(command));
    return EXIT.ok;
  }
  const config = loadConfig(args.values['config'] as string | undefined);
  if (command.needs === 'config') return command.run(config, args, io, runCommandInSystem);
  const { runStoreCommand } = await import('./store-command.ts');
  return runStoreCommand(config, command, words, args, io);
}

export function findCommand(words: readonly string[]): Command {
  const found = commands
    .filter(({ name }) => name === words.slice(0, name.split(' ').length).join(' '))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (found !== undefined) return found;
  const first = words[0] as string;
  const below = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (below.length > 0) {
    const list = below.map(({ name }) => name.slice(first.length + 1)).join(', ');
    throw new CommandFailure(`"${first}" wants one of: ${list}`, EXIT.usage);
  }
  const names = commands.map(({ name }) => name);
  const firstWords = names.map((name) => name.split(' ')[0] as string);
  throw new CommandFailure(
    `there is no command "${first}"${suggest(words.slice(0, 2).join(' '), names) || suggest(first, firstWords)} (campusmail --help lists them)`,
    EXIT.usage,
  );
}

/** Throws CommandFailure with the usage line. */
export function readArguments(command: Command, words: readonly string[]): CommandArguments {
  const usage = `usage: campusmail ${command.name} ${command.usage}`.trimEnd();
  let parsed;
  try {
    parsed = parseArgs({
      args: [...words],
      options: { ...COMMON_OPTIONS, ...command.options },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new CommandFailure(`${errorText(error)}\n${usage}`, EXIT.usage);
  }
  const [least, most] = command.positionals;
  const isRight = parsed.positionals.length >= least && parsed.positionals.length <= most;
  if (parsed.values['help'] !== true && !isRight) {
    const what =
      parsed.positionals.length < least ? 'something is missing' : `"${parsed.positionals[most]}" is too much`;
    throw new CommandFailure(`${what}\n${usage}`, EXIT.usage);
  }
  return { positionals: parsed.positionals, values: parsed.values };
}

/** The settings: of the file named, or of the CAMPUSMAIL_… variables alone. Throws ConfigError. */
export function loadConfig(path: string | undefined): Config {
  if (path === undefined) return readConfig('', 'campusmail.toml');
  if (!existsSync(path)) throw new ConfigError(`there is no settings file ${path}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read the settings file ${path}: ${errorText(error)}`, { cause: error });
  }
  return readConfig(text, path);
}

/** Runs a command line that came from elsewhere on this machine inside a system that is open. */
export async function runCommandInSystem(system: System, words: readonly string[], io: CommandIo): Promise<number> {
  return reportFailure(io, async () => {
    const command = findCommand(words);
    const args = readArguments(command, words.slice(command.name.split(' ').length));
    if (command.needs !== 'store')
      throw new CommandFailure(`"${command.name}" does not run inside the server`, EXIT.usage);
    return runRecorded(system, command, args, io);
  });
}
