/** `campusmail account class`: what an account may send, by the kind of its owner. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { SERVICE_CLASSES } from '#directory/types.ts';
import { requireAccount } from './arguments/account.ts';
import { positional } from './arguments/options.ts';

export const accountClass: StoreCommand = {
  name: 'account class',
  usage: 'ADDRESS CLASS',
  about: 'Set the class of service of an account.',
  details: `
CLASS is staff, student, alumni or department, or default: as the realm of its
primary address has it, and staff where there is none. What each may send is
in the settings under [class.…].`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const text = positional(args, 1);
    const serviceClass = SERVICE_CLASSES.find((one) => one === text) ?? null;
    if (serviceClass === null && text !== 'default')
      throw new CommandFailure(`the classes are ${SERVICE_CLASSES.join(', ')} and default, not "${text}"`, EXIT.usage);
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    await system.directory.setServiceClass(accountId, serviceClass);
    const standing = await system.directory.senderStanding(accountId);
    io.out(`The class of ${address} is ${standing?.serviceClass}${serviceClass === null ? ' by its domain' : ''}.\n`);
    return EXIT.ok;
  },
};
