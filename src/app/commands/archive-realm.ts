/** `campusmail archive status`, `archive delete`: how far an old mail system is on its way out, and its end. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { deleteAccount } from '#app/delete-account.ts';
import { readInstant } from '#app/read-domain-plans.ts';
import type { System } from '#app/system.ts';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Archive, Realm } from '#directory/realms.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { formatAddress } from '#directory/address.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatMail, formatNumberOf } from './arguments/size.ts';

const PAGE = 500;
/** Who signed in within so many days still uses it. */
const RECENT_DAYS = 30;
/** Take-outs looked at, the newest first. */
const TAKE_OUTS = 200_000;

export const archiveStatus: StoreCommand = {
  name: 'archive status',
  usage: '[REALM] [--accounts] [--json]',
  about: 'Show what is still to be done before an old mail system ends.',
  details: `
For a realm with archive = "open" or "retired": what is in it, who has taken
their mail along or still reads it there, and whose name the new system does
not know.

  --accounts  the accounts themselves, that have not been taken along
  --json      answer in JSON`,
  options: { accounts: { type: 'boolean' }, json: { type: 'boolean' } },
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const realm = requireArchive(system, args.positionals[0]);
    const standing = await readStanding(system, realm, io.signal);
    const left = standing.accounts.filter(({ isTakenOut }) => !isTakenOut);
    if (hasOption(args, 'json')) {
      const { accounts, ...summary } = standing;
      const counted = { ...summary, accounts: accounts.length };
      io.out(`${JSON.stringify(hasOption(args, 'accounts') ? { ...counted, left } : counted)}\n`);
    } else {
      io.out(describe(realm, standing));
      if (hasOption(args, 'accounts'))
        for (const { address, messages, bytes } of left) io.out(`${address}  ${formatMail(messages, bytes)}\n`);
    }
    return EXIT.ok;
  },
};

export const archiveDelete: StoreCommand = {
  name: 'archive delete',
  usage: 'REALM --yes',
  about: 'Delete all accounts of an old mail system that has been closed.',
  details: `
Only for a realm with archive = "retired": close it first, wait for those who
come late, and make a backup. Only that brings the mail back.

  --yes  do it; without, the command only says what would be deleted

If it fails half-way, run it again.`,
  options: { yes: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const realm = requireArchive(system, positional(args, 0));
    if (!realm.archive.hasEnded)
      throw new CommandFailure(`${realm.name} is open: set archive = "retired" and restart the server first`);
    const { accounts, messages, bytes } = await readStanding(system, realm, io.signal);
    const amount = `${formatNumberOf(accounts.length, 'account')} with ${formatMail(messages, bytes)}`;
    if (!hasOption(args, 'yes'))
      throw new CommandFailure(`this would delete ${amount} for good; add --yes to do it`, EXIT.usage);
    for (const [done, { accountId }] of accounts.entries()) {
      if (io.signal.aborted) return EXIT.failed;
      await deleteAccount(system, accountId);
      io.progress(`${done + 1} of ${accounts.length}`);
    }
    io.out(`Deleted ${amount}. campusmail gc gives the space back, an hour from now.\n`);
    return EXIT.ok;
  },
};

type ArchiveRealm = Realm & { readonly archive: Archive };

/** By its name; the only one where none is given. */
function requireArchive({ config }: System, name: string | undefined): ArchiveRealm {
  const archives = config.realms.filter((realm): realm is ArchiveRealm => realm.archive !== null);
  const named = name === undefined ? archives : archives.filter((realm) => realm.name === name);
  const [realm, another] = named;
  if (realm === undefined) throw new CommandFailure('there is no such archive in the settings ([[realm]] archive)');
  if (another !== undefined)
    throw new CommandFailure(`which: ${archives.map((one) => one.name).join(', ')}?`, EXIT.usage);
  return realm;
}

interface ArchivedAccount {
  readonly accountId: AccountId;
  readonly address: string;
  readonly messages: number;
  readonly bytes: number;
  readonly isTakenOut: boolean;
  /** Within RECENT_DAYS. */
  readonly isRead: boolean;
  /** Whether the same name is somebody's in the new system. */
  readonly hasSuccessor: boolean;
}

interface Standing {
  readonly realm: string;
  readonly state: 'open' | 'retired';
  readonly retiresOn: string;
  readonly isDue: boolean;
  readonly accounts: readonly ArchivedAccount[];
  readonly messages: number;
  readonly bytes: number;
  readonly takenOut: number;
  readonly read: number;
  readonly withoutSuccessor: number;
}

async function readStanding(system: System, realm: ArchiveRealm, signal: AbortSignal): Promise<Standing> {
  const { clock, auditStore } = system;
  const exported = await auditStore.reader.find({ action: 'administration.exported' }, TAKE_OUTS);
  const takenOut = new Set(exported.map(({ accountId }) => accountId));
  const accounts: ArchivedAccount[] = [];
  for (let after: number | null = 0; after !== null && !signal.aborted;) {
    const page: Awaited<ReturnType<System['directory']['listAccounts']>> = await system.directory.listAccounts({
      after,
      limit: PAGE,
    });
    const found = await Promise.all(page.accounts.map((row) => readAccount(system, realm, row, takenOut)));
    accounts.push(...found.filter((one) => one !== undefined));
    after = page.next;
  }
  const { retiresOn, hasEnded } = realm.archive;
  const count = (which: (account: ArchivedAccount) => boolean): number => accounts.filter(which).length;
  const sum = (what: (account: ArchivedAccount) => number): number =>
    accounts.reduce((all, account) => all + what(account), 0);
  return {
    realm: realm.name,
    state: hasEnded ? 'retired' : 'open',
    retiresOn,
    // The day itself is the last, as with domains that are given up.
    isDue: clock.now() >= (readInstant(retiresOn, 'end') ?? Infinity),
    accounts,
    messages: sum(({ messages }) => messages),
    bytes: sum(({ bytes }) => bytes),
    takenOut: count(({ isTakenOut }) => isTakenOut),
    read: count(({ isRead }) => isRead),
    withoutSuccessor: count(({ hasSuccessor }) => !hasSuccessor),
  };
}

/** Undefined: at home elsewhere. */
async function readAccount(
  system: System,
  realm: ArchiveRealm,
  { accountId }: DirectoryAccountRow,
  takenOut: ReadonlySet<AccountId | null>,
): Promise<ArchivedAccount | undefined> {
  const { directory, mailStore, journal, clock } = system;
  const [primary] = await directory.addressesOf(accountId);
  if (primary === undefined || !realm.domains.includes(primary.domain)) return undefined;
  const address = formatAddress(primary);
  const [mail, records, resolution] = await Promise.all([
    mailStore.reader.account(accountId),
    journal.list(accountId),
    directory.resolveAddress(address),
  ]);
  const since = clock.now() - RECENT_DAYS * DAY_MS;
  return {
    accountId,
    address,
    messages: mail?.usedMessages ?? 0,
    bytes: mail?.usedBytes ?? 0,
    isTakenOut: takenOut.has(accountId),
    isRead: records.some(({ at, outcome }) => outcome === 'ok' && at >= since),
    hasSuccessor: resolution.kind === 'moved' && resolution.address !== null,
  };
}

function describe({ title }: Realm, standing: Standing): string {
  const { realm, state, retiresOn, isDue, accounts, messages, bytes, takenOut, read, withoutSuccessor } = standing;
  const check = (isDone: boolean, text: string): string => `${isDone ? '[x]' : '[ ]'} ${text}`;
  const day = `its last day is ${retiresOn}`;
  return `${[
    `${realm} (${title}): ${state}, ${formatNumberOf(accounts.length, 'account')}, ${formatMail(messages, bytes)}`,
    check(isDue, isDue ? `${day}, which has passed` : day),
    check(takenOut === accounts.length, `${takenOut} of ${accounts.length} accounts were taken along by their owners`),
    check(read === 0, `${formatNumberOf(read, 'account')} signed in to in the last ${RECENT_DAYS} days`),
    check(
      withoutSuccessor === 0,
      `${formatNumberOf(withoutSuccessor, 'account')} whose name the new system does not know`,
    ),
    check(state === 'retired', 'closed: archive = "retired" in the settings'),
  ].join('\n')}\n`;
}
