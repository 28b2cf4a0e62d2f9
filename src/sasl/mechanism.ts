/**
 * The vocabulary of SASL (RFC 4422): what a mechanism is, what it may ask for, and what signing in can come to.
 * Nothing here knows a protocol's framing, a mailbox or where credentials are kept.
 *
 * A mechanism is a generator: it yields what it needs (the client's next response, a look-up), is resumed with the
 * answer, and returns the outcome. So its code reads in the order of the RFC's exchange, and stays free of input,
 * output and waiting.
 */
import type { AccountId } from '#base/ids.ts';
import type { Random } from '#base/random.ts';
import type { ScramVerifier } from './scram-verifier.ts';

/** Why someone who tried to sign in was refused. Engines map it to their codes once, by an exhaustive switch. */
export type AuthRefusal =
  /** Unknown user or wrong password; deliberately not told apart. Permanent. */
  | 'invalidCredentials'
  /** The password is right, but the account may not sign in. Permanent. */
  | 'disabled'
  /** The password is right, but the account waits for its owner to activate it. Permanent until then. */
  | 'notActivated'
  /** The password is right, but nobody used the account for so long that its owner has to show more. Permanent until then. */
  | 'frozen'
  /** The password is right, but the account is at home at another host of ours. Permanent. */
  | 'wrongDoor'
  /** The password is right, but good only for setting another, on the web. Permanent until then. */
  | 'passwordChangeRequired'
  /** The password is right, but was given out for a time that is over. Permanent. */
  | 'passwordExpired'
  /** The password is right, but its owner has to bind a telephone first, on the web. Permanent until then. */
  | 'phoneRequired'
  /** The password is right, but programs need one of their own. Permanent. */
  | 'clientPasswordRequired'
  /** The password is right, but the account is one of an old system that is kept to be read on the web alone. Permanent. */
  | 'archived'
  /** The password is right, but that old system has ended. Permanent. */
  | 'archiveEnded'
  /** The password is right, but the authorization identity is not one the account may act as. Permanent. */
  | 'forbidden'
  /** Too many failures of late; nothing was checked. Temporary. */
  | 'limited'
  /** We cannot check just now. Temporary. */
  | 'unavailable';

export type AuthResult =
  | {
      readonly ok: true;
      readonly accountId: AccountId;
      /** The address signed in with, canonical `localPart@domain`: the default From. */
      readonly loginAddress: string;
      /** By a token: what its owner gave to the program, with which this ends. */
      readonly grantId?: string;
    }
  | AuthRefused;

export interface AuthRefused {
  readonly ok: false;
  readonly reason: AuthRefusal;
  /** With `limited`: when trying again may help. */
  readonly retryAfterMs?: number;
  /** The page where its owner can do what is missing, where there is one; with `wrongDoor`, `archived` and `archiveEnded` the place to go. */
  readonly url?: string;
  /** With those three: what that is called, in Chinese and in English. */
  readonly place?: { readonly title: string; readonly englishTitle: string };
}

/** One SCRAM exchange under way. */
export interface ScramAttempt {
  /**
   * What the client's proof may fit, of one salt and iteration count: several where an account has several passwords. For an
   * unknown user a made-up one, the same each time, that no proof fits.
   */
  readonly verifiers: readonly [ScramVerifier, ...ScramVerifier[]];
  /** To be called once, with which of them the proof fits, from 0; -1: none. */
  finish(fitting: number): Promise<AuthResult>;
}

/**
 * Who decides: implemented by directory/, one for each session, so that it knows the peer. Rejects only for bugs and
 * outages. `authzid` is empty when the client named none.
 */
export interface SaslAuthority {
  verifyPassword(login: string, password: string, authzid: string): Promise<AuthResult>;
  beginScram(login: string, authzid: string): Promise<ScramAttempt>;
  /** Judges an OAuth access token (RFC 6750). Absent where none is taken: then no mechanism that carries one is offered. */
  bearer?(token: string, authzid: string): Promise<BearerResult>;
}

/** Where a client whose token was refused gets another (RFC 7628 §3.2.2). */
export interface BearerDiscovery {
  /** RFC 6750 §3.1: what is wrong with it; `invalid_token` when absent. */
  readonly status?: 'invalid_token' | 'insufficient_scope';
  /** The scopes that a token needs, separated by spaces. */
  readonly scope?: string;
  /** URL of the issuer's metadata: of its OpenID configuration, or (RFC 8414 §5) its like. */
  readonly openIdConfiguration?: string;
}

export type BearerResult = AuthResult & { readonly discovery?: BearerDiscovery };

/** What a connection gives to the sign-ins on it. */
export interface SaslConnection {
  /** Asked for once an exchange begins, and for what is offered. */
  readonly authority: SaslAuthority;
  /** Whether a password may cross the wire as it is: the connection is encrypted, or loopback and set so. */
  readonly allowsPlaintext: boolean;
  /** Absent without TLS: then nothing can be bound to the connection. */
  readonly bindChannel?: BindChannel;
  readonly random: Random;
}

/** What binds an exchange to its TLS connection (RFC 5056), by the binding's registered name; undefined if it cannot be had. */
export type BindChannel = (name: string) => Buffer | undefined;

export type SaslFailureReason =
  | AuthRefusal
  /** The client broke the mechanism's or the line's syntax. Permanent. */
  | 'malformed'
  /** The client sent `*`. */
  | 'cancelled';

export type SaslOutcome =
  | Extract<AuthResult, { ok: true }>
  | (Omit<AuthRefused, 'reason'> & { readonly reason: SaslFailureReason });

export type SaslFailure = Exclude<SaslOutcome, { ok: true }>;

/** What a mechanism asks for, and (`answers`) what it is resumed with. */
export type SaslRequest =
  | { readonly kind: 'response'; readonly challenge: Buffer }
  | { readonly kind: 'verifyPassword'; readonly login: string; readonly password: string; readonly authzid: string }
  | { readonly kind: 'beginScram'; readonly login: string; readonly authzid: string }
  | { readonly kind: 'finishScram'; readonly attempt: ScramAttempt; readonly fitting: number }
  | { readonly kind: 'bearer'; readonly token: string; readonly authzid: string };

export type SaslAnswer = Buffer | AuthResult | ScramAttempt | BearerResult;

export type SaslScript<Result = SaslOutcome> = Generator<SaslRequest, Result, SaslAnswer>;

export type SaslContext = Pick<SaslConnection, 'random' | 'bindChannel'>;

export interface SaslMechanism {
  /** As advertised: upper case. */
  readonly name: string;
  /** Whether a password or token crosses the wire: then only over TLS (or on loopback, as set). */
  readonly plaintext: boolean;
  /** What the connection must have for it to be offered: an authority for tokens, TLS to bind to. */
  readonly needs?: 'bearer' | 'channelBinding';
  run(context: SaslContext): SaslScript;
}

export const malformed: SaslOutcome = { ok: false, reason: 'malformed' };

/** Sends a challenge and waits for the client's response. */
export function* receive(challenge: Buffer): SaslScript<Buffer> {
  return (yield { kind: 'response', challenge }) as Buffer;
}

export function* verifyPassword(login: string, password: string, authzid: string): SaslScript<AuthResult> {
  return (yield { kind: 'verifyPassword', login, password, authzid }) as AuthResult;
}

export function* beginScram(login: string, authzid: string): SaslScript<ScramAttempt> {
  return (yield { kind: 'beginScram', login, authzid }) as ScramAttempt;
}

export function* judgeBearer(token: string, authzid: string): SaslScript<BearerResult> {
  return (yield { kind: 'bearer', token, authzid }) as BearerResult;
}

export function* finishScram(attempt: ScramAttempt, fitting: number): SaslScript<AuthResult> {
  return (yield { kind: 'finishScram', attempt, fitting }) as AuthResult;
}
