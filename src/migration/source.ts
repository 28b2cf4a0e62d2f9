/** The system that mail comes from: by IMAP, every mailbox opened by one who may. */
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import {
  createImapTrust,
  openImapConnection,
  type ImapConnection,
  type ImapConnectionOptions,
  type ImapTls,
} from '#imap/client/connection.ts';

export interface SourceSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: ImapTls;
  /** PEM of whom its certificate is to be from, beside those that the system trusts; '' for none. */
  readonly ca: string;
  /** A master user of Dovecot, an administrator of Cyrus. */
  readonly masterUser: string;
  readonly masterPassword: string;
  /** `*` where one signs in as `login*master`; '': as the master user, acting for the login. */
  readonly masterSeparator: string;
  /** Octets of a message that is read. */
  readonly messageBytes: number;
}

export interface SourceSupplies {
  /** A numeric address of the host. Throws `unavailable`. */
  readonly resolve: (host: string) => Promise<string>;
  /** Breaks off what is being connected. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
}

/** Signs in for one login after another. What it answers throws `forbidden`, `unavailable`. */
export function openSource(
  settings: SourceSettings,
  { resolve, signal, clock, random }: SourceSupplies,
): (login: string) => Promise<ImapConnection> {
  const { host, port, tls, ca, messageBytes } = settings;
  const trust = createImapTrust(ca === '' ? [] : [ca]);
  return async (login) =>
    openImapConnection({
      address: await resolve(host),
      port,
      serverName: host,
      tls,
      trust,
      credential: credentialFor(login, settings),
      limits: { messageBytes },
      signal,
      clock,
      random,
    });
}

function credentialFor(login: string, settings: SourceSettings): ImapConnectionOptions['credential'] {
  const { masterUser, masterPassword: password, masterSeparator } = settings;
  if (masterSeparator === '') return { login: masterUser, password, actingFor: login };
  return { login: `${login}${masterSeparator}${masterUser}`, password };
}
