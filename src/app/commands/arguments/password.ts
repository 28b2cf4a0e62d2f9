/** A new password: given as an option, on standard input, or made here. */
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type OptionTable } from '#app/command.ts';
import { randomId, type Random } from '#base/random.ts';
import type { Address } from '#directory/address.ts';
import { hasOption, textOption } from './options.ts';

export const PASSWORD_OPTIONS = {
  password: { type: 'string' },
  'password-stdin': { type: 'boolean' },
} as const satisfies OptionTable;

export const PASSWORD_DETAILS = `
  --password PASSWORD  the password; others on this machine can see it in the
                       list of processes while the command runs
  --password-stdin     take the password from standard input (one line)
Without either a good password is made and printed, once.`.trim();

export interface NewPassword {
  readonly password: string;
  /** Made here, so that somebody has to be told. */
  readonly isMade: boolean;
}

/** A weak password is taken with a warning: an administrator may have reasons. Throws CommandFailure. */
export async function readNewPassword(
  args: CommandArguments,
  io: CommandIo,
  random: Random,
  address: Address,
): Promise<NewPassword> {
  const given = textOption(args, 'password');
  const isPiped = hasOption(args, 'password-stdin');
  if (given !== undefined && isPiped) {
    throw new CommandFailure('give --password or --password-stdin, not both', EXIT.usage);
  }
  if (given === undefined && !isPiped) return { password: makePassword(random), isMade: true };
  const password = given ?? (await io.readInput()).replace(/\r?\n$/, '');
  if (password === '') throw new CommandFailure('the password is empty', EXIT.usage);
  if (password.includes('\n')) throw new CommandFailure('standard input has more than one line', EXIT.usage);
  const weakness = describeWeakness(password, address);
  if (weakness !== undefined) io.err(`campusmail: warning: the password is weak: ${weakness}\n`);
  return { password, isMade: false };
}

/** Sixteen letters and digits in four groups: 80 bits, without 0, 1, 8 and 9, which are misread. */
export function makePassword(random: Random): string {
  return randomId(random, 16).replace(/(.{4})(?=.)/g, '$1-');
}

const SHORTEST = 10;
const LONGEST = 64;
/** From here on the length alone is strength enough. */
const LONG_ENOUGH = 16;

/** Why users could not choose this password themselves; `undefined` for a good one. */
export function describeWeakness(password: string, { localPart }: Address): string | undefined {
  const length = Array.from(password).length;
  if (length < SHORTEST) return `it has ${length} characters of the ${SHORTEST} it should have`;
  if (length > LONGEST) return `with ${length} characters some programs will cut it off (more than ${LONGEST})`;
  if (localPart.length >= 3 && password.toLowerCase().includes(localPart)) return 'it contains the name of the account';
  if (new Set(password).size < 5) return 'it is made of very few different characters';
  const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length;
  if (length < LONG_ENOUGH && classes < 3) {
    return `below ${LONG_ENOUGH} characters it should mix three of: small letters, capitals, digits, other characters`;
  }
  return undefined;
}
