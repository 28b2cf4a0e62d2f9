/**
 * What is written down of who did what: sign-ins, administration, changes of who is who. Names and addresses are kept;
 * passwords, codes, tokens and document numbers never are, and telephone numbers only as `138****1234`.
 */
import type { AccountId } from '#base/ids.ts';

/**
 * Every action there is, and what it says. What comes before the dot is its area: `sign-in`, `administration` (what is
 * done to the system or to others) or `identity` (who somebody is, and what proves it, whoever changed that).
 */
export const AUDIT_ACTIONS = {
  'sign-in.accepted': 'somebody was let in; repeats from one place are written down once in a while',
  'sign-in.refused': 'somebody was not let in; detail.reason says why',
  'sign-in.uncounted': 'so many more refusals (detail.count) than are written down in a minute',
  'sign-in.ended': 'sessions of browsers were ended, by their owner or for them; detail.sessions: one, all',

  'administration.command': 'a command of the command line that changes something; detail.words are its arguments',
  'administration.exported': 'mail, people or this record was taken out',
  'administration.domain': 'a domain came to another stage of its life',
  'administration.deletions':
    'an owner had deleted mail back, or destroyed it for good; detail.how: recovered, destroyed, detail.count',
  'administration.roster': 'a roster was brought in, or that was undone; detail has the run and its counts',

  'identity.account-created': 'an account came to be',
  'identity.account-activated': 'its owner claimed it',
  'identity.account-changed': 'its stage, class, quota or switches changed',
  'identity.account-deleted': 'it is gone',
  'identity.password': 'a password was set; detail.how: changed, recovered, reset, upgraded',
  'identity.client-password': 'a password of a program was made or revoked; detail.how: added, removed; detail.name',
  'identity.grant':
    'a program was let in by tokens, or no longer; detail.how: given, revoked, given back (by the program), ended (a token came twice), detail.client, detail.scopes',
  'identity.second-step': 'a second factor was added or removed; detail.how, detail.kind',
  'identity.phone': 'a telephone was bound or unbound; detail.how, detail.phone',
  'identity.alias': 'an alias was set or given up; detail.how, detail.alias',
  'identity.link': 'a person or a single sign-on name was tied to an account or cut loose; detail.how',
  'identity.delegation': 'somebody may act for another account, or no longer; detail.how, detail.to, detail.rights',
  'identity.delegated-act':
    'somebody acted for another account; detail.act; detail.refused: tried to, without the right',
  'identity.sender-refused':
    'somebody tried to send as an address that is not theirs; detail.where: MAIL FROM, author; repeats are written down once an hour',
  'identity.terms': 'the rules of use were accepted; detail.version',
} as const satisfies Readonly<Record<string, string>>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** Who did it. */
export type AuditActor =
  /** Somebody at the machine's command line; the name is the system's user. */
  | { readonly kind: 'operator'; readonly name: string }
  /** Somebody who signed in; the name is the address. */
  | { readonly kind: 'account'; readonly accountId: AccountId; readonly name: string }
  /** A part of the system by itself: `roster`, `life cycle`, `domain sunset`, `scim`. */
  | { readonly kind: 'system'; readonly name: string }
  /** Nobody was named at work: the system by itself, or whoever stands in the entry beside it. */
  | { readonly kind: 'unnamed' }
  /** Nobody whom we know. */
  | { readonly kind: 'stranger' };

export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/** What others hand to `Audit.record`. */
export interface AuditEvent {
  readonly action: AuditAction;
  readonly actor: AuditActor;
  /** The account it is about, if it is about one. */
  readonly accountId?: AccountId;
  /** What it is about as people name it: an address, a domain, a roster number, a command. */
  readonly subject: string;
  /** By which way: `web`, `imap`, `pop3`, `smtp`, `command`, `scim` … */
  readonly via?: string;
  /** Numeric address of whoever asked for it. */
  readonly remoteAddress?: string;
  readonly detail?: AuditDetail;
}

/** An event as it is kept. `at`: milliseconds since the epoch. */
export interface AuditEntry extends AuditEvent {
  readonly at: number;
}

/** One link of the chain. */
export interface AuditRow {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Copied from the text, to be found by. */
  readonly at: number;
  readonly action: string;
  readonly accountId: AccountId | null;
  /** The entry as JSON, to the letter what was hashed. */
  readonly text: string;
  /** Hexadecimal SHA-256 over the hash before it, `seq` and `text`. */
  readonly hash: string;
}

/** A place in the chain; also what is noted elsewhere, to hold the chain against. */
export interface AuditLink {
  /** 0: before the first row. */
  readonly seq: number;
  readonly hash: string;
}
