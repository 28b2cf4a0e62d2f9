/** A pass over one account: its mailboxes there, each to its place here. */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { MailboxId } from '#base/ids.ts';
import type { ImapConnection, ListedMailbox } from '#imap/client/connection.ts';
import { nameMailboxes, type ForeignName } from '#imap/client/mailbox-name.ts';
import type { MailAccount } from '#mail/account.ts';
import { KnownEmails } from '#mail/known-emails.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { toMailboxName } from '#mail/mailbox-name.ts';
import type { MailboxRole } from '#mail/types.ts';
import { MIGRATION_LIMITS } from './limits.ts';
import { moveMailbox, type AccountPass } from './move-mailbox.ts';
import type { AccountMoveRow, MigrationStore, Pass } from './ports/migration-store.ts';

/** What is in them stands elsewhere as well. */
const VIEWS: ReadonlySet<MailboxRole> = new Set(['all', 'flagged', 'important']);
/** Names that are no mailboxes (RFC 9051 §7.3.1). */
const NO_MAILBOX = ['\\noselect', '\\nonexistent'];

export interface MoveAccountOptions {
  readonly store: MigrationStore;
  readonly account: MailAccount;
  readonly connection: ImapConnection;
  readonly row: AccountMoveRow;
  readonly pass: Pass;
  /** INTERNALDATE of what it brings, up to and with this; milliseconds. */
  readonly until: number;
  readonly messageBytes: number;
  /** Of an account that has no mailboxes yet; null: no limit. */
  readonly quotaBytes: number | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onMoved: (messages: number, bytes: number) => void;
}

/** Answers how many mailboxes were passed over, being views of others. Throws as moveMailbox does. */
export async function moveAccount(options: MoveAccountOptions): Promise<number> {
  const { store, account, connection, row, pass, until, messageBytes, quotaBytes, signal, onMoved } = options;
  const { accountId } = row;
  await account.provision({ quotaBytes });
  const listed = await connection.list();
  const names = nameMailboxes(listed);
  const before = new Map((await store.reader.mailboxes(accountId)).map((mailbox) => [mailbox.path, mailbox]));
  const failures = await store.reader.failures(accountId, MIGRATION_LIMITS.failures);
  const { nextEmailId } = await account.status();
  const fromEmailId = row.fromEmailId === 0 ? nextEmailId : row.fromEmailId;
  let known: Promise<KnownEmails> | undefined;
  const accountPass: AccountPass = {
    accountId,
    account,
    connection,
    pass,
    until,
    messageBytes,
    earlier: await KnownEmails.read(account, fromEmailId),
    known: () => (known ??= KnownEmails.read(account)),
    brought: new Set(),
    failedUids: (path) => failures.filter((failure) => failure.path === path).map(({ uid }) => uid),
    signal,
    fromEmailId,
    async save(progress) {
      await store.run('progress', { ...progress, fromEmailId: accountPass.fromEmailId });
    },
    onMoved,
  };
  let skipped = 0;
  for (const [i, mailbox] of listed.entries()) {
    const name = names[i] as ForeignName;
    if (mailbox.attributes.some((attribute) => NO_MAILBOX.includes(attribute))) continue;
    if (name.role !== null && VIEWS.has(name.role)) {
      skipped++;
      continue;
    }
    const path = name.levels.join('/');
    const mailboxId = await findTarget(account, mailbox, name);
    await moveMailbox(accountPass, mailbox, path, mailboxId, before.get(path));
  }
  return skipped;
}

/** The mailbox of that role, or of that name, made where there is none. */
async function findTarget(account: MailAccount, mailbox: ListedMailbox, name: ForeignName): Promise<MailboxId> {
  const mailboxes = await account.mailboxes();
  const ofRole = mailboxes.find(({ role, selectable }) => selectable && role !== null && role === name.role);
  if (ofRole !== undefined) return ofRole.mailboxId;
  const path = fitLevels(name.levels).join('/');
  const found = await account.findMailbox(path);
  if (found === undefined) {
    const { mailboxId } = await account.createMailbox({ path, subscribed: mailbox.isSubscribed });
    return mailboxId;
  }
  if (mailbox.isSubscribed && !found.subscribed) await account.setSubscription({ path, subscribed: true });
  return found.mailboxId;
}

/** Deeper than mailboxes go here: the last levels become one. */
function fitLevels(levels: readonly string[]): readonly string[] {
  const most = MAIL_LIMITS.mailboxDepth;
  if (levels.length <= most) return levels;
  return [...levels.slice(0, most - 1), toMailboxName(levels.slice(most - 1).join('_'))];
}

/** That the account is no longer to be had there, in words; undefined for any other failure. */
export function closedReason(error: unknown): string | undefined {
  return error instanceof MailError && error.code === 'forbidden' ? error.message : undefined;
}
