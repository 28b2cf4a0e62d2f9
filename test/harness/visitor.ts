/** Somebody's browser, as the server sees it: says where it is, keeps its cookies, sends JSON. */
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { CONSENT_VERSION, type StepRefusal } from '#contract/activation.ts';

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  // What came, to be looked at by name.
  readonly body: Readonly<Record<string, unknown>> & Partial<StepRefusal>;
}

export class Visitor {
  readonly base: string;
  readonly cookies = new Map<string, string>();
  readonly #headers: Readonly<Record<string, string>>;

  constructor(base: string, headers: Readonly<Record<string, string>> = {}) {
    this.base = base;
    this.#headers = headers;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Said> {
    const headers = new Headers(init.headers);
    headers.set('sec-fetch-site', 'same-origin');
    headers.set('sec-fetch-mode', 'cors');
    for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(`${this.base}${path}`, { ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as Said['body']) : {},
    };
  }

  get(path: string): Promise<Said> {
    return this.ask(path);
  }

  post(path: string, body: object = {}): Promise<Said> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** A captcha of the server's, solved. */
  async captcha(): Promise<string> {
    const challenge = (await this.get('/auth/captcha')).body as unknown as Parameters<
      typeof solveChallenge
    >[0]['challenge'];
    const solution = await solveChallenge({ challenge, deriveKey });
    return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
  }

  /** The first page of an activation. */
  begin(given: {
    readonly number: string;
    readonly name: string;
    readonly password: string;
    readonly captcha: string;
    readonly school?: string;
    readonly consent?: string;
  }): Promise<Said> {
    return this.post('/activation/begin', { school: 'main', consent: CONSENT_VERSION, ...given });
  }
}
