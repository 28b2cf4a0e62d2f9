/** What a run of the roster does: so many people in one transaction, each change kept so that it can be undone. */
import { allDone } from '#base/all-done.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { MAX_PEOPLE_AT_ONCE } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type {
  PersonId,
  PersonRow,
  RosterChangeKind,
  RosterChangeRow,
  RosterCounts,
  RosterRunId,
  RosterRunRow,
} from '#directory/types.ts';
import { isCurrent } from '#directory/person-status.ts';
import { enrol } from './enrol-people.ts';
import type { Enrolment } from './enrol-people.ts';
import { insertNewAddress } from './require.ts';
import { settleLife } from './settle-life.ts';

export type RosterChange =
  | ({
      readonly kind: 'added';
      /** Beside its others: of a human whose account there is already. Nothing where it is theirs; `alreadyExists`. */
      readonly address: string | null;
    } & Enrolment)
  | {
      readonly kind: Exclude<RosterChangeKind, 'added'>;
      readonly personId: PersonId;
      /** As it was when the change was worked out: a person changed since then is left alone. */
      readonly updatedAt: number;
      readonly patch: Partial<Omit<PersonRow, 'personId' | 'number' | 'updatedAt'>>;
      /** In place of the one given out, as long as nobody has set a password. */
      readonly initialVerifier: string | null;
    };

export interface AppliedRoster {
  readonly counts: RosterCounts;
  /** Accounts that are new: their mailboxes are not the directory's to make. */
  readonly opened: readonly AccountId[];
  /** Numbers of people who were changed by somebody else meanwhile. */
  readonly passedOver: readonly string[];
}

export const NOBODY: RosterCounts = { added: 0, changed: 0, closed: 0, returned: 0 };

/** One change at most for each person. `notFound` (run, domain), `invalid`, `alreadyExists` (number, address), `limit`, `forbidden` for a run that is over. */
export async function applyRoster(
  tx: DirectoryTransaction,
  { runId, changes }: { readonly runId: RosterRunId; readonly changes: readonly RosterChange[] },
): Promise<AppliedRoster> {
  if (changes.length > MAX_PEOPLE_AT_ONCE) throw new MailError('limit', `at most ${MAX_PEOPLE_AT_ONCE} people at once`);
  const known = changes.flatMap((change) => (change.kind === 'added' ? [] : [change.personId]));
  if (new Set(known).size < known.length) throw new MailError('invalid', 'two changes of one person');
  const run = await requireOpenRun(tx, runId);
  const counts = { ...run.counts };
  const opened: AccountId[] = [];
  const passedOver: string[] = [];
  const added = await enrol(
    tx,
    changes.filter((change) => change.kind === 'added'),
  );
  const newcomers = added.values();
  // Side by side: a server elsewhere is then waited for once for all of them and not for each.
  const applied = await allDone(
    changes.map((change) =>
      change.kind === 'added' ? settleIn(tx, change, newcomers.next().value as PersonRow) : update(tx, change),
    ),
  );
  const settled = new Set<AccountId>();
  const rows: RosterChangeRow[] = [];
  let position = counts.added + counts.changed + counts.closed + counts.returned;
  for (const [index, done] of applied.entries()) {
    const { kind } = changes[index] as RosterChange;
    if (typeof done === 'string') {
      passedOver.push(done);
      continue;
    }
    const { before, after, hasOpened } = done;
    const { accountId } = after;
    if (accountId !== null && hasOpened) opened.push(accountId);
    // Of a new account whose owner is here nothing is to be settled.
    if (accountId !== null && !(hasOpened && isCurrent(after.status))) settled.add(accountId);
    counts[kind]++;
    rows.push({ runId, position: ++position, kind, at: tx.nowMs, before, after, hasOpened });
  }
  await allDone([...settled].map((accountId) => settleLife(tx, accountId)));
  await tx.insertRosterChanges(rows);
  await tx.putRosterRun({ ...run, counts });
  return { counts, opened, passedOver };
}

async function requireOpenRun(tx: DirectoryTransaction, runId: RosterRunId): Promise<RosterRunRow> {
  const run = await tx.lockRosterRun(runId);
  if (run === undefined) throw new MailError('notFound', `there is no run ${runId}`);
  if (run.endedAt !== null || run.undoneAt !== null) throw new MailError('forbidden', `run ${runId} is over`);
  return run;
}

interface Done {
  readonly before: PersonRow | null;
  readonly after: PersonRow;
  readonly hasOpened: boolean;
}

/** Whose account was there before gets the new address too. */
async function settleIn(
  tx: DirectoryTransaction,
  { account, address }: Extract<RosterChange, { kind: 'added' }>,
  after: PersonRow,
): Promise<Done> {
  const { accountId } = after;
  if (address !== null && accountId !== null) await addAddress(tx, address, accountId);
  return { before: null, after, hasOpened: account !== null };
}

async function addAddress(tx: DirectoryTransaction, address: string, accountId: AccountId): Promise<void> {
  const own = await tx.addressesOf(accountId);
  if (!own.some(({ localPart, domain }) => `${localPart}@${domain}` === address))
    await insertNewAddress(tx, address, accountId, 'alias');
}

async function update(
  tx: DirectoryTransaction,
  { personId, updatedAt, patch, initialVerifier }: Exclude<RosterChange, { kind: 'added' }>,
): Promise<Done | string> {
  const before = await tx.person(personId);
  if (before === undefined || before.updatedAt !== updatedAt) return before?.number ?? String(personId);
  // Later than whatever it was: what undoes a change sees whether another came after it.
  const after = { ...before, ...patch, updatedAt: Math.max(tx.nowMs, updatedAt + 1) };
  await tx.updatePerson(after);
  const { accountId } = after;
  if (accountId !== null) {
    if (before.name !== after.name) await rename(tx, accountId, before.name, after.name);
    if (initialVerifier !== null) await replaceInitial(tx, accountId, initialVerifier);
  }
  return { before, after, hasOpened: false };
}

/** Unless the account has a name of its own. */
async function rename(tx: DirectoryTransaction, accountId: AccountId, from: string, to: string): Promise<void> {
  const account = await tx.account(accountId);
  if (account?.displayName === from) await tx.updateAccount({ ...account, displayName: to });
}

async function replaceInitial(tx: DirectoryTransaction, accountId: AccountId, verifier: string): Promise<void> {
  const credentials = await tx.credentialsOf(accountId);
  const initial = credentials.find(({ kind }) => kind === 'initial');
  if (initial !== undefined) await tx.updateCredential({ ...initial, verifier, changedAt: tx.nowMs });
}

export interface BeginRosterRunArgs {
  readonly source: string;
  readonly sourceHash: string;
  readonly actor: string;
}

export async function beginRosterRun(tx: DirectoryTransaction, args: BeginRosterRunArgs): Promise<RosterRunRow> {
  const run = {
    ...args,
    runId: await tx.allocateRosterRunId(),
    startedAt: tx.nowMs,
    endedAt: null,
    undoneAt: null,
    counts: NOBODY,
  };
  await tx.putRosterRun(run);
  return run;
}

/** `notFound`, `forbidden` for one that is over. */
export async function endRosterRun(
  tx: DirectoryTransaction,
  { runId }: { readonly runId: RosterRunId },
): Promise<RosterRunRow> {
  const run = { ...(await requireOpenRun(tx, runId)), endedAt: tx.nowMs };
  await tx.putRosterRun(run);
  return run;
}
