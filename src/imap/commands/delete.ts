/** DELETE (RFC 9051 §6.3.5): above other mailboxes the name stays, as one that cannot be selected. */
import { defineCommand, no, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';

export const deleteCommand = defineCommand({
  name: 'DELETE',
  states: SIGNED_IN,
  parse(input, { utf8 }) {
    input.space();
    return decodeMailboxName(input.astring(), utf8);
  },
  async run(session, path): Promise<Reply> {
    const found = await session.account.findName(path);
    if (found === undefined) return no('No such mailbox', 'NONEXISTENT');
    await session.account.deleteMailbox({ mailboxId: found.mailboxId, removeEmails: true, keepName: true });
    if (session.hasSelected && session.selected.mailboxId === found.mailboxId) {
      // Its own doing: the session goes on, without a mailbox.
      session.deselect();
      session.untagged('OK [CLOSED] The selected mailbox was deleted');
    }
    return ok('Deleted');
  },
});
