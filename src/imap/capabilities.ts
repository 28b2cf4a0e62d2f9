/** What CAPABILITY says, gathered from the registries, and from here what belongs to no single command. */
import type { Session } from './session.ts';
import { listCommands } from './registry.ts';
import { fetchItemCapabilities } from './fetch-items/registry.ts';

/** Separated by spaces, as the session stands now. */
export function listCapabilities(session: Session): string {
  const names = new Set(['IMAP4rev1', 'IMAP4rev2', 'LITERAL+', 'SASL-IR']);
  for (const command of listCommands()) for (const name of command.capabilities?.(session) ?? []) names.add(name);
  for (const name of fetchItemCapabilities) names.add(name);
  return [...names].join(' ');
}
