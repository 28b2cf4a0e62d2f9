/** `campusmail domain remove`: takes no more mail for a domain. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { isMailError } from '#base/errors.ts';
import { positional } from './arguments/options.ts';
import { requireDomain } from './domain-add.ts';

export const domainRemove: StoreCommand = {
  name: 'domain remove',
  usage: 'NAME',
  about: 'Take no more mail for a domain.',
  details: `
Refused while any account or group has an address in it.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const domain = requireDomain(positional(args, 0));
    await system.directory.removeDomain(domain).catch((error: unknown) => {
      if (isMailError(error, 'notFound')) throw new CommandFailure(`${domain} is no domain of this server`);
      if (isMailError(error, 'inUse')) {
        throw new CommandFailure(
          `there are addresses in ${domain}; campusmail account list --domain ${domain} and campusmail group list show whose`,
        );
      }
      throw error;
    });
    io.out(`Mail for ${domain} is refused from now on.\n`);
    return EXIT.ok;
  },
};
