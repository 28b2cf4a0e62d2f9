/**
 * The client's side of CAS (protocol 3.0.3): where people are sent, and who a ticket says they are. Schools differ in their
 * paths and in which attribute holds the number, so both are set. Keeps nothing.
 */
import { isTicket, readCasAnswer } from './cas-answer.ts';
import { SSO_LIMITS } from './limits.ts';

export interface CasSettings {
  /** `https://cas.example.edu/authserver`, without a slash at its end. */
  readonly baseUrl: string;
  readonly loginPath: string;
  /** `/serviceValidate` (2.0) or `/p3/serviceValidate` (3.0): either may give attributes. */
  readonly validatePath: string;
  readonly logoutPath: string;
  /** Attributes that may hold 工号 or 学号: the first that is there counts. `user`: the name itself. */
  readonly numberAttributes: readonly string[];
  readonly nameAttributes: readonly string[];
}

/** One question to a server that was set, by GET. Never rejects. */
export type AskServer = (
  url: string,
  limits: { readonly maxOctets: number; readonly timeoutMs: number },
) => Promise<{ readonly status: number; readonly text: string } | { readonly failed: string }>;

/** Whom the school's sign-in names. */
export interface SsoSubject {
  /** 工号 or 学号 as it was told. */
  readonly number: string;
  /** Empty: not told. */
  readonly name: string;
}

export type SsoFinding =
  | { readonly kind: 'known'; readonly subject: SsoSubject }
  /** Not a ticket, used before, too old, for another page: sign in anew. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The server does not answer, or not as CAS does. */
  | { readonly kind: 'unavailable'; readonly why: string };

export class CasClient {
  readonly #settings: CasSettings;
  readonly #ask: AskServer;

  constructor(settings: CasSettings, ask: AskServer) {
    this.#settings = settings;
    this.#ask = ask;
  }

  /** §2.1: where a browser goes to sign in, to come back to `service`. */
  loginUrl(service: string): string {
    return this.#url(this.#settings.loginPath, { service });
  }

  /** §2.3: where it goes to sign out everywhere. */
  logoutUrl(service: string): string {
    return this.#url(this.#settings.logoutPath, { service });
  }

  /** §2.5, §2.8. `service`: octet for octet what the browser was sent away with. A ticket is good once. */
  async validate(ticket: string, service: string): Promise<SsoFinding> {
    if (!isTicket(ticket)) return { kind: 'refused', why: 'not a ticket' };
    const url = this.#url(this.#settings.validatePath, { service, ticket });
    const said = await this.#ask(url, { maxOctets: SSO_LIMITS.answerBytes, timeoutMs: SSO_LIMITS.answerMs });
    if ('failed' in said) return { kind: 'unavailable', why: said.failed };
    if (said.status !== 200) return { kind: 'unavailable', why: `answered ${said.status}` };
    const answer = readCasAnswer(said.text);
    switch (answer.kind) {
      case 'malformed':
        return { kind: 'unavailable', why: answer.why };
      case 'failure':
        return answer.code === 'INTERNAL_ERROR'
          ? { kind: 'unavailable', why: answer.code }
          : { kind: 'refused', why: answer.code };
      case 'success': {
        const { user, attributes } = answer;
        const find = (names: readonly string[]): string | undefined =>
          names
            .map((name) => (name === 'user' ? user : attributes.get(name)?.[0]))
            .find((value) => value !== undefined);
        const number = find(this.#settings.numberAttributes);
        if (number === undefined) return { kind: 'unavailable', why: 'no attribute holds a number' };
        return { kind: 'known', subject: { number, name: find(this.#settings.nameAttributes) ?? '' } };
      }
    }
  }

  #url(path: string, query: Readonly<Record<string, string>>): string {
    const { baseUrl } = this.#settings;
    return `${baseUrl}${path}?${new URLSearchParams(query).toString()}`;
  }
}
