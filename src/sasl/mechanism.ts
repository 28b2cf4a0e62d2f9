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
    }
  | {
      readonly ok: false;
      readonly reason: AuthRefusal;
      /** With `limited`: when trying again may help. */
      readonly retryAfterMs?: number;
    };

/** One SCRAM exchange under way. */
export interface ScramAttempt {
  /** For an unknown user a made-up one, the same each time, that no proof fits. */
  readonly verifier: ScramVerifier;
  /** To be called once, with whether the client's proof fits the verifier. */
  finish(proofFits: boolean): Promise<AuthResult>;
}

/**
 * Who decides: implemented by directory/, one for each session, so that it knows the peer. Rejects only for bugs and
 * outages. `authzid` is empty when the client named none.
 */
export interface SaslAuthority {
  verifyPassword(login: string, password: string, authzid: string): Promise<AuthResult>;
  beginScram(login: string, authzid: string): Promise<ScramAttempt>;
}

export type SaslFailureReason =
  | AuthRefusal
  /** The client broke the mechanism's or the line's syntax. Permanent. */
  | 'malformed'
  /** The client sent `*`. */
  | 'cancelled';

export type SaslOutcome =
  | Extract<AuthResult, { ok: true }>
  | { readonly ok: false; readonly reason: SaslFailureReason; readonly retryAfterMs?: number };

/** What a mechanism asks for, and (`answers`) what it is resumed with. */
export type SaslRequest =
  | { readonly kind: 'response'; readonly challenge: Buffer }
  | { readonly kind: 'verifyPassword'; readonly login: string; readonly password: string; readonly authzid: string }
  | { readonly kind: 'beginScram'; readonly login: string; readonly authzid: string }
  | { readonly kind: 'finishScram'; readonly attempt: ScramAttempt; readonly proofFits: boolean };

export type SaslAnswer = Buffer | AuthResult | ScramAttempt;

export type SaslScript<Result = SaslOutcome> = Generator<SaslRequest, Result, SaslAnswer>;

export interface SaslContext {
  readonly random: Random;
}

export interface SaslMechanism {
  /** As advertised: upper case. */
  readonly name: string;
  /** Whether the password crosses the wire: then only over TLS (or on loopback, as set). */
  readonly plaintext: boolean;
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

export function* finishScram(attempt: ScramAttempt, proofFits: boolean): SaslScript<AuthResult> {
  return (yield { kind: 'finishScram', attempt, proofFits }) as AuthResult;
}
