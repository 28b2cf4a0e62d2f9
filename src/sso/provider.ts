/** What a way of single sign-on offers: CAS and OpenID Connect look alike from here. */
import type { SsoFinding } from './cas.ts';

/** What a browser keeps while its user is at the school's sign-in; nothing of it is a secret from that user. */
export interface Started {
  readonly state: string;
  /** OpenID Connect: PKCE's verifier and the nonce; empty for CAS. */
  readonly verifier: string;
  readonly nonce: string;
}

export type Finished = SsoFinding & {
  /** What their server names the session by when it ends it (CAS: the ticket). */
  readonly sessionIndex?: string;
};

export interface SsoProvider {
  /** Where to send the browser. Rejects with `unavailable` when their server does not say. `callback`: our page, absolute. */
  start(callback: string, started: Started): Promise<string>;
  /** `url`: our page as the browser came back to it, with its query. */
  finish(url: URL, callback: string, started: Started): Promise<Finished>;
  /** Where a browser goes to end the session there, too; undefined where that cannot be. */
  logoutUrl(returnTo: string): Promise<string | undefined>;
  /** What a posted form asks to be ended; undefined: it is no such request. */
  readLogout?(form: URLSearchParams): string | undefined;
}
