/** Empties the trash and the junk of what has lain there for as long as the school keeps it. */
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { unwrapOutcome } from '#mail/account.ts';
import type { MailOperationResult } from '#mail/operations.ts';
import type { MailReader, MailStore, OperationOutcome } from '#mail/ports/mail-store.ts';
import type { DeletedBy, MailboxRole } from '#mail/types.ts';
import { accountPages } from './account-pages.ts';
import type { Config } from './config.ts';

/** Accounts looked at by one run of the store, and Emails that one operation deletes: some milliseconds of the writer. */
const ACCOUNTS_AT_ONCE = 50;
const EMAILS_AT_ONCE = 200;

const BY: DeletedBy = { way: 'server', login: '', agent: '' };

export interface SweepParts {
  readonly store: Pick<MailStore, 'run'> & {
    readonly reader: Pick<MailReader, 'accountsWithMailIn' | 'entries'>;
  };
  readonly config: Pick<Config, 'mail'>;
  /** Whether nothing of this account may go: it is an archive, or on hold. */
  readonly isKept: (accountId: AccountId) => Promise<boolean>;
}

/** How many Emails went. To be run several times a day: since when mail has been there is noted by it. */
export async function sweepMail({ store, config, isKept }: SweepParts): Promise<number> {
  const { trashDays, junkDays, deletedDays } = config.mail;
  let swept = 0;
  for (const [role, days] of [
    ['trash', trashDays],
    ['junk', junkDays],
  ] as const)
    if (days > 0) for await (const accountIds of pagesOf(role)) swept += await sweep(role, days, accountIds);
  return swept;

  function pagesOf(role: MailboxRole): AsyncGenerator<readonly AccountId[]> {
    return accountPages((after) => store.reader.accountsWithMailIn(role, after, ACCOUNTS_AT_ONCE));
  }

  async function sweep(role: MailboxRole, days: number, accountIds: readonly AccountId[]): Promise<number> {
    const args = { keepMs: { [role]: days * DAY_MS } };
    const outcomes = await store.run(accountIds.map((accountId) => ({ accountId, name: 'markUids', args })));
    let count = 0;
    for (const [at, accountId] of accountIds.entries()) {
      const [old] = unwrapOutcome(outcomes[at] as OperationOutcome) as MailOperationResult<'markUids'>;
      if (old === undefined) continue;
      const { mailboxId, below } = old;
      const { uids } = await store.reader.entries(accountId, mailboxId, 1, below - 1);
      if (uids.length === 0 || (await isKept(accountId))) continue;
      for (let from = 0; from < uids.length; from += EMAILS_AT_ONCE) {
        const some = { mailboxId, uids: Array.from(uids.subarray(from, from + EMAILS_AT_ONCE)), onlyDeleted: false };
        const expunge = { ...some, ...(deletedDays > 0 && { by: BY }) };
        const [outcome] = await store.run([{ accountId, name: 'expunge', args: expunge }]);
        count += (unwrapOutcome(outcome as OperationOutcome) as MailOperationResult<'expunge'>).expunged.length;
      }
    }
    return count;
  }
}
