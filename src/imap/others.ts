/** What others share: a port onto the directory, which app/ fills. Rights are letters of RFC 4314 §2.1. */
import type { AccountId, MailboxId } from '#base/ids.ts';

/** An account that shares mailboxes with another, as that one may use them. */
export interface SharedMail {
  readonly accountId: AccountId;
  /** Its address: the level below `Other Users/` by which it is named. */
  readonly name: string;
  /** On every mailbox, those still to be made among them. */
  readonly rights: string;
  /** On one; empty: it is not to be seen. */
  rightsOn(mailboxId: MailboxId): string;
}

/** What somebody may do with a mailbox. */
export interface AclEntry {
  /** An address of the account. */
  readonly identifier: string;
  readonly rights: string;
  /** Those of them that come with the account: no ACL of a mailbox takes them away. */
  readonly always: string;
}

export interface OthersMail {
  /** By address, as of now. */
  sharedWith(accountId: AccountId): Promise<readonly SharedMail[]>;
  /** The owner first. */
  aclOf(accountId: AccountId, mailboxId: MailboxId): Promise<readonly AclEntry[]>;
  /** Undefined for an identifier that is nobody's here. */
  entryFor(accountId: AccountId, mailboxId: MailboxId, identifier: string): Promise<AclEntry | undefined>;
  /**
   * What is granted on the mailbox beside `always`, in place of what was. `keeps`: the account's mailboxes. `by`: who
   * signed in. `notFound` (the identifier), `forbidden` (the owner, a box), `limit`.
   */
  setRights(args: {
    readonly accountId: AccountId;
    readonly mailboxId: MailboxId;
    readonly identifier: string;
    readonly rights: string;
    readonly keeps: readonly MailboxId[];
    readonly by: { readonly accountId: AccountId; readonly login: string };
  }): Promise<void>;
  /** Told of what was changed in a mailbox of another, or was refused, and by whom; nobody waits for it. `act`: the command. */
  note(args: {
    readonly accountId: AccountId;
    readonly by: { readonly accountId: AccountId; readonly login: string };
    readonly remoteAddress: string;
    readonly act: string;
    readonly isRefused?: boolean;
  }): void;
  /** Calls back when what is shared with anybody may have changed, until unsubscribed. */
  watch(listener: () => void): () => void;
}
