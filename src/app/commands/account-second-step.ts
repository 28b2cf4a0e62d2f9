/** `campusmail account second-step`: what opens an account beside its password, and taking it away for who has lost it all. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { systemRandom } from '#base/random.ts';
import { scopesOf } from '#directory/client-passwords.ts';
import { hasSecondStep } from '#directory/second-steps.ts';
import { makeRecoveryCodes } from '#signin/recovery-codes.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';

export const accountSecondStep: StoreCommand = {
  name: 'account second-step',
  usage: 'ADDRESS [--code] [--remove] [--end-all]',
  about: 'Show or remove what opens an account beside its password.',
  details: `
Shows apps, passkeys, recovery codes, trusted browsers and client passwords;
secrets cannot be shown.

  --code     make a code that is good once in place of a second step, and
             print it: for somebody who has proven who they are and has
             nothing to show, after a suspension or with the app lost; the
             codes they have on paper are void then
  --remove   remove apps, passkeys, SMS codes, recovery codes and trusted
             browsers: for somebody who has lost them all and proven who
             they are; the password alone opens the account then
  --end-all  sign out all browsers, and remove client passwords and trusted
             browsers: after an account was stolen`,
  options: { code: { type: 'boolean' }, remove: { type: 'boolean' }, 'end-all': { type: 'boolean' } },
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
    if (hasOption(args, 'code')) {
      if (!all.some(({ kind }) => kind === 'alarm') && !hasSecondStep(all))
        throw new CommandFailure(`the password of ${address} is all that is asked for: a code would open nothing`);
      const { codes, secret } = makeRecoveryCodes(directory.factorKey, accountId, systemRandom, 1);
      await directory.removeFactors(accountId, ['recovery']);
      const row = { accountId, factorId: 'recovery', kind: 'recovery', name: '', secret, usedAt: null } as const;
      await directory.addFactor({ ...row, usedFrom: '' });
      io.out(`${codes[0]} opens ${address} once, after its password, as a recovery code (备用码).\n`);
      return EXIT.ok;
    }
    const factors = all.filter(({ kind }) => kind !== 'former' && kind !== 'alarm');
    if (all.some(({ kind }) => kind === 'alarm'))
      io.out(
        'After its suspension the next sign-in on the web shows a second step; --code gives one to who has none.\n',
      );
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
