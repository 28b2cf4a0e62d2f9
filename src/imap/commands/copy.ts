/** COPY and UID COPY (RFC 9051 §6.4.7) with COPYUID (RFC 4315 §3). */
import { defineCommand, type Reply } from '#imap/command.ts';
import { parseTransfer, transfer } from '#imap/transfer.ts';

export const copy = defineCommand({
  name: 'COPY',
  states: ['selected'],
  takesUid: true,
  parse: parseTransfer,
  run: (session, args): Promise<Reply> => transfer(session, args, 'copy'),
});
