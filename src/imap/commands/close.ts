/** CLOSE (RFC 9051 §6.4.1): removes what is marked \Deleted, silently, unless read-only; nothing is selected afterwards. */
import { defineCommand, ok, parseNothing } from '#imap/command.ts';
import { sign } from '#imap/places.ts';

export const close = defineCommand({
  name: 'CLOSE',
  states: ['selected'],
  updates: 'own',
  parse: parseNothing,
  async run(session) {
    const { account, mailboxId, isReadOnly, rights } = session.selected;
    // RFC 4314 §4: without the right to expunge it only closes.
    if (!isReadOnly && rights.includes('e')) {
      await account.expunge({ mailboxId, onlyDeleted: true, by: session.deleter });
      sign(session, account, 'EXPUNGE');
    }
    session.deselect();
    return ok('Closed');
  },
});
