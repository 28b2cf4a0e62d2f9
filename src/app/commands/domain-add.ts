/** `campusmail domain add`: takes mail for a domain from now on. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { makeFirstKeys } from '#app/keep-dkim.ts';
import { isMailError } from '#base/errors.ts';
import { canonicalizeDomain } from '#directory/address.ts';
import { positional } from './arguments/options.ts';

export const domainAdd: StoreCommand = {
  name: 'domain add',
  usage: 'NAME',
  about: 'Take mail for a domain.',
  details: `
Its records are set where the domain's DNS is kept: campusmail dns shows them,
campusmail doctor checks them. A domain that is there already is no error.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const domain = requireDomain(positional(args, 0));
    try {
      await system.directory.addDomain(domain);
    } catch (error) {
      if (!isMailError(error, 'alreadyExists')) throw error;
      io.out(`${domain} is a domain of this server already.\n`);
      return EXIT.ok;
    }
    await makeFirstKeys(system, domain);
    io.out(`Mail for ${domain} is taken from now on.\n`);
    return EXIT.ok;
  },
};

/** The domain as it is stored. Throws CommandFailure (usage). */
export function requireDomain(text: string): string {
  const domain = canonicalizeDomain(text);
  if (domain === undefined) throw new CommandFailure(`"${text}" is no domain name`, EXIT.usage);
  return domain;
}
