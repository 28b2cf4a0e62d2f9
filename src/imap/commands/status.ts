/** STATUS (RFC 9051 §6.3.11). */
import { defineCommand, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';
import { requireMailbox } from '#imap/places.ts';
import { parseStatusItems, STATUS_CAPABILITIES, writeStatus } from '#imap/status-items.ts';

export const status = defineCommand({
  name: 'STATUS',
  states: SIGNED_IN,
  // RFC 9051 §7.5.1 does not forbid EXPUNGE here, but clients ask STATUS between commands with sequence numbers.
  updates: 'noExpunge',
  capabilities: () => STATUS_CAPABILITIES,
  parse(input, { utf8 }) {
    input.space();
    const path = decodeMailboxName(input.astring(), utf8);
    input.space();
    return { path, items: parseStatusItems(input) };
  },
  async run(session, { path, items }): Promise<Reply> {
    await writeStatus(session, await requireMailbox(session, path, 'r'), items);
    return ok('Done');
  },
});
