/** Bringing mail from the system that was here before, as the settings have it. */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { errorText, MailError } from '#base/errors.ts';
import { Migration } from '#migration/migration.ts';
import { openSource } from '#migration/source.ts';
import { CommandFailure, EXIT } from './command.ts';
import { isShared } from './storage.ts';
import type { System } from './system.ts';

/** Throws CommandFailure: no other system is set. `signal`: breaks off what is being connected. */
export function openMigration(system: System, signal: AbortSignal): Migration {
  const { mail, migrationStore: store, config, clock, random, log } = system;
  const { source, ca, masterUser } = config.migration;
  const { messageBytes } = config.limits;
  const quotaBytes = config.limits.quotaBytes || null;
  if (source === null)
    throw new CommandFailure('there is no system to bring mail from: set migration.source', EXIT.config);
  if (masterUser === '')
    throw new CommandFailure('who opens the mailboxes there? Set migration.master_user', EXIT.config);
  const settings = { ...config.migration, ...source, ca: ca === '' ? '' : readFileSync(ca, 'utf8'), messageBytes };
  const open = openSource(settings, { resolve, signal, clock, random });
  // Of a shared store somebody else may have a share in the same work.
  return new Migration({ store, mail, open, messageBytes, quotaBytes, isAlone: !isShared(config), clock, log });
}

async function resolve(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new MailError('unavailable', `${host} is not found: ${errorText(error)}`);
  }
}
