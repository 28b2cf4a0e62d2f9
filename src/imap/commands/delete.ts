/** DELETE (RFC 9051 §6.3.5): above other mailboxes the name stays, as one that cannot be selected. */
import { requireName, sign } from '#imap/places.ts';
import { defineCommand, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';

export const deleteCommand = defineCommand({
  name: 'DELETE',
  states: SIGNED_IN,
  parse(input, { utf8 }) {
    input.space();
    return decodeMailboxName(input.astring(), utf8);
  },
  async run(session, path): Promise<Reply> {
    const { area, row } = await requireName(session, path, 'x');
    const { mailboxId } = row;
    await area.account.deleteMailbox({ mailboxId, removeEmails: true, keepName: true, by: session.deleter });
    sign(session, area.account, 'DELETE');
    if (
      session.hasSelected &&
      session.selected.account.accountId === area.account.accountId &&
      session.selected.mailboxId === row.mailboxId
    ) {
      // Its own doing: the session goes on, without a mailbox.
      session.deselect();
      session.untagged('OK [CLOSED] The selected mailbox was deleted');
    }
    return ok('Deleted');
  },
});
