/** `campusmail phone`: the telephone of an account, for the help desk that has seen somebody's identity document (S-26). */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { maskPhone } from '#directory/phone-number.ts';
import { requireAccount } from './arguments/account.ts';
import { positional } from './arguments/options.ts';

export const phoneShow: StoreCommand = {
  name: 'phone show',
  usage: 'ADDRESS',
  about: 'Show which telephone an account is bound to, in part.',
  details: `
ADDRESS is any address of the account, the 学号 or 工号, or its number as #12.
The telephone is shown as 138****1234; nobody is shown more.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const phone = await system.selfService.phoneOf(accountId);
    io.out(phone === undefined ? `${address} is bound to no telephone.\n` : `${address}: ${maskPhone(phone)}\n`);
    return EXIT.ok;
  },
};

export const phoneRelease: StoreCommand = {
  name: 'phone release',
  usage: 'ADDRESS',
  about: 'Release the telephone of an account, whose owner has it no more.',
  details: `
ADDRESS is any address of the account, the 学号 or 工号, or its number as #12.
Look at an identity document first: by the telephone, a password can be set
anew.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const wasBound = await system.selfService.unbindPhone(accountId);
    io.out(wasBound ? `${address} is bound to no telephone any more.\n` : `${address} was bound to no telephone.\n`);
    return EXIT.ok;
  },
};
