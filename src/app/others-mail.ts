/** What IMAP asks of the directory about mailboxes of others: its accounts by address, its rights in letters. */
import type { Audit } from '#audit/audit.ts';
import type { DelegatedActs } from '#audit/delegated-acts.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import { accountMailboxRights, MAILBOX_RIGHTS, mailboxRights } from '#directory/delegation.ts';
import type { Directory } from '#directory/directory.ts';
import type { DelegationRow } from '#directory/types.ts';
import type { AclEntry, OthersMail } from '#imap/others.ts';

export function createOthersMail(
  directory: Directory,
  audit: Pick<Audit, 'record'>,
  acts: Pick<DelegatedActs, 'note'>,
): OthersMail {
  async function addressOf(accountId: AccountId): Promise<string | undefined> {
    const [primary] = await directory.addressesOf(accountId);
    return primary && formatAddress(primary);
  }

  async function rowFor(accountId: AccountId, delegateId: AccountId): Promise<DelegationRow> {
    const rows = await directory.delegationsOf(accountId);
    const row = rows.find((each) => each.delegateId === delegateId);
    return row ?? { accountId, delegateId, rights: [], mailboxes: [] };
  }

  async function ownerEntry(accountId: AccountId): Promise<AclEntry> {
    const identifier = (await addressOf(accountId)) ?? '';
    return { identifier, rights: MAILBOX_RIGHTS, always: MAILBOX_RIGHTS };
  }

  return {
    async sharedWith(accountId) {
      const shared = await directory.sharedWith(accountId);
      return shared.map((each) => ({
        accountId: each.accountId,
        name: each.address,
        rights: accountMailboxRights(each),
        rightsOn: (mailboxId) => mailboxRights(each, mailboxId),
      }));
    },

    async aclOf(accountId, mailboxId) {
      const rows = await directory.delegationsOf(accountId);
      const entries = rows.map(async (row) => toEntry((await addressOf(row.delegateId)) ?? '', row, mailboxId));
      const known = (await Promise.all(entries)).filter(({ identifier, rights }) => identifier !== '' && rights !== '');
      return [await ownerEntry(accountId), ...known];
    },

    async entryFor(accountId, mailboxId, identifier) {
      const delegateId = (await directory.findAddress(identifier))?.accountId;
      if (delegateId === undefined) return undefined;
      if (delegateId === accountId) return ownerEntry(accountId);
      return toEntry(identifier, await rowFor(accountId, delegateId), mailboxId);
    },

    async setRights({ accountId, mailboxId, identifier, rights, keeps, by }) {
      const delegateId = (await directory.findAddress(identifier))?.accountId;
      if (delegateId === undefined) throw new MailError('notFound', 'nobody here has that address');
      await directory.setMailboxRights({ accountId, delegateId, mailboxId, rights, keeps }, by.login);
      audit.record({
        action: 'identity.delegation',
        actor: { kind: 'account', accountId: by.accountId, name: by.login },
        accountId,
        subject: (await addressOf(accountId)) ?? '',
        via: 'imap',
        detail: { how: rights === '' ? 'revoked' : 'granted', to: identifier, mailboxId, rights },
      });
    },

    note({ accountId, ...act }) {
      void addressOf(accountId).then(
        (address = '') => acts.note({ ...act, accountId, address, via: 'imap' }),
        () => acts.note({ ...act, accountId, address: '', via: 'imap' }),
      );
    },

    // Any change may be one: of who may do what, of an account's name or state, of a box's end.
    watch: (listener) => directory.watchAccounts(listener),
  };
}

function toEntry(identifier: string, { rights, mailboxes }: DelegationRow, mailboxId: MailboxId): AclEntry {
  const share = { rights: new Set(rights), mailboxes: new Map(mailboxes) };
  return { identifier, rights: mailboxRights(share, mailboxId), always: accountMailboxRights(share) };
}
