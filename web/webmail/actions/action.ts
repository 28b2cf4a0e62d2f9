/** What a person can do, with its name, picture and key: toolbars, menus, the palette and the list of shortcuts are made of these. */
import type { LabelKey } from '#web/locales/texts.ts';
import type { IconName } from '#web/ui/icons.ts';
import type { Change, LabelView, MailboxView, PersonView } from '#web/webmail/model.ts';
import type { Route } from '#web/webmail/routes.ts';
import type { ComposeKind } from '#web/webmail/writing.ts';

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
  /** `to`: whom a new letter goes to. */
  compose(kind: ComposeKind, to?: readonly PersonView[]): void;
  /** Opens a draft to be written on. */
  writeOn(savedId: string): void;
  navigate(route: Route): void;
  /** Opens the conversation below (1) or above (-1). */
  openAdjacent(step: 1 | -1): void;
  closeConversation(): void;
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
