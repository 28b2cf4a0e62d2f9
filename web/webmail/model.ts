/**
 * What the screens are drawn from and what they ask for, in the screens' words. The client core (web/jmap) is put behind this by
 * an adapter; `testing/` fills it with made-up mail. Nothing here knows JMAP, requests or caches.
 */
import type { LeftList } from '#contract/jmap/list-unsubscribe.ts';
import type { AddressBook } from './address-book.ts';
import type { ContactsModel } from './contacts-model.ts';
import type { AddressEnding } from './endings.ts';
import type { Live } from './live.ts';
import type { SettingsModel } from './settings-model.ts';
import type { DeletionsModel } from './deletions-model.ts';
import type { ReportsModel } from './reports-model.ts';
import type { Unsubscribing } from './reading/unsubscribe.ts';
import type { TracesModel } from './traces-model.ts';
import type { Writing } from './writing.ts';

export interface PersonView {
  /** '' where none was given. */
  readonly name: string;
  readonly address: string;
}

export const MAILBOX_ROLES = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const;
export type MailboxRole = (typeof MAILBOX_ROLES)[number];

export interface MailboxView {
  readonly id: string;
  /** As its owner called it; of one with a role the screens say their own word. */
  readonly name: string;
  readonly role: MailboxRole | undefined;
  readonly parentId: string | undefined;
  readonly unread: number;
  readonly total: number;
}

export interface LabelView {
  readonly keyword: string;
  readonly name: string;
  /** One of the eight colours of ui/avatar.css. */
  readonly colour: number;
}

/** An address that one may send as. */
export interface IdentityView extends PersonView {
  /** HTML as the editor writes it; '' for none. See signature.ts. */
  readonly signature: string;
  /** Where its domain is given up. */
  readonly ending?: AddressEnding | undefined;
}

export interface AccountView {
  readonly name: string;
  readonly address: string;
  /** The addresses one may send as, the default first. */
  readonly identities: readonly IdentityView[];
  /** Whether the default is so for good, and not because one signed in with it. */
  readonly isDefaultFixed: boolean;
  readonly quota: { readonly usedBytes: number; readonly limitBytes: number } | undefined;
}

/** A stretch of text, and whether it is what was looked for. */
export interface PieceView {
  readonly text: string;
  readonly isFound: boolean;
}

/** What a conversation is marked with, as its newest message stands for it. */
export interface MarksView {
  readonly isUnread: boolean;
  readonly isFlagged: boolean;
  /** What follows in it goes past the inbox, read. */
  readonly isMuted: boolean;
  readonly labels: readonly LabelView[];
}

/** A line of the list: a conversation. */
export interface RowView extends MarksView {
  readonly id: string;
  /** Who wrote in it, the newest last; in sent mail: whom it went to. */
  readonly people: readonly PersonView[];
  readonly subject: string;
  readonly preview: string;
  readonly receivedAt: Date;
  readonly messageCount: number;
  readonly isAnswered: boolean;
  readonly hasAttachment: boolean;
  /** Of a find: subject and preview with what was looked for; undefined where it shows as always. */
  readonly found: { readonly subject?: readonly PieceView[]; readonly preview?: readonly PieceView[] } | undefined;
}

export type Narrowing = 'all' | 'unread' | 'flagged' | 'attachments' | 'toMe';

/** `people`: by whom it is from, in sent mail by whom it went to. */
export type Order = 'newest' | 'oldest' | 'people' | 'subject' | 'largest' | 'relevant';

export interface ListQuery {
  /** undefined: everywhere but junk and trash. */
  readonly mailboxId: string | undefined;
  /** Words as typed into the search field; '' for none. */
  readonly text: string;
  readonly narrowing: Narrowing;
  /** 'relevant': what is about the words first; only of what words find. */
  readonly order: Order;
}

/** A new object with each change of a row, the order or the length. */
export interface ListView {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly total: number;
  /** Where the list may be longer than what is known of it: how much is known. `total` has room for more. */
  readonly atLeast?: number;
}

export interface Changed {
  /** Takes it back whole, also while it is under way. */
  readonly undo: () => void;
  /** Settles when all of it is on its way; false: some conversations could not be changed. Never rejects. */
  readonly settled: Promise<boolean>;
}

export interface ListModel extends Live<ListView> {
  /** undefined: not loaded yet. */
  rowAt(index: number): RowView | undefined;
  /** undefined: not known yet. It may be known before its row is loaded. */
  idAt(index: number): string | undefined;
  /** Of a conversation by its id, at no cost that grows with the list; undefined: nothing is known of it. */
  marksOf(id: string): MarksView | undefined;
  /** -1: not there, or not known. */
  indexOf(id: string): number;
  /** The rows [from, to) are in view: they and some around them are wanted. */
  show(from: number, to: number): void;
  /**
   * Settles when of the rows [from, to), or of as many as there are, ids and marks are known, or they cannot be had. Never
   * rejects.
   */
  load(from: number, to: number): Promise<void>;
}

/** Before it is known what there is. */
export const WAITING: ListModel = emptyList('loading');
/** There is no such mailbox. */
export const NOTHING: ListModel = emptyList('ready');

function emptyList(state: ListView['state']): ListModel {
  const view: ListView = { state, total: 0 };
  return {
    subscribe: () => () => undefined,
    getSnapshot: () => view,
    rowAt: () => undefined,
    idAt: () => undefined,
    marksOf: () => undefined,
    indexOf: () => -1,
    show: () => undefined,
    load: () => Promise.resolve(),
  };
}

/** A file that can be had: what came with a letter, or a letter itself. */
export interface AttachmentView {
  /** By which the server knows its octets. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly url: string;
}

export interface MessageView {
  readonly id: string;
  readonly from: PersonView;
  readonly to: readonly PersonView[];
  readonly cc: readonly PersonView[];
  readonly sentAt: Date;
  readonly preview: string;
  readonly isUnread: boolean;
  readonly isFlagged: boolean;
  /** One's own, not finished: written on rather than read. */
  readonly isDraft: boolean;
  /** One's own, sent: what became of it can be asked. */
  readonly isSent: boolean;
  /** Hostile. Drawn by MailFrame only. */
  readonly html: string | undefined;
  readonly text: string | undefined;
  /** Pictures of the HTML by Content-ID: where their octets are. */
  readonly pictures: ReadonlyMap<string, string>;
  readonly attachments: readonly AttachmentView[];
  /** From outside the university: readers are told. */
  readonly isOutside: boolean;
  /** False: our server found nobody who vouches for the sender's domain (DMARC). */
  readonly isVerified: boolean;
  /** The domain of ours that the sender's looks like, and is not. */
  readonly resembles: string | undefined;
  /** Another's address that the sender has for a name. */
  readonly claims: string | undefined;
  /** How one leaves the list it came by; undefined: by none, by no safe way, or nobody vouches for its sender. */
  readonly unsubscribing: Unsubscribing | undefined;
  /** The whole letter, as it came. */
  readonly file: AttachmentView;
  /** The octets of what is shown, for reading them in another encoding. */
  readonly bodyUrls: { readonly html: string | undefined; readonly text: string | undefined };
}

export interface ConversationView {
  readonly id: string;
  readonly subject: string;
  readonly mailboxId: string;
  readonly labels: readonly LabelView[];
  readonly isFlagged: boolean;
  readonly isMuted: boolean;
  readonly messages: readonly MessageView[];
}

/** What can be done to conversations, named by their rows' ids. */
export type Change =
  | { readonly do: 'archive' | 'delete' | 'junk' | 'notJunk' }
  | { readonly do: 'move'; readonly mailboxId: string }
  | { readonly do: 'setUnread' | 'setFlagged' | 'setMuted'; readonly to: boolean }
  | { readonly do: 'setLabel'; readonly keyword: string; readonly to: boolean };

/** A file that did not become a letter. */
export interface NotImported {
  readonly name: string;
  readonly why: 'tooLarge' | 'overQuota' | 'noLetter' | 'offline';
}

export interface ImportedView {
  readonly count: number;
  readonly refused: readonly NotImported[];
}

/** An account that may be shown: one's own, or one that others share. */
export interface AccountChoice {
  readonly id: string;
  /** '' for one's own: the account view says what it is called. */
  readonly name: string;
  readonly isOwn: boolean;
  readonly isCurrent: boolean;
  readonly isReadOnly: boolean;
  readonly maySend: boolean;
  /** Whether one may say who else may open it. */
  readonly mayManage: boolean;
}

export interface MailModel {
  readonly account: Live<AccountView>;
  /** One's own first. Without a network nobody knows of others. */
  readonly accounts: Live<readonly AccountChoice[]>;
  /** Leaves what is shown, and shows another; undefined: one's own. */
  showAccount(id: string | undefined): void;
  readonly mailboxes: Live<readonly MailboxView[]>;
  /** `signedOut`: the session has ended, and nothing goes on before one has signed in again. */
  readonly connection: Live<'online' | 'offline' | 'signedOut'>;
  list(query: ListQuery): ListModel;
  /** People whose name or address has `text` in it, from the mail at hand, the most frequent first. */
  people(text: string): readonly PersonView[];
  readonly addressBook: AddressBook;
  readonly contacts: ContactsModel;
  /** The labels that stand on the mail at hand, by name. */
  labels(): readonly LabelView[];
  /** `missing`: it is gone, or never was. */
  conversation(id: string): Live<ConversationView | 'loading' | 'missing'>;
  /** The letters of conversations, each as a file. Rejects when they cannot be had. */
  files(ids: readonly string[]): Promise<readonly AttachmentView[]>;
  /** Puts letters that are files of one's own into a mailbox. Never rejects. */
  importLetters(files: readonly File[], mailboxId: string): Promise<ImportedView>;
  /** Has our server leave the list that a message came by, by one click. Never rejects. */
  leaveList(messageId: string): Promise<LeftList>;
  /** Seen at once, sent when it can be. */
  change(change: Change, ids: readonly string[]): Changed;
  /** Which of one's addresses mail is written from when nothing else is chosen; undefined: that of the sign-in. */
  setDefaultIdentity(address: string | undefined): void;
  /** Drafts, and what is sent. */
  readonly writing: Writing;
  /** What became of letters. */
  readonly traces: TracesModel;
  /** What was deleted and can be had back. */
  readonly deletions: DeletionsModel;
  /** Telling the help desk what is wrong. */
  readonly reports: ReportsModel;
  readonly settings: SettingsModel;
  /** To the sign-in page, which leads back to `next` (a path of ours), once the session has ended. */
  signInAgain(next: string): void;
  /** Then to the sign-in page, which leads to `next` (a path of ours). */
  signOut(next?: string): void;
}
