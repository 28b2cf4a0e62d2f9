/** `campusmail account second-step`: what opens an account beside its password, and taking it away for who has lost it all. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { scopesOf } from '#directory/client-passwords.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';

export const accountSecondStep: StoreCommand = {
  name: 'account second-step',
  usage: 'ADDRESS [--remove] [--end-all]',
  about: 'Show or remove what opens an account beside its password.',
  details: `
Shows apps, passkeys, recovery codes, trusted browsers and client passwords;
secrets cannot be shown.

  --remove   remove apps, passkeys, SMS codes, recovery codes and trusted
             browsers: for somebody who has lost them all and proven who
             they are; the password alone opens the account then
  --end-all  sign out all browsers, and remove client passwords and trusted
             browsers: after an account was stolen`,
  options: { remove: { type: 'boolean' }, 'end-all': { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const { directory, sessions } = system;
    if (hasOption(args, 'remove')) {
      const gone = await directory.removeFactors(accountId, ['totp', 'passkey', 'sms', 'recovery', 'device', 'alarm']);
      io.out(`Removed ${gone} from ${address}: its password alone opens it now.\n`);
    }
    if (hasOption(args, 'end-all')) {
      const gone = await directory.removeFactors(accountId, ['client', 'device']);
      await sessions.endAll(accountId);
      io.out(`Signed out all browsers of ${address}; ${gone} client passwords and trusted browsers are gone.\n`);
    }
    const all = await directory.factorsOf(accountId);
    const factors = all.filter(({ kind }) => kind !== 'former' && kind !== 'alarm');
    if (all.some(({ kind }) => kind === 'alarm'))
      io.out('After its suspension the next sign-in on the web shows a second step, if it has a way to one.\n');
    else if (factors.length === 0) io.out(`Its password alone opens ${address}.\n`);
    for (const factor of factors) {
      const { kind, name, usedAt, usedFrom } = factor;
      const scopes = kind === 'client' ? ` (${scopesOf(factor).join(', ')})` : '';
      const used = usedAt === null ? 'not used' : `used ${new Date(usedAt).toISOString()} from ${usedFrom}`;
      io.out(`${kind}${name === '' ? '' : ` ${JSON.stringify(name)}`}${scopes}, ${used}\n`);
    }
    return EXIT.ok;
  },
};
