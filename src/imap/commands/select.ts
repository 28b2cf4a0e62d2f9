/** SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3; RFC 7162 §3.1.8): answered from the mailbox's counters alone. */
import { defineCommand, no, ok, SIGNED_IN, type ImapCommand, type Reply } from '#imap/command.ts';
import { listLine } from '#imap/list-entry.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';
import { requireMailbox } from '#imap/places.ts';
import { SelectedMailbox } from '#imap/selected-mailbox.ts';
import { writeFlagLists } from '#imap/untagged.ts';
import { formatMailboxObjectId } from '#mail/object-id.ts';

/** RFC 4314 §4: who has none of these cannot change what is in a mailbox. */
const CHANGING: readonly string[] = ['s', 'w', 'i', 't', 'e'];

function define(name: 'SELECT' | 'EXAMINE'): ImapCommand {
  return defineCommand({
    name,
    states: SIGNED_IN,
    updates: 'own',
    capabilities: () => ['CONDSTORE'],
    parse(input, { utf8 }) {
      input.space();
      const path = decodeMailboxName(input.astring(), utf8);
      let condstore = false;
      if (input.take(' ')) {
        const parameters = input.listOfSome(() => input.keyword());
        condstore = parameters.includes('CONDSTORE');
        // RFC 4466 §2.1: unknown parameters are BAD.
        if (parameters.some((parameter) => parameter !== 'CONDSTORE')) throw input.error('unknown SELECT parameter');
      }
      return { path, condstore };
    },
    async run(session, { path, condstore }): Promise<Reply> {
      if (session.hasSelected) {
        // Even when the command then fails, nothing is selected (RFC 9051 §6.3.2).
        session.deselect();
        session.untagged('OK [CLOSED] The mailbox selected before is closed');
      }
      if (condstore) session.enableCondstore();
      const place = await requireMailbox(session, path, 'r');
      const { area, rights } = place;
      const { account } = area;
      const isReadOnly = name === 'EXAMINE' || !CHANGING.some((right) => rights.includes(right));
      const find = (): ReturnType<typeof account.mailbox> => account.mailbox(place.row.mailboxId);
      const opened = await SelectedMailbox.open(account, find, { isReadOnly, rights, tellsRecent: !session.rev2 });
      if (opened === undefined) return no('No such mailbox', 'NONEXISTENT');
      const { mailbox, row } = opened;
      session.select(mailbox);
      session.untagged(`${mailbox.count} EXISTS`);
      // RFC 3501 §7.3.2.
      if (!session.rev2) {
        session.untagged(`${mailbox.recentCount} RECENT`);
        const unseen = mailbox.firstUnseen(row);
        if (unseen > 0) session.untagged(`OK [UNSEEN ${unseen}] First unseen`);
      }
      writeFlagLists(session, mailbox);
      session.untagged(`OK [UIDVALIDITY ${row.uidValidity}] UIDs valid`);
      session.untagged(`OK [UIDNEXT ${mailbox.uidNextAtLeast(row.uidNext)}] Predicted next UID`);
      session.untagged(`OK [HIGHESTMODSEQ ${Math.max(1, row.modSeq)}] Highest`);
      session.untagged(`OK [MAILBOXID (${formatMailboxObjectId(account.accountId, row.mailboxId)})] Ok`);
      if (session.rev2) listLine(session, place, await account.mailboxes());
      return isReadOnly ? ok('Selected', 'READ-ONLY') : ok('Selected', 'READ-WRITE');
    },
  });
}

export const select = define('SELECT');
export const examine = define('EXAMINE');
