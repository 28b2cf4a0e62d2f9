/** What a person can do, with its name, picture and key: toolbars, menus, the palette and the list of shortcuts are made of these. */
import type { LabelKey } from '#web/locales/texts.ts';
import type { IconName } from '#web/ui/icons.ts';
import type { Change, LabelView, MailboxView, PersonView } from '#web/webmail/model.ts';
import type { Route } from '#web/webmail/routes.ts';
import type { AskedLetter } from '#web/webmail/mailto.ts';
import type { ComposeKind } from '#web/webmail/writing.ts';

export interface ComposeAbout {
  /** Whom a new letter goes to. */
  readonly to?: readonly PersonView[];
  /** What a link asks a new letter to be. */
  readonly asked?: AskedLetter;
  /** Which letter of the conversation it answers or forwards; undefined: what is marked, or the newest. */
  readonly messageId?: string;
}

/** The moment an action is looked at or done in. */
export interface ActionContext {
  readonly route: Route;
  /** The conversations it would act upon: those selected, else the one open. */
  readonly ids: readonly string[];
  readonly mailbox: MailboxView | undefined;
  /** Of the conversations: whether any is. */
  readonly isAnyUnread: boolean;
  readonly isAnyFlagged: boolean;
  readonly isAnyMuted: boolean;
  /** Labels that any of them has. */
  readonly labels: readonly LabelView[];
  readonly isConversationOpen: boolean;
  /** Nothing is changed in what is shown: others share it for reading, or it is kept in an archive. */
  readonly isReadOnly: boolean;
  readonly maySend: boolean;

  /** Changes conversations, by default those acted upon, says so and offers to take it back. */
  change(change: Change, ids?: readonly string[]): void;
  /** Saves the conversations' letters: one as it is, several as a ZIP file. */
  save(): void;
  compose(kind: ComposeKind, about?: ComposeAbout): void;
  /** Begins a letter that has those of the conversations as files. */
  forwardFiles(): void;
  /** Opens a draft to be written on. */
  writeOn(savedId: string): void;
  /** Begins a letter that is one's own sent one once more. */
  writeAgain(messageId: string): void;
  navigate(route: Route): void;
  /** Opens the conversation below (1) or above (-1). */
  openAdjacent(step: 1 | -1): void;
  closeConversation(): void;
  /** Selects the row that the keyboard is on, or lets it go. */
  toggleSelected(): void;
  /** Puts files of one's own as letters into the mailbox. */
  importLetters(files: readonly File[]): void;
  /** Marks everything in the mailbox as read. */
  markAllRead(): void;
  /** Takes back what was done to conversations last. */
  undo(): void;
  selectAll(): void;
  selectNone(): void;
  show(what: 'palette' | 'shortcuts' | 'moveTo' | 'labels' | 'scheduled' | 'search'): void;
  toggleTheme(): void;
}

export interface Action {
  readonly name: string;
  readonly label: LabelKey;
  readonly icon: IconName;
  /** As in shortcuts.ts. */
  readonly shortcut?: string;
  readonly group: 'organise' | 'write' | 'go' | 'view';
  isEnabled(context: ActionContext): boolean;
  perform(context: ActionContext): void;
}
