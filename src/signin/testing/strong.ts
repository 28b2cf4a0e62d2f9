/** Strong sign-in over a small campus and a telephone that tells its codes, and browsers that use it. */
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Directory, DirectorySettings } from '#directory/directory.ts';
import { openCampus, PASSWORD, type ImpatientClock } from '#directory/testing/campus.ts';
import { withServer } from '#http/testing/serve.ts';
import type { SmsStep } from '#signin/second-step.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { openTestSignIn, type TestSignInOptions } from './web-sign-in.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A browser with all its cookies. */
export class Browser {
  readonly #base: string;
  readonly cookies: Map<string, string>;

  constructor(base: string, cookies: ReadonlyMap<string, string> = new Map()) {
    this.#base = base;
    this.cookies = new Map(cookies);
  }

  /** Another, that has stolen everything. */
  clone(): Browser {
    return new Browser(this.#base, this.cookies);
  }

  async ask(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly json: Json }> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        'user-agent': 'Firefox',
        'content-type': 'application/json',
        cookie: [...this.cookies].map((pair) => pair.join('=')).join('; '),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, json: text === '' ? {} : (JSON.parse(text) as Json) };
  }

  async post(path: string, body: unknown = {}): Promise<Json & { readonly status: number }> {
    const { status, json } = await this.ask('POST', path, body);
    return { ...json, status };
  }

  signIn(password = PASSWORD, more: object = {}): Promise<Json & { readonly status: number }> {
    return this.post('/auth/sign-in', { login: 'zhang@kust.edu.cn', password, ...more });
  }

  async isSignedIn(): Promise<boolean> {
    return (await this.ask('GET', '/auth/session')).status === 200;
  }
}

export interface Given {
  readonly directory: Directory;
  readonly zhang: AccountId;
  readonly clock: ImpatientClock;
  readonly open: () => Browser;
  readonly origin: string;
  readonly sent: string[];
  /** Of everybody. */
  readonly phone: { isBound: boolean };
}

export interface StrongOptions extends Pick<TestSignInOptions, 'findPlace' | 'newPlace'> {
  readonly settings?: Partial<DirectorySettings>;
}

export async function withStrong(
  body: (given: Given) => Promise<void>,
  { settings = {}, ...odd }: StrongOptions = {},
): Promise<void> {
  const { directory, zhang, clock } = await openCampus({ factorKey: Buffer.alloc(32, 9), ...settings });
  clock.advance(systemClock.now() - clock.now());
  const store = await openMemoryStore({ clock });
  const sent: string[] = [];
  const phone = { isBound: true };
  const sms: SmsStep = {
    maskedPhone: async () => (phone.isBound ? '138****1234' : undefined),
    sendCode: async () => {
      if (sent.length >= 2) return { retryAfterMs: 60_000 };
      sent.push('135790');
      return 'sent';
    },
    checkCode: async (_, code) => sent.includes(code) && sent.splice(sent.indexOf(code), 1).length > 0,
  };
  const { signIn, sessions } = openTestSignIn({
    directory,
    clock,
    store: store.signin,
    sms,
    captchaAfter: 1000,
    ...odd,
  });
  await withServer({ routes: signIn.routes() }, async ({ base }) => {
    // WebAuthn knows no addresses, only names.
    const origin = base.replace('127.0.0.1', 'localhost');
    await body({ directory, zhang, clock, open: () => new Browser(origin), origin, sent, phone });
  });
  sessions.close();
  await store.close();
}
