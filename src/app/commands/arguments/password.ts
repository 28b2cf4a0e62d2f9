/** A new password: given as an option, on standard input, or made here. */
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type OptionTable } from '#app/command.ts';
import { randomId, type Random } from '#base/random.ts';
import type { Address } from '#directory/address.ts';
import { MAX_NEW_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, PASSPHRASE_LENGTH } from '#directory/limits.ts';
import { judgePassword, type PasswordFault } from '#directory/password-policy.ts';
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
  const weakness = await describeWeakness(password, address);
  if (weakness !== undefined) io.err(`campusmail: warning: the password is weak: ${weakness}\n`);
  return { password, isMade: false };
}

/** Sixteen letters and digits in four groups: 80 bits, without 0, 1, 8 and 9, which are misread. */
export function makePassword(random: Random): string {
  return randomId(random, 16).replace(/(.{4})(?=.)/g, '$1-');
}

const FAULTS: Readonly<Record<PasswordFault, string>> = {
  tooShort: `it has fewer than ${MIN_PASSWORD_LENGTH} characters`,
  tooLong: `some programs will cut it off after ${MAX_NEW_PASSWORD_LENGTH} characters`,
  tooSimple: `below ${PASSPHRASE_LENGTH} characters it should mix three of: small letters, capitals, digits, other characters`,
  holdsAccount: 'it contains the name of the account',
  holdsName: "it contains the owner's name",
  holdsPhone: 'it contains a telephone number',
  holdsDocument: 'it contains the end of an identity number',
  holdsBirthday: 'it contains a date as birthdays are',
  common: 'it is made of what is tried first',
  used: 'the account had it before',
};

/** Why users could not choose this password themselves; `undefined` for a good one. */
export async function describeWeakness(password: string, { localPart }: Address): Promise<string | undefined> {
  const nobody = { names: [], phones: [], holdsDocument: () => false, siteWords: [] };
  const faults = await judgePassword(password, { ...nobody, accountNames: [localPart] });
  return faults.length === 0 ? undefined : faults.map((fault) => FAULTS[fault]).join('; ');
}
