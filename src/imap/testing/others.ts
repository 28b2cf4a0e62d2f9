/** Anna's and Bob's mailboxes shared with one another, as the directory would have it, in plain Maps. */
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import type { AclEntry, OthersMail, SharedMail } from '#imap/others.ts';
import { ALL_RIGHTS } from '#imap/places.ts';

const NAMES: ReadonlyMap<string, AccountId> = new Map([
  ['anna@example.edu', 1 as AccountId],
  ['bob@example.edu', 2 as AccountId],
]);

export class TestOthers implements OthersMail {
  /** Of one account to another, by mailbox. */
  readonly #granted = new Map<string, Map<MailboxId, string>>();
  readonly #always = new Map<string, string>();
  readonly #listeners = new Set<() => void>();

  /** What `delegate` may do with the whole of `owner`'s account. */
  share(owner: number, delegate: number, rights: string): void {
    this.#always.set(`${owner} ${delegate}`, rights);
    this.#tell();
  }

  grant(owner: number, delegate: number, mailboxId: MailboxId, rights: string): void {
    const granted = this.#granted.get(`${owner} ${delegate}`) ?? new Map<MailboxId, string>();
    granted.set(mailboxId, rights);
    this.#granted.set(`${owner} ${delegate}`, granted);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #rightsOn(owner: number, delegate: number, mailboxId: MailboxId): string {
    const letters =
      (this.#always.get(`${owner} ${delegate}`) ?? '') +
      (this.#granted.get(`${owner} ${delegate}`)?.get(mailboxId) ?? '');
    return ALL_RIGHTS.split('')
      .filter((right) => letters.includes(right))
      .join('');
  }

  async sharedWith(accountId: AccountId): Promise<readonly SharedMail[]> {
    return [...NAMES].flatMap(([name, owner]) => {
      const key = `${owner} ${accountId}`;
      if (owner === accountId || (!this.#always.has(key) && !this.#granted.has(key))) return [];
      return {
        accountId: owner,
        name,
        rights: this.#always.get(key) ?? '',
        rightsOn: (mailboxId: MailboxId) => this.#rightsOn(owner, accountId, mailboxId),
      };
    });
  }

  async aclOf(accountId: AccountId, mailboxId: MailboxId): Promise<readonly AclEntry[]> {
    const entries = await Promise.all([...NAMES.keys()].map((name) => this.entryFor(accountId, mailboxId, name)));
    return entries.filter((entry) => entry !== undefined && entry.rights !== '') as AclEntry[];
  }

  async entryFor(accountId: AccountId, mailboxId: MailboxId, identifier: string): Promise<AclEntry | undefined> {
    const delegate = NAMES.get(identifier);
    if (delegate === undefined) return undefined;
    if (delegate === accountId) return { identifier, rights: ALL_RIGHTS, always: ALL_RIGHTS };
    const always = this.#always.get(`${accountId} ${delegate}`) ?? '';
    return { identifier, rights: this.#rightsOn(accountId, delegate, mailboxId), always };
  }

  async setRights({ accountId, mailboxId, identifier, rights }: Parameters<OthersMail['setRights']>[0]): Promise<void> {
    const delegate = NAMES.get(identifier);
    if (delegate === undefined) throw new MailError('notFound', 'nobody here has that address');
    this.grant(accountId, delegate, mailboxId, rights);
  }

  /** Who did what in whose mailbox. */
  readonly noted: string[] = [];

  note({ accountId, by, act }: Parameters<OthersMail['note']>[0]): void {
    this.noted.push(`${by.accountId} ${act} ${accountId}`);
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
