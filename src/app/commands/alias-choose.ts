/** `campusmail alias choose`: the one alias that people choose themselves, chosen for one of them. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { AliasFault } from '#directory/alias-policy.ts';
import { requireAccount } from './arguments/account.ts';
import { positional } from './arguments/options.ts';

const REASONS: Readonly<Record<AliasFault, string>> = {
  length: 'an alias has 3 to 20 characters',
  characters: 'an alias is made of letters, digits, ".", "-" and "_"',
  start: 'an alias begins with a letter',
  separators: '".", "-" and "_" stand neither at the end nor beside each other',
  number: 'it is, or looks like, a number of the roster',
  reserved: 'it means an office, a role or a machine',
  lookalike: 'it looks like a name that is reserved or taken',
  taken: 'somebody has it, or had it less than two years and a half ago',
  tooSoon: 'an alias is changed once in 180 days',
};

export const aliasChoose: StoreCommand = {
  name: 'alias choose',
  usage: 'NAME ADDRESS',
  about: 'Choose the personal alias of an account, by the rules its owner has.',
  details: `
NAME is the alias without its domain, ADDRESS any that the account has. The
alias before goes on delivering for 180 days, and is nobody else's for two
years more. Without those rules: campusmail alias add.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 1));
    const refusal = await system.selfService.chooseAlias(accountId, positional(args, 0));
    if (refusal !== undefined) {
      const until = refusal.until === null ? '' : ` (until ${new Date(refusal.until).toISOString().slice(0, 10)})`;
      throw new CommandFailure(`${REASONS[refusal.fault]}${until}`);
    }
    const chosen = await system.selfService.aliasOf(accountId);
    io.out(`Mail to ${chosen.address} arrives at ${address} from now on.\n`);
    return EXIT.ok;
  },
};
