/** RENAME (RFC 9051 §6.3.6). */
import { defineCommand, no, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';

export const rename = defineCommand({
  name: 'RENAME',
  states: SIGNED_IN,
  parse(input, { utf8 }) {
    input.space();
    const from = decodeMailboxName(input.astring(), utf8);
    input.space();
    return { from, to: decodeMailboxName(input.astring(), utf8) };
  },
  async run(session, { from, to }): Promise<Reply> {
    const found = await session.account.findName(from);
    if (found === undefined) return no('No such mailbox', 'NONEXISTENT');
    await session.account.renameMailbox({ mailboxId: found.mailboxId, path: to, keepName: true });
    return ok('Renamed');
  },
});
