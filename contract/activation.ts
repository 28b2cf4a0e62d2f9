/** What pages and server say to each other of claiming an account, coming back into one, its alias and its telephone. */

/** The text that people agree to when they claim an account, or sign in for the first time. */
export const CONSENT_DOCUMENT = 'account';
/** Changes with the text. */
export const CONSENT_VERSION = '2026-11';

/** Of those that a person may belong to: found by what people type. */
export interface School {
  readonly id: string;
  readonly name: string;
  readonly englishName: string;
  /** `kunmingligongdaxue` and `kmlgdx`. */
  readonly pinyin: string;
  readonly initials: string;
}

/** Where a browser is on its way: what it has to bring next. */
export interface ActivationStanding {
  readonly step: 'phone' | 'password';
  readonly name: string;
  readonly number: string;
  /** The account's, and what an alias is completed with. */
  readonly address: string;
  readonly domain: string;
  /** `138****1234`; null: none was proven yet. */
  readonly phone: string | null;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface RecoveryStanding {
  readonly step: 'phone' | 'password';
  readonly login: string;
  readonly phone: string;
  readonly expiresIn: number;
}

/** Answer to a code that was sent. */
export interface CodeSent {
  readonly phone: string;
  /** Seconds until another may be asked for. */
  readonly retryAfter: number;
}

export const ALIAS_PROBLEMS = [
  'length',
  'characters',
  'start',
  'separators',
  'number',
  'reserved',
  'lookalike',
  'taken',
  'tooSoon',
] as const;
export type AliasProblem = (typeof ALIAS_PROBLEMS)[number];

export const PASSWORD_PROBLEMS = [
  'tooShort',
  'tooLong',
  'tooSimple',
  'holdsAccount',
  'holdsName',
  'holdsPhone',
  'holdsDocument',
  'holdsBirthday',
  'common',
  'used',
] as const;
export type PasswordProblem = (typeof PASSWORD_PROBLEMS)[number];

/** What is refused, in an answer's `error`. */
export const STEP_ERRORS = [
  /** Number, name, initial password or captcha: not told which. */
  'noMatch',
  'tooManyAttempts',
  /** It has an owner already, who signs in. */
  'alreadyActive',
  'suspended',
  'passwordExpired',
  /** `url`: where these people's page is. */
  'wrongDoor',
  /** The browser is on no such way, or its time is over. */
  'noWalk',
  /** A step before this one is missing, or another window went on. */
  'stale',
  /** The text agreed to is another by now. */
  'consent',
  'captcha',
  'badPhone',
  'phoneBlocked',
  /** It serves as many accounts as it may. */
  'phoneFull',
  /** The account has one already. */
  'phoneBound',
  'noPhone',
  /** `retryAfter`, seconds. */
  'smsTooOften',
  'smsUnavailable',
  'wrongCode',
  'codeExpired',
  /** Who is signed in has to prove it again, by one of `steps`. */
  'proofRequired',
  /** `problem`, and `until` where it is known. */
  'alias',
  /** `problems`. */
  'password',
  /** Somebody was sooner. */
  'over',
  'unavailable',
  'invalidRequest',
] as const;
export type StepError = (typeof STEP_ERRORS)[number];

export interface StepRefusal {
  readonly error: StepError;
  readonly retryAfter?: number;
  readonly url?: string;
  readonly problem?: AliasProblem;
  /** ISO 8601. */
  readonly until?: string | null;
  readonly problems?: readonly PasswordProblem[];
}

export interface OwnAlias {
  /** Null: none chosen. */
  readonly address: string | null;
  readonly domain: string;
  /** ISO 8601; null: at once. */
  readonly changeableAt: string | null;
  readonly held: readonly { readonly address: string; readonly until: string }[];
}

export interface OwnPhone {
  /** Masked; null: none. */
  readonly phone: string | null;
}
