/** `campusmail roster pull`: people from the directory of the university, by LDAP. */
import { CommandFailure, type StoreCommand } from '#app/command.ts';
import { openRoster } from '#app/open-roster.ts';
import { isMailError } from '#base/errors.ts';
import { readLdap } from '#roster/ldap-source.ts';
import { hasOption, textOption } from './arguments/options.ts';
import { parseTime } from './arguments/time.ts';
import { bringIn, IMPORT_DETAILS, IMPORT_OPTIONS } from './roster.ts';

export const rosterPull: StoreCommand = {
  name: 'roster pull',
  usage: '[--since TIME] [--dry-run] [--partial] [--skip-errors] [--force] [--by NAME]',
  about: 'Bring the list of people up to date from a directory, by LDAP.',
  details: `
From roster.ldap_url, as the settings beside it say. Otherwise it is as
campusmail roster import.

  --since TIME   only what was changed from then on, as 2026-09-16T10:00:
                 nobody has left then
${IMPORT_DETAILS}`,
  options: { ...IMPORT_OPTIONS, since: { type: 'string' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const { ldap } = system.config.roster;
    if (ldap === null) throw new CommandFailure('there is no directory to pull from: set roster.ldap_url');
    const since = textOption(args, 'since');
    const roster = openRoster(system);
    try {
      const people = await roster.readRows(await readLdap(ldap, since === undefined ? null : parseTime(since)));
      const isPartial = since !== undefined || hasOption(args, 'partial');
      const values = { ...args.values, partial: isPartial };
      return await bringIn(roster, people, { source: ldap.url, sourceHash: '' }, { ...args, values }, io);
    } catch (error) {
      if (isMailError(error)) throw new CommandFailure(error.message);
      throw error;
    }
  },
};
