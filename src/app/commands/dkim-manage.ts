/** `campusmail dkim activate|retire|remove`: what becomes of a key. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { isMailError } from '#base/errors.ts';
import { checkPublishedKey, formatZoneLine } from '#trust/dkim-keys.ts';
import { hasOption, positional } from './arguments/options.ts';
import { requireDomain } from './domain-add.ts';

export const dkimActivate: StoreCommand = {
  name: 'dkim activate',
  usage: 'DOMAIN SELECTOR [--force]',
  about: 'Sign with a key from now on, in place of the one of its algorithm.',
  details: `
Refused while the DNS does not show its record: nobody could verify what it
signs. The key it takes the place of is retired; its record has to stay for
another two weeks.

  --force  although the record is not seen from here`,
  options: { force: { type: 'boolean' } },
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const domain = requireDomain(positional(args, 0));
    const selector = positional(args, 1);
    const keys = await system.trustStore.reader.dkimKeys(domain);
    const key = keys.find((one) => one.selector === selector);
    if (key === undefined) throw unknownKey(domain, selector);
    if (!hasOption(args, 'force')) {
      const published = await checkPublishedKey(key, system.resolver);
      if (published.kind !== 'published') {
        const found =
          published.kind === 'absent'
            ? 'the DNS has no such record yet'
            : published.kind === 'different'
              ? `the DNS has another: ${published.found}`
              : `the DNS could not be asked: ${published.message}`;
        throw new CommandFailure(`${found}. Wanted is\n${formatZoneLine(key)}\n(--force activates it all the same)`);
      }
    }
    await run(system.trustStore, 'activateDkimKey', { domain, selector });
    io.out(`${selector} signs what leaves ${domain} from now on.\n`);
    return EXIT.ok;
  },
};

export const dkimRetire: StoreCommand = {
  name: 'dkim retire',
  usage: 'DOMAIN SELECTOR',
  about: 'Sign with a key no more.',
  details: `
Its record has to stay in the DNS for another two weeks, for mail that is on
its way.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const domain = requireDomain(positional(args, 0));
    const selector = positional(args, 1);
    await run(system.trustStore, 'retireDkimKey', { domain, selector });
    io.out(`${selector} signs no more. Its record may go from the DNS in two weeks.\n`);
    return EXIT.ok;
  },
};

export const dkimRemove: StoreCommand = {
  name: 'dkim remove',
  usage: 'DOMAIN SELECTOR',
  about: 'Forget a key that was never used, or has been retired for two weeks.',
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const domain = requireDomain(positional(args, 0));
    const selector = positional(args, 1);
    await run(system.trustStore, 'removeDkimKey', { domain, selector });
    io.out(`${selector} is gone.\n`);
    return EXIT.ok;
  },
};

type Store = Parameters<StoreCommand['run']>[0]['trustStore'];

async function run(
  store: Store,
  name: 'activateDkimKey' | 'retireDkimKey' | 'removeDkimKey',
  key: { readonly domain: string; readonly selector: string },
): Promise<void> {
  try {
    await store.run(name, key);
  } catch (error) {
    if (isMailError(error, 'notFound')) throw unknownKey(key.domain, key.selector);
    if (isMailError(error, 'invalid') || isMailError(error, 'inUse')) throw new CommandFailure(error.message);
    throw error;
  }
}

function unknownKey(domain: string, selector: string): CommandFailure {
  return new CommandFailure(`${domain} has no key ${selector}; campusmail dkim list ${domain} shows them`);
}
