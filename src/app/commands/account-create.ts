/** `campusmail account create`: an account in the directory and its first mailboxes. Twice does no harm. */
import { CommandFailure, EXIT, type CommandArguments, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { errorText } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import { describeForeignDomain, requireAddress } from './arguments/account.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';
import { PASSWORD_DETAILS, PASSWORD_OPTIONS, readNewPassword } from './arguments/password.ts';
import { formatQuota, parseQuota } from './arguments/size.ts';

export const accountCreate: StoreCommand = {
  name: 'account create',
  usage: 'ADDRESS [--password PASSWORD | --password-stdin | --verifier TEXT] [--name NAME] [--quota SIZE]',
  about: 'Create an account with its mailboxes.',
  details: `
The domain must have been added before (campusmail domain add).

${PASSWORD_DETAILS}
  --verifier TEXT      what another system has made of the password instead:
                       {SSHA}…, {CRYPT}$6$…, or {IMAP}LOGIN to ask
                       auth.old_server
  --name NAME          the person's name, for people to read
  --quota SIZE         500M, 10G … or none; limits.quota_bytes otherwise
  --json               answer in JSON

If it fails half-way, run it again: it completes what is there.`,
  options: {
    ...PASSWORD_OPTIONS,
    verifier: { type: 'string' },
    name: { type: 'string' },
    quota: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const address = requireAddress(positional(args, 0));
    const text = formatAddress(address);
    const quotaBytes = readNewQuota(system, args);
    const existing = await system.directory.findAddress(text);
    if (existing !== undefined) {
      if (existing.kind !== 'primary' || !(await system.mail.account(existing.accountId).provision({ quotaBytes }))) {
        throw new CommandFailure(`${text} exists already`);
      }
      io.out(`${text} existed without mailboxes; they are made. Its password is unchanged.\n`);
      return EXIT.ok;
    }
    if (!(await system.directory.isLocalDomain(address.domain))) {
      throw new CommandFailure(describeForeignDomain(address.domain));
    }
    const displayName = textOption(args, 'name') ?? '';
    const verifier = textOption(args, 'verifier');
    const { password, isMade } =
      verifier === undefined
        ? await readNewPassword(args, io, system.random, address)
        : { password: '', isMade: false };
    const accountId =
      verifier === undefined
        ? await system.directory.createAccount(text, password, { displayName })
        : await system.directory.createAccountByVerifier(text, verifier, { displayName });
    await provision(system, accountId, text, quotaBytes);
    if (hasOption(args, 'json')) {
      io.out(`${JSON.stringify({ accountId, address: text, quotaBytes, ...(isMade ? { password } : {}) })}\n`);
      return EXIT.ok;
    }
    io.out(`Created ${text} (#${accountId}), quota ${formatQuota(quotaBytes)}.\n`);
    if (isMade) io.out(`Password: ${password}\n`);
    return EXIT.ok;
  },
};

/** What `--quota` says, else the setting; `null`: none. */
export function readNewQuota(system: System, args: CommandArguments): number | null {
  const given = textOption(args, 'quota');
  if (given !== undefined) return parseQuota(given);
  return system.config.limits.quotaBytes === 0 ? null : system.config.limits.quotaBytes;
}

/** Gives a new account its mailboxes. Throws CommandFailure that says how to go on. */
export async function provision(
  system: System,
  accountId: AccountId,
  address: string,
  quotaBytes: number | null,
): Promise<void> {
  try {
    await system.mail.account(accountId).provision({ quotaBytes });
  } catch (error) {
    throw new CommandFailure(
      `${address} was created, but its mailboxes could not be made: ${errorText(error)}. Run the same command again to make them`,
      EXIT.unavailable,
    );
  }
}
