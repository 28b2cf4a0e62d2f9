/** What users do with mail, in their words; each is one step of undo and answers its name for `Changes.undo`. */
import type { Id } from '#contract/jmap/values.ts';
import type { Changes, Patches, StepId } from './changes.ts';
import { pathSegment, type Patch } from './patch.ts';
import type { Store } from './store.ts';
import type { Known } from './types.ts';

export type MailboxRole = 'inbox' | 'archive' | 'drafts' | 'sent' | 'trash' | 'junk';

/** On letters of a conversation: the server keeps what follows in it out of the inbox. */
export const MUTED = '$muted';

export class Actions {
  readonly #store: Store;
  readonly #changes: Changes;

  constructor(store: Store, changes: Changes) {
    this.#store = store;
    this.#changes = changes;
  }

  setKeyword(ids: readonly Id[], keyword: string, isSet: boolean): StepId {
    return this.#patch(ids, { [`keywords/${pathSegment(keyword)}`]: isSet ? true : null });
  }

  markRead(ids: readonly Id[], isRead: boolean): StepId {
    return this.setKeyword(ids, '$seen', isRead);
  }

  flag(ids: readonly Id[], isFlagged: boolean): StepId {
    return this.setKeyword(ids, '$flagged', isFlagged);
  }

  /** Their conversations say no more; what of them is in the inbox goes to the archive, where there is one. */
  mute(ids: readonly Id[]): StepId {
    const [inbox, archive] = [this.mailboxOf('inbox'), this.mailboxOf('archive')];
    const muting: Patch = { [`keywords/${MUTED}`]: true };
    const leaving = inbox && archive ? { ...muting, ...moveTo(archive.id, inbox.id) } : muting;
    const isInInbox = (id: Id) => inbox !== undefined && this.#store.peek('Email', id)?.mailboxIds?.[inbox.id] === true;
    return this.#changes.update('Email', new Map(ids.map((id) => [id, isInInbox(id) ? leaving : muting])));
  }

  unmute(ids: readonly Id[]): StepId {
    return this.setKeyword(ids, MUTED, false);
  }

  /** Into one mailbox and out of all others; or, with `fromId`, out of that one only. */
  move(ids: readonly Id[], toId: Id, fromId?: Id): StepId {
    return this.#patch(ids, moveTo(toId, fromId));
  }

  /** `undefined`: the account has no such mailbox, and nothing was done. So with the others below. */
  archive(ids: readonly Id[], fromId?: Id): StepId | undefined {
    return this.#moveToRole(ids, 'archive', {}, fromId);
  }

  moveToTrash(ids: readonly Id[]): StepId | undefined {
    return this.#moveToRole(ids, 'trash', {});
  }

  markJunk(ids: readonly Id[]): StepId | undefined {
    return this.#moveToRole(ids, 'junk', { 'keywords/$junk': true, 'keywords/$notjunk': null });
  }

  markNotJunk(ids: readonly Id[]): StepId | undefined {
    return this.#moveToRole(ids, 'inbox', { 'keywords/$junk': null, 'keywords/$notjunk': true });
  }

  /** For ever: this cannot be undone. */
  destroy(ids: readonly Id[]): void {
    this.#changes.destroy('Email', ids);
  }

  /** The mailbox of a role, once mailboxes are known. */
  mailboxOf(role: MailboxRole): Known<'Mailbox'> | undefined {
    return this.#store.peekAll('Mailbox')?.find((mailbox) => mailbox.role === role);
  }

  #moveToRole(ids: readonly Id[], role: MailboxRole, keywords: Patch, fromId?: Id): StepId | undefined {
    const mailbox = this.mailboxOf(role);
    if (mailbox === undefined) return undefined;
    return this.#patch(ids, { ...moveTo(mailbox.id, fromId), ...keywords });
  }

  #patch(ids: readonly Id[], patch: Patch): StepId {
    const patches: Patches = new Map(ids.map((id) => [id, patch]));
    return this.#changes.update('Email', patches);
  }
}

function moveTo(toId: Id, fromId: Id | undefined): Patch {
  if (fromId === undefined || fromId === toId) return { mailboxIds: { [toId]: true } };
  return { [`mailboxIds/${toId}`]: true, [`mailboxIds/${fromId}`]: null };
}
