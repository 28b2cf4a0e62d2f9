/** A program that wants to be let in: it makes its PKCE pair, asks by an address, and exchanges what comes back. */
import { createHash } from 'node:crypto';
import { systemRandom } from '#base/random.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly said: Readonly<Record<string, unknown>>;
}

export class Program {
  readonly verifier = systemRandom.bytes(32).toString('base64url');
  readonly state = systemRandom.bytes(8).toString('base64url');
  readonly base: string;
  readonly clientId: string;
  readonly redirectUri: string;

  constructor(base: string, clientId: string, redirectUri: string) {
    this.base = base;
    this.clientId = clientId;
    this.redirectUri = redirectUri;
  }

  /** The query of the page's address; '' takes a parameter out. */
  query(scope: string, changed: Readonly<Record<string, string>> = {}): string {
    const parameters = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      scope,
      state: this.state,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changed,
    };
    const given = Object.entries(parameters).filter(([, value]) => value !== '');
    return new URLSearchParams(given).toString();
  }

  redeem(code: string, changed: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.post('/oauth/token', {
      grant_type: 'authorization_code',
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
      code,
      ...changed,
    });
  }

  refresh(refreshToken: string, changed: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const form = { grant_type: 'refresh_token', client_id: this.clientId, refresh_token: refreshToken };
    return this.post('/oauth/token', { ...form, ...changed });
  }

  revoke(token: string): Promise<Answered> {
    return this.post('/oauth/revoke', { client_id: this.clientId, token });
  }

  post(path: string, form: Readonly<Record<string, string>> | string): Promise<Answered> {
    return ask(this.base + path, { method: 'POST', body: new URLSearchParams(form) });
  }
}

/** Asks, and reads what is said as JSON where there is any. */
export async function ask(url: string, init?: RequestInit): Promise<Answered> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, said: isJson ? JSON.parse(text) : {} };
}
