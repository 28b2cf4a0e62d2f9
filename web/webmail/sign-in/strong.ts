/** Strong sign-in as the server's /auth understands it: second steps, passkeys, and what protects an account. Failures are values. */
import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { readRefusal, readSession, type Refused, type Session } from './auth.ts';

export type Step = 'totp' | 'passkey' | 'sms' | 'recovery' | 'password';

/** `dismissed`: the browser's own window was closed, or it knows no passkey of ours. */
export type Failure = Refused | { readonly error: 'dismissed'; readonly retryAfter: 0 };

export interface Factor {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
  /** Address and protocol. */
  readonly usedFrom: string;
}

export const CLIENT_SCOPES = ['imap', 'pop', 'smtp', 'jmap'] as const;
export type ClientScope = (typeof CLIENT_SCOPES)[number];

export interface Security {
  readonly passwordChangedAt: string | null;
  /** Whether a second step may, or must, be set up. */
  readonly secondStep: 'off' | 'optional' | 'required';
  readonly totp: Factor | null;
  readonly passkeys: readonly Factor[];
  readonly sms: { readonly isOn: boolean; readonly phone: string | null };
  readonly recoveryCodesLeft: number;
  readonly devices: readonly Factor[];
  readonly clientPasswords: readonly (Factor & { readonly scopes: readonly ClientScope[] })[];
}

export interface SignInRecord {
  readonly at: string;
  readonly protocol: string;
  readonly address: string;
  readonly place: string;
  readonly userAgent: string;
  readonly outcome: string;
}

export interface BegunTotp {
  readonly secret: string;
  readonly uri: string;
  readonly token: string;
}

export type Said = Readonly<Record<string, unknown>>;

export async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body: object = {}): Promise<Said | Refused> {
  try {
    const answer = await fetch(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) return await readRefusal(answer);
    return answer.status === 204 ? {} : ((await answer.json()) as Said);
  } catch {
    return { error: 'offline', retryAfter: 0 };
  }
}

export function isFailure(said: object): said is Failure {
  return 'error' in said && typeof said.error === 'string';
}

/** Lets the browser show one of the passkeys that the server asked for. */
async function showPasskey(path: string): Promise<Said | Failure> {
  const options = await ask('POST', path);
  if (isFailure(options)) return options;
  try {
    return {
      response: await startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }),
    };
  } catch {
    return { error: 'dismissed', retryAfter: 0 };
  }
}

/** The step that a sign-in waits for. */
export async function finishStep(
  step: { readonly kind: Step; readonly code: string },
  trust: boolean,
): Promise<Session | Failure> {
  const proof = step.kind === 'passkey' ? await showPasskey('/auth/second-step/passkey') : { code: step.code };
  if (isFailure(proof)) return proof;
  const said = await ask('POST', '/auth/second-step', { kind: step.kind, trust, ...proof });
  return isFailure(said) ? said : readSession(said);
}

export async function sendStepCode(): Promise<Failure | undefined> {
  const said = await ask('POST', '/auth/second-step/sms');
  return isFailure(said) ? said : undefined;
}

export async function signInByPasskey(): Promise<Session | Failure> {
  const shown = await showPasskey('/auth/passkey/options');
  if (isFailure(shown)) return shown;
  const said = await ask('POST', '/auth/passkey', shown);
  return isFailure(said) ? said : readSession(said);
}

/** Proves it again, for what follows within ten minutes. */
export async function prove(step: { readonly kind: Step; readonly code: string }): Promise<Failure | undefined> {
  const { kind, code } = step;
  const shown = kind === 'passkey' ? await showPasskey('/auth/proof/passkey') : {};
  if (isFailure(shown)) return shown;
  const said = await ask('POST', '/auth/proof', kind === 'password' ? { password: code } : { kind, code, ...shown });
  return isFailure(said) ? said : undefined;
}

export async function readSecurity(): Promise<Security | Failure> {
  return (await ask('GET', '/auth/security')) as Security | Failure;
}

export async function readHistory(): Promise<readonly SignInRecord[] | undefined> {
  const said = await ask('GET', '/auth/history');
  return isFailure(said) ? undefined : (said['records'] as readonly SignInRecord[]);
}

export async function changePassword(password: string, newPassword: string): Promise<Failure | undefined> {
  const said = await ask('POST', '/auth/password', { password, newPassword });
  return isFailure(said) ? said : undefined;
}

/** `enrol`: in the middle of a sign-in. */
export async function beginTotp(at: 'security' | 'enrol' = 'security'): Promise<BegunTotp | Failure> {
  return (await ask('POST', `/auth/${at}/totp/begin`)) as unknown as BegunTotp | Failure;
}

export async function confirmTotp(token: string, code: string): Promise<Failure | undefined> {
  const said = await ask('POST', '/auth/security/totp', { token, code });
  return isFailure(said) ? said : undefined;
}

export async function addPasskey(name: string): Promise<Failure | undefined> {
  const said = await makePasskey('security', name);
  return isFailure(said) ? said : undefined;
}

async function makePasskey(at: 'security' | 'enrol', name: string): Promise<Said | Failure> {
  const options = await ask('POST', `/auth/${at}/passkeys/begin`);
  if (isFailure(options)) return options;
  let response: object;
  try {
    response = await startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON });
  } catch {
    return { error: 'dismissed', retryAfter: 0 };
  }
  return ask('POST', `/auth/${at}/passkeys`, { name, response });
}

/** Sets up the second step without which nobody is let in, and lets its owner in. `token`: of `beginTotp`. */
export async function enrol(
  step:
    | { readonly kind: 'totp'; readonly token: string; readonly code: string }
    | { readonly kind: 'sms'; readonly code: string }
    | { readonly kind: 'passkey'; readonly name: string },
): Promise<Session | Failure> {
  const { kind, ...given } = step;
  const said = await (step.kind === 'passkey'
    ? makePasskey('enrol', step.name)
    : ask('POST', `/auth/enrol/${kind}`, given));
  return isFailure(said) ? said : readSession(said);
}

export async function sendEnrolCode(): Promise<Failure | undefined> {
  const said = await ask('POST', '/auth/enrol/sms/send');
  return isFailure(said) ? said : undefined;
}

export async function makeRecoveryCodes(): Promise<readonly string[] | Failure> {
  const said = await ask('POST', '/auth/security/recovery-codes');
  return isFailure(said) ? said : (said['codes'] as readonly string[]);
}

export async function makeClientPassword(name: string, scopes: readonly ClientScope[]): Promise<string | Failure> {
  const said = await ask('POST', '/auth/security/client-passwords', { name, scopes });
  return isFailure(said) ? said : String(said['password']);
}

export async function turnSmsOn(): Promise<Failure | undefined> {
  const said = await ask('POST', '/auth/security/sms');
  return isFailure(said) ? said : undefined;
}

/** `path`: under /auth/security/. */
export async function removeFactor(path: string): Promise<Failure | undefined> {
  const said = await ask('DELETE', `/auth/security/${path}`);
  return isFailure(said) ? said : undefined;
}
