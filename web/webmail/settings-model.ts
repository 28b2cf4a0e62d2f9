/** What the settings screens are drawn from and what they ask for, in their words, beside model.ts. */
import type { MailMove } from '#contract/jmap/mail-move.ts';
import type { FilterRule } from '#contract/jmap/mail-filter.ts';
import type { Live } from './live.ts';
import type { DelegateRight } from '#contract/jmap/delegation.ts';
import type { MailboxRole, PersonView } from './model.ts';

/** Why something was not saved; each has a text of its own. */
export const SAVE_FAILURES = [
  /** By the rules of the university. */
  'forbidden',
  /** Nobody here has the address. */
  'nobody',
  /** One's own address, a group's, or none at all. */
  'unusable',
  'tooMany',
  'invalid',
  'exists',
  'hasChildren',
  'offline',
  'failed',
] as const;

export type SaveResult =
  | 'saved'
  | {
      readonly why: (typeof SAVE_FAILURES)[number];
      /** The address to blame, where it is one. */
      readonly address: string | undefined;
    };

export interface OwnIdentityView extends PersonView {
  readonly id: string;
  readonly isDefault: boolean;
  /** '' for none. */
  readonly signatureHtml: string;
}

export interface VacationView {
  readonly isEnabled: boolean;
  readonly from: Date | undefined;
  readonly until: Date | undefined;
  /** '': as the letter that is answered. */
  readonly subject: string;
  readonly insideText: string;
  /** What people elsewhere are told; undefined: nothing. */
  readonly outsideText: string | undefined;
}

export interface ForwardingView {
  readonly targets: readonly string[];
  readonly keepsCopy: boolean;
  readonly mayForwardOutside: boolean;
  /** The only domains outside that may be forwarded to; none: any. */
  readonly allowedDomains: readonly string[];
  readonly mayDropCopy: boolean;
  readonly maxTargets: number;
}

export interface FilterView {
  readonly rules: readonly FilterRule[];
  /** Addresses and domains. */
  readonly blocked: readonly string[];
  readonly allowed: readonly string[];
  readonly blockedInto: 'junk' | 'trash';
  readonly maxRules: number;
  /** The same as a Sieve script; '' for nothing. */
  readonly sieve: string;
}

/** What a rule would have been for, among the latest letters. */
export interface TriedRule {
  readonly examined: number;
  readonly letters: readonly { readonly id: string; readonly from: string; readonly subject: string }[];
}

export interface FolderView {
  readonly id: string;
  readonly name: string;
  readonly role: MailboxRole | undefined;
  readonly parentId: string | undefined;
  /** Letters. */
  readonly total: number;
  readonly unread: number;
  readonly isSubscribed: boolean;
  readonly mayRename: boolean;
  readonly mayDelete: boolean;
}

/** Who may do something with the account that is shown. */
export interface DelegateView extends PersonView {
  readonly id: string;
  readonly rights: readonly DelegateRight[];
  /** Answers for a department's box, and cannot lose it. */
  readonly isResponsible: boolean;
}

export interface FolderChange {
  readonly name?: string;
  /** null: to the top. */
  readonly parentId?: string | null;
  readonly isSubscribed?: boolean;
}

/** Whose mail is not wanted any more. */
export interface Blocked {
  /** Letters that were taken out of the inbox. */
  readonly count: number;
  /** Takes all of it back. Never rejects. */
  readonly undo: () => Promise<void>;
}

/** undefined in a Live: not known yet. */
export interface SettingsModel {
  readonly identities: Live<readonly OwnIdentityView[] | undefined>;
  saveIdentity(
    id: string,
    change: { readonly name?: string; readonly signatureHtml?: string; readonly signatureText?: string },
  ): Promise<SaveResult>;
  readonly vacation: Live<VacationView | undefined>;
  saveVacation(vacation: VacationView): Promise<SaveResult>;
  readonly forwarding: Live<ForwardingView | undefined>;
  saveForwarding(targets: readonly string[], keepsCopy: boolean): Promise<SaveResult>;
  readonly filter: Live<FilterView | undefined>;
  /** What is left out stays. */
  saveFilter(change: Partial<Pick<FilterView, 'rules' | 'blocked' | 'allowed' | 'blockedInto'>>): Promise<SaveResult>;
  /** Puts an address on the black list; `takesLetters`: what the inbox has from it goes where the next ones will. */
  block(address: string, how: { readonly takesLetters: boolean }): Promise<Blocked | Exclude<SaveResult, 'saved'>>;
  tryRule(rule: FilterRule): Promise<TriedRule | 'failed'>;
  /** Does what the rule says to the letters of a folder; how many, undefined: not all could be seen to. */
  applyRule(rule: FilterRule, mailboxId: string): Promise<number | undefined>;
  readonly folders: Live<readonly FolderView[] | undefined>;
  createFolder(name: string, parentId: string | null): Promise<SaveResult>;
  changeFolder(id: string, change: FolderChange): Promise<SaveResult>;
  /** Its letters go to the trash, unless they are elsewhere, too. */
  deleteFolder(id: string): Promise<SaveResult>;
  /** What comes from the system before; undefined: nothing, or nothing to be shown. Rejects with JmapError. */
  mailMove(): Promise<MailMove | undefined>;
  /** It need not be shown any more. Rejects with JmapError. */
  dismissMailMove(): Promise<void>;
  /** Asked anew each time. Rejects with JmapError. */
  delegates(): Promise<readonly DelegateView[]>;
  addDelegate(address: string, rights: readonly DelegateRight[]): Promise<SaveResult>;
  setDelegate(id: string, rights: readonly DelegateRight[]): Promise<SaveResult>;
  removeDelegate(id: string): Promise<SaveResult>;
}
