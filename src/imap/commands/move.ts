/** MOVE and UID MOVE (RFC 9051 §6.4.8, RFC 6851). */
import { defineCommand, no, type Reply } from '#imap/command.ts';
import { parseTransfer, transfer } from '#imap/transfer.ts';

export const move = defineCommand({
  name: 'MOVE',
  states: ['selected'],
  takesUid: true,
  capabilities: () => ['MOVE'],
  parse: parseTransfer,
  async run(session, args): Promise<Reply> {
    if (session.selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
    return transfer(session, args, 'move');
  },
});
