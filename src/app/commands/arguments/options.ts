/** Options as commands read them, typed. What an option means is its command's matter. */
import type { CommandArguments } from '#app/command.ts';

export function textOption(args: CommandArguments, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === 'string' ? value : undefined;
}

export function hasOption(args: CommandArguments, name: string): boolean {
  return args.values[name] === true;
}

/** The positional at `index`, which the command's `positionals` promises. */
export function positional(args: CommandArguments, index: number): string {
  return args.positionals[index] ?? '';
}
