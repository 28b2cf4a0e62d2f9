/** How the engine asks who somebody is: a port onto sign-in, which app/ fills from directory/. */
import type { SaslAuthority } from '#sasl/mechanism.ts';

/** Who is at the other end, for limits, logs and the list of devices. */
export interface ImapPeer {
  readonly sessionId: string;
  readonly remoteAddress: string;
  readonly localPort: number;
  readonly isSecure: boolean;
  /** The server that the client named when TLS began. */
  readonly serverName: string | undefined;
}

/** One authority a sign-in attempt: it judges LOGIN and every SASL mechanism alike. */
export type Authenticate = (peer: ImapPeer) => SaslAuthority;
