/**
 * The directory's records: who has an account, under which addresses, and what proves it. Mail itself is not here.
 */
import type { AccountId, Brand, MailboxId } from '#base/ids.ts';

export type CredentialId = Brand<number, 'CredentialId'>;
export type PersonId = Brand<number, 'PersonId'>;

/** A domain whose mail we accept. Names are lower-case A-labels (`xn--…` for others). */
export interface DomainRow {
  readonly domain: string;
  readonly createdAt: number;
}

/**
 * What an account may use, by the kind of its owner (domain.md §8). What each means in numbers is for those to say who
 * count.
 */
export const SERVICE_CLASSES = ['staff', 'student', 'alumni', 'department'] as const;
export type ServiceClass = (typeof SERVICE_CLASSES)[number];

/**
 * Where an account stands in its life (domain.md §6.3), set by what its owner does and by the roster; an administrator's
 * own switches (`state`, `receives`, `sending`) hold beside it. What each allows: stages.ts.
 */
export const ACCOUNT_STAGES = [
  /** Not claimed yet: nobody signs in, mail is taken and waits. */
  'pending',
  'active',
  /** Nobody used it for long: nobody signs in until its owner has shown who they are, otherwise than by the password; mail is taken. */
  'frozen',
  /** The same, and no mail is taken. */
  'dormant',
  /** Sends to people here alone. */
  'restricted',
  /** Signs in and gets mail, and sends none. */
  'receive-only',
  /** The same; new mail is only forwarded. */
  'forward-only',
  /** Nobody signs in, no mail is taken. */
  'suspended',
  /** The same, and on a set day it will be gone. */
  'deleting',
] as const;
export type AccountStage = (typeof ACCOUNT_STAGES)[number];

/** `disabled`: no sign-in by any protocol; mail is still refused or taken as `receives` says. */
export interface DirectoryAccountRow {
  readonly accountId: AccountId;
  readonly displayName: string;
  readonly state: 'active' | 'disabled';
  /** Whether mail for it is accepted. */
  readonly receives: boolean;
  /** Null: as its domain has it. */
  readonly serviceClass: ServiceClass | null;
  /** `suspended`: nothing leaves in its name, neither submitted nor forwarded nor answered; all else goes on. */
  readonly sending: 'allowed' | 'suspended';
  /** Why, in words for its owner; empty when there is nothing to say. */
  readonly sendingNote: string;
  readonly stage: AccountStage;
  readonly createdAt: number;
}

/** One address of one account. `localPart` is the canonical form: NFKC, lower case. (localPart, domain) is unique. */
export interface AddressRow {
  readonly localPart: string;
  readonly domain: string;
  readonly accountId: AccountId;
  readonly kind: 'primary' | 'alias';
  readonly createdAt: number;
}

/** Where else mail for an account goes. An account without this row forwards nothing. */
export interface ForwardingRow {
  readonly accountId: AccountId;
  /** In canonical spelling, here or elsewhere; at least one. */
  readonly targets: readonly string[];
  /** Whether the account's own mailbox gets it, too. */
  readonly keepsCopy: boolean;
}

/** What becomes of mail that comes for an account. One without this row has it all in its inbox. */
export interface FilterRow {
  readonly accountId: AccountId;
  /** In the order they are gone through. */
  readonly rules: readonly FilterRule[];
  /** Whose mail is not wanted, and whose is never junk: addresses and domains (with those below them), in canonical spelling. */
  readonly blocked: readonly string[];
  readonly allowed: readonly string[];
  readonly blockedInto: 'junk' | 'trash';
}

export interface FilterRule {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly match: 'all' | 'any';
  /** At least one. */
  readonly conditions: readonly FilterCondition[];
  readonly actions: FilterActions;
  /** Whether the rules behind it are passed over once it matches. */
  readonly stops: boolean;
}

export type FilterCondition =
  | { readonly field: 'from' | 'recipient' | 'subject' | 'list'; readonly test: TextTest; readonly value: string }
  | { readonly field: 'header'; readonly name: string; readonly test: TextTest; readonly value: string }
  | { readonly field: 'size'; readonly test: 'over' | 'under'; readonly bytes: number }
  | { readonly field: 'attachment'; readonly test: 'has' | 'hasNot' }
  /** Whether its author's domain is one of ours. */
  | { readonly field: 'origin'; readonly test: 'inside' | 'outside' };

export type TextTest = 'contains' | 'containsNot' | 'is' | 'isNot' | 'begins' | 'ends';

/** At least one of them, unless the rule stops. */
export interface FilterActions {
  /** In place of the inbox; one that is gone is the inbox. */
  readonly mailboxId: MailboxId | null;
  readonly keywords: readonly string[];
  /** Addresses in canonical spelling, as the rules of forwarding let them. */
  readonly forwardTo: readonly string[];
}

/** What those who write to an account are told while nobody reads there. An account without this row tells nothing. */
export interface VacationRow {
  readonly accountId: AccountId;
  readonly isEnabled: boolean;
  /** Empty: made from that of the message. */
  readonly subject: string;
  /** For people here; null: they are told nothing. */
  readonly insideText: string | null;
  /** For everybody else; null: they are told nothing. */
  readonly outsideText: string | null;
  /** From when to before when, in milliseconds since the epoch; null: no bound. */
  readonly from: number | null;
  readonly until: number | null;
  /** For how long a sender is not told again. */
  readonly days: number;
}

/**
 * What somebody may do with the whole of another's account: open all its mailboxes; change, move and remove what is in
 * them; write as it, so that it alone is seen; write for it, so that the writer is seen as well; say who may do what.
 */
export const ACCOUNT_RIGHTS = ['read', 'write', 'send-as', 'send-on-behalf', 'manage'] as const;
export type AccountRight = (typeof ACCOUNT_RIGHTS)[number];

/** What one account, the delegate, may do with another. */
export interface DelegationRow {
  readonly accountId: AccountId;
  readonly delegateId: AccountId;
  /** In the order of ACCOUNT_RIGHTS. */
  readonly rights: readonly AccountRight[];
  /** Beside those, what it may do with single mailboxes: letters of RFC 4314 §2.1, at least one. */
  readonly mailboxes: readonly (readonly [MailboxId, string])[];
}

/** What makes an account a department's: it has no password, and a person answers for it. */
export interface BoxRow {
  readonly accountId: AccountId;
  /** Null: that account is gone, and another has to be named. */
  readonly responsibleId: AccountId | null;
  /** From when on nobody may open it or write as it, in milliseconds since the epoch; null: it stays. */
  readonly endsAt: number | null;
  /** What it is for, and at whose request. */
  readonly purpose: string;
  /** Who answers for it has left: from then on nobody may open it, unless another is named; null: somebody answers. */
  readonly vacantUntil: number | null;
  /** When it was last said that it is needed, and by whom it is used; null: never. */
  readonly reviewedAt: number | null;
}

/** The sender an account has chosen for good. One without this row writes as the address it signed in with. */
export interface DefaultSenderRow {
  readonly accountId: AccountId;
  /** Canonical; one of its own, or of an account that it may write as. */
  readonly localPart: string;
  readonly domain: string;
}

/** What proves an account. Secrets are stored as verifiers only. */
export interface CredentialRow {
  readonly accountId: AccountId;
  readonly credentialId: CredentialId;
  /** `initial`: given out by a rule to whom the roster names; it lets them set a password, and opens no mailbox alone (S-13). */
  readonly kind: 'password' | 'initial';
  /** Which scheme wrote it is read off its prefix: password-hasher.ts. */
  readonly verifier: string;
  /** SCRAM-SHA-256 verifier (RFC 5803 form) or null when none can be made. */
  readonly scramSha256: string | null;
  readonly changedAt: number;
  /** Good for one thing only: to set another. */
  readonly mustChange: boolean;
  /** From then on it is good for nothing; null: no bound. */
  readonly expiresAt: number | null;
}

/** What proves an account beside its password, or did. */
export const FACTOR_KINDS = [
  /** A password for one mail program (客户端专用密码). */
  'client',
  /** Codes by the time (RFC 6238). */
  'totp',
  /** A key of WebAuthn. */
  'passkey',
  /** Codes by SMS to the telephone that is bound. */
  'sms',
  /** The codes on paper, for when the rest is lost. */
  'recovery',
  /** A browser that has shown the second step and need not for a while. */
  'device',
  /** A password that the account had, not to be set again. */
  'former',
  /** Something was amiss with the account: its next sign-in on the web shows more than the password, if it can. */
  'alarm',
] as const;
export type FactorKind = (typeof FACTOR_KINDS)[number];

/** Those that a second step can be made with; an account that has one is not opened by its password alone. */
export const SECOND_STEPS = ['totp', 'passkey', 'sms'] as const satisfies readonly FactorKind[];
export type SecondStep = (typeof SECOND_STEPS)[number];

export interface FactorRow {
  readonly accountId: AccountId;
  /** Unique in the account; a passkey's is its own. */
  readonly factorId: string;
  readonly kind: FactorKind;
  /** As its owner calls it, or as what it belongs to says; empty: nothing. */
  readonly name: string;
  /** By kind: a digest, a sealed secret, a public key, as whoever made it reads it (factors.ts). Nothing in it can be shown again. */
  readonly secret: string;
  readonly createdAt: number;
  /** Null: never. Written down now and then, not each time. */
  readonly usedAt: number | null;
  /** Numeric address and protocol of that use, with a blank between; empty: none. */
  readonly usedFrom: string;
}

/** What is asked of an account's owner once the account was suspended: a second step where it has a way to one, and a new password. */
export const AFTER_SUSPENSION = ['nothing', 'step', 'password'] as const;
export type AfterSuspension = (typeof AFTER_SUSPENSION)[number];

export const POPULATIONS = ['staff', 'student'] as const;
export type Population = (typeof POPULATIONS)[number];

/** What the roster says of somebody (domain.md §6.2), of students first. */
export const PERSON_STATUSES = [
  /** 在读 */
  'enrolled',
  /** 休学 */
  'on-leave',
  /** 保留学籍 */
  'status-kept',
  /** 毕业 */
  'graduated',
  /** 结业 */
  'completed',
  /** 肄业 */
  'incomplete',
  /** 退学 */
  'withdrawn',
  /** 转学 */
  'transferred',
  /** 在职 */
  'employed',
  /** 退休 */
  'retired',
  /** 离职 */
  'left',
  /** 借调 */
  'seconded',
  /** 返聘 */
  'rehired',
  /** 博士后出站 */
  'postdoc-ended',
  /** On the list no more, which does not say why. */
  'gone',
] as const;
export type PersonStatus = (typeof PERSON_STATUSES)[number];

/**
 * One number of the roster, and whose it is: a human may have several over the years, and several accounts. No number of
 * an identity document is kept (PIPL; domain.md §5.4).
 */
export interface PersonRow {
  readonly personId: PersonId;
  /** 工号 or 学号 in its one spelling: `canonicalizeNumber`. Unique. */
  readonly number: string;
  /** NFC. */
  readonly name: string;
  /** Empty: none. */
  readonly englishName: string;
  readonly population: Population;
  /** 学院 or 部门, as the roster writes it; empty: none. */
  readonly unit: string;
  /** 培养层次, as the roster writes it; empty: none. */
  readonly level: string;
  /** YYYYMM, the month 00 where only the year is known. */
  readonly enrolled: number | null;
  readonly status: PersonStatus;
  /** YYYY-MM-DD: when studies or a contract are to end. */
  readonly endsOn: string | null;
  /** Keyed digest of the last six characters of a document's number, so that no password holds them; empty: none. */
  readonly tailCheck: string;
  /** Whose mailbox it leads to; null: none yet. */
  readonly accountId: AccountId | null;
  readonly updatedAt: number;
}

/** What is known of an account's end (domain.md §6.3). An account without this row has none before it. */
export interface LifeRow {
  readonly accountId: AccountId;
  /** From when its days are counted; null: somebody whose mailbox it is, is here. */
  readonly leftAt: number | null;
  /** What it was before; it is that again when they return. */
  readonly stageBefore: AccountStage;
  /** What was to happen up to then has happened: stages were reached, and notices sent. */
  readonly doneUpTo: number;
  /** When to look again; null: never. */
  readonly nextAt: number | null;
  /** Why its mail is kept whatever happens, a law or a research project; empty: it is not. */
  readonly hold: string;
}

/** What is known of an account that nobody uses (domain.md §8). One without this row was never warned. */
export interface IdleRow {
  readonly accountId: AccountId;
  /** Its days are counted from then at the earliest: its owner was let in again. 0: from its last use. */
  readonly countedFrom: number;
  /** When its owner was first told; null: not yet. What lies before its last use counts for nothing. */
  readonly warnedAt: number | null;
  /** How many of the notices have been sent since. */
  readonly told: number;
  /** When it was frozen; null: it is not. */
  readonly frozenAt: number | null;
}

export type RosterRunId = Brand<number, 'RosterRunId'>;

/** How many people a run was about. */
export interface RosterCounts {
  readonly added: number;
  readonly changed: number;
  /** Said to have left, or on the list no more. */
  readonly closed: number;
  readonly returned: number;
}

/** One time that the roster came in, as a whole or in parts. */
export interface RosterRunRow {
  readonly runId: RosterRunId;
  /** A file's name, a server's address, `scim`. */
  readonly source: string;
  /** SHA-256 of what came, hexadecimal; empty where it came in parts. */
  readonly sourceHash: string;
  /** Who had it brought in. */
  readonly actor: string;
  readonly startedAt: number;
  /** Null: it goes on, or was cut short. */
  readonly endedAt: number | null;
  readonly undoneAt: number | null;
  readonly counts: RosterCounts;
}

/** With which a program of the university brings people in, one by one (SCIM). */
export interface ScimTokenRow {
  /** Says whose it is. Unique. */
  readonly name: string;
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  readonly createdAt: number;
}

export type RosterChangeKind = keyof RosterCounts;

/** What a run did to one person; kept for as long as it can be undone. */
export interface RosterChangeRow {
  readonly runId: RosterRunId;
  /** Ascending within the run, from 1. */
  readonly position: number;
  readonly kind: RosterChangeKind;
  /** Null: there was nobody. */
  readonly before: PersonRow | null;
  readonly after: PersonRow;
  /** Whether the person's account was opened by it. */
  readonly hasOpened: boolean;
  readonly at: number;
}

/** The telephone that an account is bound to. The number is sealed, and found again by a keyed digest (phone-number.ts). */
export interface PhoneRow {
  readonly accountId: AccountId;
  readonly sealed: string;
  readonly phoneIndex: string;
  readonly boundAt: number;
}

/**
 * An alias that the owner of an account chose, now or before (A7). (localPart, domain) is unique: while a row of another
 * account is there, nobody can choose it.
 */
export interface ChosenAliasRow {
  readonly localPart: string;
  readonly domain: string;
  readonly accountId: AccountId;
  readonly chosenAt: number;
  /** Null: it is the account's alias now. */
  readonly leftAt: number | null;
  /** Whether mail to it still gets there. */
  readonly delivers: boolean;
}

/** That somebody agreed to a document, in which version, and from where. */
export interface ConsentRow {
  readonly accountId: AccountId;
  readonly document: string;
  readonly version: string;
  readonly agreedAt: number;
  /** Numeric. */
  readonly address: string;
}

export type GroupId = Brand<number, 'GroupId'>;

/**
 * Who may write to a group: anybody; accounts here, proven by sign-in; its members, also by way of groups in it; those
 * named as posters.
 */
export type PostingPolicy = 'everyone' | 'inside' | 'members' | 'named';

/** An address whose mail goes to many. (localPart, domain) is unique among groups and the addresses of accounts together. */
export interface GroupRow {
  readonly groupId: GroupId;
  /** Canonical, as an account's. */
  readonly localPart: string;
  readonly domain: string;
  readonly displayName: string;
  readonly posting: PostingPolicy;
  /** Whether its mail says that it comes by a list, and how to leave it. */
  readonly isList: boolean;
  readonly createdAt: number;
}

/** `owner`: answers for it, and gets what comes back. */
export type GroupRole = 'member' | 'poster' | 'owner';

/** Somebody in a group. An address outside is in canonical spelling, too. */
export type GroupEntry =
  | { readonly kind: 'account'; readonly accountId: AccountId }
  | { readonly kind: 'group'; readonly groupId: GroupId }
  | { readonly kind: 'outside'; readonly address: string };

export type { AccountId };
