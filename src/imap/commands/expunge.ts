/** EXPUNGE (RFC 9051 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1). */
import { defineCommand, no, ok, type Reply } from '#imap/command.ts';
import { noPermission, sign } from '#imap/places.ts';
import { parseSequenceSet, uidsAt, type SequenceSet } from '#imap/sequence-set.ts';

export const expunge = defineCommand({
  name: 'EXPUNGE',
  states: ['selected'],
  takesUid: true,
  capabilities: () => ['UIDPLUS'],
  parse(input, { byUid }): SequenceSet | undefined {
    if (!byUid) return undefined;
    input.space();
    return parseSequenceSet(input.sequenceSetText());
  },
  async run(session, set): Promise<Reply> {
    const { selected } = session;
    const { account } = selected;
    if (selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
    if (!selected.rights.includes('e')) throw noPermission(account);
    const { mailboxId } = selected;
    if (set === undefined) {
      await account.expunge({ mailboxId, onlyDeleted: true });
    } else {
      const positions = (await selected.resolve(set, true)) ?? [];
      const uids = uidsAt(positions, selected.told);
      if (uids.length > 0) await account.expunge({ mailboxId, uids, onlyDeleted: true });
    }
    sign(session, account, 'EXPUNGE');
    return ok('Expunged');
  },
});
