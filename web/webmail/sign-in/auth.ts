/** Signing in and out, as the server's /auth understands it. Failures are values: each has a text of its own. */
import { CONSENT_VERSION, type PasswordProblem } from '#contract/activation.ts';
import type { Step } from './strong.ts';

export interface Session {
  readonly accountId: string;
  readonly login: string;
  readonly name: string;
  /** Nothing else is open before its owner has agreed to the terms, and bound a telephone. */
  readonly owesTerms?: boolean;
  readonly owesPhone?: boolean;
}

export const REFUSALS = [
  'invalidCredentials',
  'captchaRequired',
  'tooManyAttempts',
  'suspended',
  'notActivated',
  'frozen',
  'wrongDoor',
  'passwordChangeRequired',
  'passwordExpired',
  'clientPasswordRequired',
  'archived',
  'archiveEnded',
  'termsRequired',
  'phoneRequired',
  'secondStepRequired',
  'enrolmentRequired',
  /** Said by the page alone: the new password was typed in two ways. */
  'notTheSame',
  'wrongCode',
  'weakPassword',
  'proofRequired',
  'notSignedIn',
  'limit',
  'alreadyExists',
  'unavailable',
  'offline',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface Refused {
  readonly error: Refusal;
  /** Seconds; 0: nobody said. */
  readonly retryAfter: number;
  /** Where its owner can do what is missing. */
  readonly url?: string;
  /** With `wrongDoor` and `archiveEnded`: what the right mail system is called. */
  readonly place?: { readonly title: string; readonly englishTitle: string };
  /** With `secondStepRequired`, `enrolmentRequired` and `proofRequired`: what may be shown or set up, and where a code would go. */
  readonly steps?: readonly Step[];
  readonly phone?: string;
  /** With `weakPassword`: why. */
  readonly faults?: readonly PasswordProblem[];
}

export interface Credentials {
  readonly login: string;
  readonly password: string;
  /** A solved challenge (solve-captcha.ts). */
  readonly captcha?: string;
  /** To be set at once, by who has to. */
  readonly newPassword?: string;
}

export async function signIn(credentials: Credentials): Promise<Session | Refused> {
  let answer: Response;
  try {
    answer = await fetch('/auth/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials),
    });
  } catch {
    return { error: 'offline', retryAfter: 0 };
  }
  return answer.ok ? readSession(await readJson(answer)) : readRefusal(answer);
}

/** What a sign-in that succeeded says. */
export function readSession(said: Readonly<Record<string, unknown>>): Session {
  return remember(sessionOf(said));
}

export async function readRefusal(answer: Response): Promise<Refused> {
  const said = await readJson(answer);
  const texts = <Text extends string>(name: string) =>
    Array.isArray(said[name]) ? { [name]: said[name] as readonly Text[] } : {};
  return {
    error: REFUSALS.find((refusal) => refusal === said['error']) ?? 'unavailable',
    retryAfter: Number(said['retryAfter'] ?? answer.headers.get('retry-after')) || 0,
    ...(typeof said['url'] === 'string' ? { url: said['url'] } : {}),
    ...(isPlace(said['place']) ? { place: said['place'] } : {}),
    ...(typeof said['phone'] === 'string' ? { phone: said['phone'] } : {}),
    ...texts<Step>('steps'),
    ...texts<PasswordProblem>('faults'),
  };
}

/** Where a browser begins the school's own sign-in, on the way to a page of ours. */
export function ssoAddress(next: string): string {
  return next === '/' ? '/auth/sso/start' : `/auth/sso/start?next=${encodeURIComponent(next)}`;
}

/** Whoever is to link a mailbox to the school's own sign-in (src/sso/sso.ts). */
export interface PendingLink {
  readonly number: string;
  readonly name: string;
  /** What the help desk asks for. */
  readonly ticketId: string;
  /** False: the roster has no such person. */
  readonly canLink: boolean;
  /** Where to go once that is done: a page of ours. */
  readonly next: string;
}

/** Undefined: nobody, or too long ago. */
export async function readPendingLink(): Promise<PendingLink | undefined> {
  const answer = await fetch('/auth/sso/pending').catch(() => undefined);
  return answer?.ok === true ? ((await answer.json()) as PendingLink) : undefined;
}

/** Why a mailbox was not linked, beside what every sign-in may be refused for. */
export const LINK_TROUBLES = ['expired', 'unknown', 'linked'] as const;

export interface LinkRefused extends Omit<Refused, 'error'> {
  readonly error: Refusal | (typeof LINK_TROUBLES)[number];
}

/** Undefined: it is linked, and this browser signed in. */
export function linkMailbox(credentials: Credentials): Promise<LinkRefused | undefined> {
  return link('/auth/sso/link', credentials);
}

/** The same for the mailbox that this browser has signed in to just now, by a second step. */
export function linkSession(): Promise<LinkRefused | undefined> {
  return link('/auth/sso/link-session', {});
}

async function link(path: string, body: object): Promise<LinkRefused | undefined> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(path, init).catch(() => undefined);
  if (answer === undefined) return { error: 'offline', retryAfter: 0 };
  if (answer.ok) return undefined;
  const refused = await readRefusal(answer.clone());
  const said = await readJson(answer);
  return { ...refused, error: LINK_TROUBLES.find((trouble) => trouble === said['error']) ?? refused.error };
}

/** Who is signed in with this browser; without a network who was last; undefined: nobody; `offline`: not known. */
export async function currentSession(): Promise<Session | 'offline' | undefined> {
  try {
    const answer = await fetch('/auth/session');
    if (answer.status === 401) {
      localStorage.removeItem(STORED_AS);
      return undefined;
    }
    const said = await readJson(answer);
    if (answer.ok && typeof said['accountId'] === 'string') return remember(sessionOf(said));
  } catch {
    // No network.
  }
  return remembered() ?? 'offline';
}

/** Its owner agrees to the text that this page shows; undefined: it could not be said. */
export async function agreeToTerms(): Promise<Session | undefined> {
  const answer = await fetch('/auth/terms', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ version: CONSENT_VERSION }),
  }).catch(() => undefined);
  return answer?.ok === true ? readSession(await readJson(answer)) : undefined;
}

const STORED_AS = 'campusmail.session';

/** So that mail that was read here can be read without a network. No secret: that is in the cookie. */
function remember(session: Session): Session {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(session));
  } catch {
    // No storage: no reading without a network.
  }
  return session;
}

function remembered(): Session | undefined {
  try {
    return sessionOf(JSON.parse(localStorage.getItem(STORED_AS) ?? '') as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

export async function signOut(): Promise<void> {
  localStorage.removeItem(STORED_AS);
  await fetch('/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
}

/** A browser that is signed in. */
export interface OpenSession {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly createdAt: Date;
  readonly usedAt: Date;
  /** Numeric, where it was used last. */
  readonly address: string;
  readonly userAgent: string;
}

/** The newest use first; undefined: could not be told. */
export async function listSessions(): Promise<readonly OpenSession[] | undefined> {
  try {
    const answer = await fetch('/auth/sessions');
    if (!answer.ok) return undefined;
    const { sessions } = (await answer.json()) as {
      readonly sessions: readonly (Omit<OpenSession, 'createdAt' | 'usedAt'> & {
        readonly createdAt: string;
        readonly usedAt: string;
      })[];
    };
    return sessions
      .map((one) => ({ ...one, createdAt: new Date(one.createdAt), usedAt: new Date(one.usedAt) }))
      .toSorted((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
  } catch {
    return undefined;
  }
}

/** Signs another browser out; `false`: it could not be. */
export async function endSession(id: string): Promise<boolean> {
  try {
    const answer = await fetch(`/auth/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
    return answer.ok || answer.status === 404;
  } catch {
    return false;
  }
}

/** Signs out all browsers, this one too. */
export async function signOutEverywhere(): Promise<boolean> {
  try {
    const answer = await fetch('/auth/sign-out-everywhere', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    return answer.ok;
  } catch {
    return false;
  }
}

function isPlace(value: unknown): value is NonNullable<Refused['place']> {
  const { title, englishTitle } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof title === 'string' && typeof englishTitle === 'string';
}

async function readJson(answer: Response): Promise<Record<string, unknown>> {
  try {
    return (await answer.json()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function sessionOf(said: Readonly<Record<string, unknown>>): Session {
  const text = (name: string) => (typeof said[name] === 'string' ? said[name] : '');
  const session = { accountId: text('accountId'), login: text('login'), name: text('name') };
  const owed = (['owesTerms', 'owesPhone'] as const).filter((name) => said[name] === true);
  return { ...session, ...Object.fromEntries(owed.map((name) => [name, true])) };
}
