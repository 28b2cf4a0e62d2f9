/** Bringing mail from the system that was here before, as the settings have it. */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { errorText, MailError } from '#base/errors.ts';
import { createImapTrust, openImapConnection } from '#imap/client/connection.ts';
import { Migration } from '#migration/migration.ts';
import type { SaslCredential } from '#sasl/client.ts';
import { ConfigError, type Config } from './config.ts';
import type { System } from './system.ts';

/** Throws ConfigError: no other system is set. `signal`: breaks off what is being connected. */
export function openMigration(system: System, signal: AbortSignal): Migration {
  const { mail, migrationStore: store, config, clock, random, log } = system;
  const { source, tls, ca, masterUser } = config.migration;
  if (source === null) throw new ConfigError('there is no system to bring mail from: set migration.source');
  if (masterUser === '') throw new ConfigError('who opens the mailboxes there? Set migration.master_user');
  const trust = createImapTrust(ca === '' ? [] : [readFileSync(ca, 'utf8')]);
  const { messageBytes } = config.limits;
  return new Migration({
    store,
    mail,
    messageBytes,
    // One process has the embedded store; of others somebody may have a share in the same work.
    isAlone: config.store.url === 'sqlite:',
    async open(login) {
      const { address } = await lookup(source.host).catch((error: unknown) => {
        throw new MailError('unavailable', `${source.host} is not found: ${errorText(error)}`);
      });
      return openImapConnection({
        address,
        port: source.port,
        serverName: source.host,
        tls,
        trust,
        credential: credentialFor(login, config.migration),
        limits: { messageBytes },
        signal,
        clock,
        random,
      });
    },
    clock,
    log,
  });
}

function credentialFor(login: string, settings: Config['migration']): SaslCredential {
  const { masterUser, masterPassword: password, masterSeparator } = settings;
  if (masterSeparator === '') return { login: masterUser, password, actingFor: login };
  return { login: `${login}${masterSeparator}${masterUser}`, password };
}
