/** One's own contacts in the screens' words; jmap-contacts.ts asks the server. */
import type { ListedView } from './address-book.ts';
import type { Live } from './live.ts';
import type { PersonView } from './model.ts';

/** What somebody writes down of another. '' and [] for nothing. */
export interface ContactWords {
  readonly name: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly organization: string;
  readonly department: string;
  readonly title: string;
  readonly note: string;
}

export interface ContactView extends ContactWords {
  readonly id: string;
  /** By which groups name their members. */
  readonly uid: string;
  readonly isGroup: boolean;
  readonly memberUids: readonly string[];
}

/** Somebody, or a group of one's own, that fits what was typed. */
export interface SuggestedView extends ListedView {
  /** Of an own group: whom it stands for; its `address` is then no address, but what tells it from others. */
  readonly members?: readonly PersonView[];
}

/** Why something was not done; each has a text of its own. */
export const CONTACT_FAILURES = ['full', 'tooLarge', 'unreadable', 'offline', 'failed'] as const;
export type ContactFailure = (typeof CONTACT_FAILURES)[number];

export interface ContactsDone {
  /** Contacts that were made or removed. */
  readonly count: number;
  /** What went wrong with some of it; undefined: nothing. */
  readonly why: ContactFailure | undefined;
  readonly undo: () => Promise<ContactsDone>;
}

/** What a file has in it. */
export interface ContactFile {
  readonly people: readonly string[];
  /** Of whom one has a card already: by the card's own name, or by an address. */
  readonly known: number;
  /** What could not be read. */
  readonly skipped: number;
  /** Keeps those that are new. */
  readonly keep: (onProgress: (share: number) => void) => Promise<ContactsDone>;
}

export interface ContactsModel {
  /** By name, as it is read out; groups among them. Asked for when `refresh` is first called. */
  readonly all: Live<readonly ContactView[] | 'asking' | 'failed'>;
  refresh(): void;
  /** Ids of those that `text` means, the nearest first: by name, pinyin, initials, address, number, department. Rejects with JmapError. */
  search(text: string): Promise<readonly string[]>;
  /** Whom to write to: an entry for each address. Rejects with JmapError. */
  suggest(text: string): Promise<readonly SuggestedView[]>;
  /** `id` undefined: a new one. */
  save(words: ContactWords, id?: string): Promise<ContactsDone>;
  /** Those that are not there yet, by address; into a group, where one is named. */
  add(people: readonly ListedView[], groupId?: string): Promise<ContactsDone>;
  saveGroup(name: string, memberUids: readonly string[], id?: string): Promise<ContactsDone>;
  remove(ids: readonly string[]): Promise<ContactsDone>;
  readFile(file: File): Promise<ContactFile | ContactFailure>;
  /** Where the file is to be had. Rejects with JmapError. */
  exportUrl(format: 'vcard' | 'csv', name: string): Promise<string>;
}

/** Those of a group that can be written to. */
export function peopleOf(group: ContactView, all: readonly ContactView[]): readonly PersonView[] {
  const uids = new Set(group.memberUids);
  return all.flatMap(({ uid, name, emails: [address] }) =>
    uids.has(uid) && address !== undefined ? [{ name, address }] : [],
  );
}
