/** `campusmail dkim list`: the keys that sign what leaves. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { type DkimKeyState, needsRecord } from '#trust/dkim-keys.ts';
import { requireDomain } from './domain-add.ts';
import { hasOption } from './arguments/options.ts';
import { formatTable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

const STATES: Readonly<Record<DkimKeyState, string>> = {
  new: 'waits for its DNS record',
  active: 'signs',
  retired: 'signs no more',
};

export const dkimList: StoreCommand = {
  name: 'dkim list',
  usage: '[DOMAIN] [--json]',
  about: 'List the DKIM keys of the domains, and what each is for.',
  details: `
campusmail dns shows their DNS records, campusmail dns --check whether those
are published.

  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const [domain] = args.positionals;
    const keys = await system.trustStore.reader.dkimKeys(domain === undefined ? undefined : requireDomain(domain));
    const nowMs = system.clock.now();
    if (hasOption(args, 'json')) {
      for (const { privateKey: _secret, ...key } of keys) io.out(`${JSON.stringify(key)}\n`);
    } else if (keys.length === 0) io.out('There are none yet: campusmail dkim add DOMAIN\n');
    else {
      io.out(
        formatTable(
          keys.map((key) => [
            key.domain,
            key.selector,
            key.algorithm,
            STATES[key.state],
            `since ${formatTime(key.changedAt)}`,
            key.state === 'retired' && !needsRecord(key, nowMs) ? 'its record may go' : '',
          ]),
        ),
      );
    }
    return EXIT.ok;
  },
};
