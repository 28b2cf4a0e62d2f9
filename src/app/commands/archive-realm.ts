/**
 * `campusmail archive …`: an old mail system that was kept for reading, at its end (domain.md S-20). Nothing here happens by the
 * clock: an administrator looks, closes it, and by an act of its own lets the mail go.
 */
import { DAY_MS } from '#base/clock.ts';
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type StoreCommand } from '#app/command.ts';
import { deleteAccount } from '#app/delete-account.ts';
import type { System } from '#app/system.ts';
import { formatAddress } from '#directory/address.ts';
import type { ArchiveTerms, Realm } from '#directory/realms.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';
import { formatNumberOf, formatSize } from './arguments/size.ts';
import { formatTable } from './arguments/table.ts';

/** Who has come lately would miss it. */
const LATELY_DAYS = 30;

type Archive = Realm & { readonly archive: ArchiveTerms };

export const archiveStatus: StoreCommand = {
  name: 'archive status',
  usage: 'REALM [--json]',
  about: 'Show how far an old mail system is from its end.',
  details: `
REALM is the name of a realm with archive_until. Whether its last day has
passed, how much mail there is, who has signed in within 30 days, and who has
taken nothing along, as far as the record of what was done goes back
(audit.keep_days).

  --json  one JSON object, with all addresses`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const realm = requireArchive(system, positional(args, 0));
    const standing = await describe(system, realm, io);
    if (hasOption(args, 'json')) io.out(`${JSON.stringify(standing)}\n`);
    else io.out(formatStanding(standing));
    return EXIT.ok;
  },
};

export const archiveRetire: StoreCommand = {
  name: 'archive retire',
  usage: 'REALM [--confirm REALM]',
  about: 'Close an old mail system whose last day has passed.',
  details: `
Without --confirm it shows what archive status shows, and closes nothing.
Afterwards nobody signs in there any more: who tries is told that it has ended,
and where to go on. The mail stays until campusmail archive delete; account
enable opens a single account again.

  --confirm REALM  do it; the name once more

If it fails half-way, run it again.`,
  options: { confirm: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const realm = requireArchive(system, positional(args, 0));
    const { lastDay, endsAt } = realm.archive;
    if (system.clock.now() < endsAt)
      throw new CommandFailure(
        `${realm.name} is kept until the end of ${lastDay}; to end it earlier, set archive_until`,
      );
    if (!isConfirmed(args, realm)) {
      io.out(formatStanding(await describe(system, realm, io)));
      throw new CommandFailure(`nothing was closed; add --confirm ${realm.name} to do it`, EXIT.usage);
    }
    let closed = 0;
    for await (const { accountId, state } of accountsOf(system, realm)) {
      if (state !== 'active') continue;
      await system.directory.disableAccount(accountId);
      closed++;
      io.progress(`${closed} closed`);
    }
    io.progress('');
    io.out(`${realm.name} has ended: ${formatNumberOf(closed, 'account')} closed. Its mail is still there.\n`);
    return EXIT.ok;
  },
};

export const archiveDelete: StoreCommand = {
  name: 'archive delete',
  usage: 'REALM [--confirm REALM]',
  about: 'Delete all mail of an old mail system that was retired, for good.',
  details: `
Only a backup brings the mail back. Accounts that are on hold stay as they are
(account hold). It needs campusmail archive retire to have closed all others.

  --confirm REALM  do it; the name once more

If it fails half-way, run it again.`,
  options: { confirm: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const realm = requireArchive(system, positional(args, 0));
    const { accounts, open, usedBytes } = await describe(system, realm, io);
    if (open > 0)
      throw new CommandFailure(`${formatNumberOf(open, 'account')} of ${realm.name} are open; retire it first`);
    if (!isConfirmed(args, realm)) {
      const amount = `${formatNumberOf(accounts, 'account')} with ${formatSize(usedBytes)}`;
      const text = `this would delete ${amount} for good; add --confirm ${realm.name} to do it`;
      throw new CommandFailure(text, EXIT.usage);
    }
    let deleted = 0;
    let held = 0;
    for await (const { accountId } of accountsOf(system, realm)) {
      const isHeld = ((await system.directory.life(accountId))?.hold ?? '') !== '';
      if (!isHeld) await deleteAccount(system, accountId);
      if (isHeld) held++;
      else deleted++;
      io.progress(`${deleted} deleted`);
    }
    io.progress('');
    const kept = held === 0 ? '' : ` ${formatNumberOf(held, 'account')} on hold stay.`;
    io.out(
      `Deleted ${formatNumberOf(deleted, 'account')} of ${realm.name}.${kept} campusmail gc gives the space back.\n`,
    );
    return EXIT.ok;
  },
};

function requireArchive({ directory }: System, name: string): Archive {
  const { all } = directory.realms;
  const isArchive = (realm: Realm): realm is Archive => realm.archive !== null;
  const archives = all.filter(isArchive);
  const found = archives.find((realm) => realm.name === name);
  if (found !== undefined) return found;
  const known = archives.length === 0 ? 'there are none' : `those are ${archives.map((one) => one.name).join(', ')}`;
  throw new CommandFailure(`no realm "${name}" has archive_until: ${known}`, EXIT.usage);
}

function isConfirmed(args: CommandArguments, { name }: Realm): boolean {
  const said = textOption(args, 'confirm');
  if (said !== undefined && said !== name)
    throw new CommandFailure(`--confirm wants the name of the realm, ${name}, not "${said}"`, EXIT.usage);
  return said !== undefined;
}

async function* accountsOf({ directory }: System, realm: Realm): AsyncGenerator<DirectoryAccountRow> {
  let after: number | null = 0;
  while (after !== null) {
    const { accounts, next }: Awaited<ReturnType<typeof directory.listAccounts>> = await directory.listAccounts({
      after,
      limit: 1000,
    });
    for (const account of accounts) if ((await directory.realmOf(account.accountId)) === realm) yield account;
    after = next;
  }
}

interface Standing {
  readonly realm: string;
  readonly lastDay: string;
  readonly hasPassed: boolean;
  readonly accounts: number;
  readonly open: number;
  readonly usedBytes: number;
  readonly usedMessages: number;
  /** Addresses of who has signed in of late. */
  readonly signedInLately: readonly string[];
  /** Addresses of who has mail and has not fetched all of it at once. */
  readonly notExported: readonly string[];
}

async function describe(system: System, realm: Archive, io: Pick<CommandIo, 'progress'>): Promise<Standing> {
  const { audit, auditStore, clock, directory, mailStore } = system;
  await audit.flush();
  const now = clock.now();
  const sum = { accounts: 0, open: 0, usedBytes: 0, usedMessages: 0 };
  const signedInLately: string[] = [];
  const notExported: string[] = [];
  for await (const { accountId, state } of accountsOf(system, realm)) {
    const signIns = { accountId, action: 'sign-in.accepted', from: now - LATELY_DAYS * DAY_MS };
    const [[primary], mail, [signIn], [exported]] = await Promise.all([
      directory.addressesOf(accountId),
      mailStore.reader.account(accountId),
      auditStore.reader.find(signIns, 1),
      auditStore.reader.find({ accountId, action: 'administration.exported' }, 1),
    ]);
    const address = primary === undefined ? `#${accountId}` : formatAddress(primary);
    sum.accounts++;
    if (state === 'active') sum.open++;
    sum.usedBytes += mail?.usedBytes ?? 0;
    sum.usedMessages += mail?.usedMessages ?? 0;
    if (signIn !== undefined) signedInLately.push(address);
    if (exported === undefined && (mail?.usedMessages ?? 0) > 0) notExported.push(address);
    io.progress(`${sum.accounts} accounts looked at`);
  }
  io.progress('');
  const { lastDay, endsAt } = realm.archive;
  return { realm: realm.name, lastDay, hasPassed: now >= endsAt, ...sum, signedInLately, notExported };
}

/** Of the longer lists the first. */
const SHOWN = 10;

function formatStanding(standing: Standing): string {
  const { realm, lastDay, hasPassed, accounts, open, usedBytes, usedMessages, signedInLately, notExported } = standing;
  const some = (addresses: readonly string[]): string => {
    const more = addresses.length > SHOWN ? `, … (--json shows all)` : '';
    return addresses.length === 0 ? 'nobody' : `${addresses.length}: ${addresses.slice(0, SHOWN).join(', ')}${more}`;
  };
  return formatTable([
    ['archive', realm],
    ['last day', `${lastDay}${hasPassed ? ' (passed)' : ' (not passed)'}`],
    ['accounts', `${accounts}, ${open} open`],
    ['mail', `${formatNumberOf(usedMessages, 'message')}, ${formatSize(usedBytes)}`],
    [`signed in within ${LATELY_DAYS} days`, some(signedInLately)],
    ['took nothing along', some(notExported)],
  ]);
}
