/** Options as commands read them, typed. What an option means is its command's matter. */
import { CommandFailure, EXIT, type CommandArguments } from '#app/command.ts';

export function textOption(args: CommandArguments, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === 'string' ? value : undefined;
}

export function hasOption(args: CommandArguments, name: string): boolean {
  return args.values[name] === true;
}

/** A whole number from 1 to `most`; `byDefault` where it is not given. Throws CommandFailure (usage). */
export function countOption(
  args: CommandArguments,
  name: string,
  { byDefault, most }: { readonly byDefault: number; readonly most: number },
): number {
  const text = textOption(args, name);
  if (text === undefined) return byDefault;
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw new CommandFailure(`--${name} takes a number from 1 to ${most}`, EXIT.usage);
  return count;
}

/** The positional at `index`, which the command's `positionals` promises. */
export function positional(args: CommandArguments, index: number): string {
  return args.positionals[index] ?? '';
}
