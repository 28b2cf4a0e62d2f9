/** Signing in and out, as the server's /auth understands it. Failures are values: each has a text of its own. */

export interface Session {
  readonly accountId: string;
  readonly login: string;
  readonly name: string;
}

export const REFUSALS = [
  'invalidCredentials',
  'captchaRequired',
  'tooManyAttempts',
  'suspended',
  'unavailable',
  'offline',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface Refused {
  readonly error: Refusal;
  /** Seconds; 0: nobody said. */
  readonly retryAfter: number;
}

export interface Credentials {
  readonly login: string;
  readonly password: string;
  /** A solved challenge (solve-captcha.ts). */
  readonly captcha?: string;
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
  const said = await readJson(answer);
  if (answer.ok && typeof said['accountId'] === 'string') return sessionOf(said);
  const error = REFUSALS.find((refusal) => refusal === said['error']) ?? 'unavailable';
  return { error, retryAfter: Number(said['retryAfter'] ?? answer.headers.get('retry-after')) || 0 };
}

/** Who is signed in with this browser; undefined: nobody; `offline`: not known. */
export async function currentSession(): Promise<Session | 'offline' | undefined> {
  try {
    const answer = await fetch('/auth/session');
    if (answer.status === 401) return undefined;
    const said = await readJson(answer);
    return answer.ok && typeof said['accountId'] === 'string' ? sessionOf(said) : 'offline';
  } catch {
    return 'offline';
  }
}

export async function signOut(): Promise<void> {
  await fetch('/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
}

async function readJson(answer: Response): Promise<Record<string, unknown>> {
  try {
    return (await answer.json()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function sessionOf(said: Record<string, unknown>): Session {
  const text = (name: string) => (typeof said[name] === 'string' ? said[name] : '');
  return { accountId: text('accountId'), login: text('login'), name: text('name') };
}
