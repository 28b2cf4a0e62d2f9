/** LSUB (RFC 3501 §6.3.9), gone from IMAP4rev2 but what older clients ask. */
import { defineCommand, ok, SIGNED_IN } from '#imap/command.ts';
import { LIST_PATTERN_CHARS } from '#imap/limits.ts';
import { attributesOf, parentsOf, writeListLine } from '#imap/list-entry.ts';
import { decodeMailboxPattern } from '#imap/mailbox-name.ts';
import { MailboxPattern } from '#imap/mailbox-pattern.ts';
import { ancestorsOf } from './list.ts';

export const lsub = defineCommand({
  name: 'LSUB',
  states: SIGNED_IN,
  parse(input, { utf8 }) {
    input.space();
    const reference = decodeMailboxPattern(input.astring(), utf8);
    input.space();
    const pattern = reference + decodeMailboxPattern(input.listMailbox(), utf8);
    if (pattern.length > LIST_PATTERN_CHARS) throw input.error('the pattern is too long');
    return pattern;
  },
  async run(session, pattern) {
    const mailboxes = await session.account.mailboxes();
    const parents = parentsOf(mailboxes);
    const matcher = new MailboxPattern(pattern);
    const above = ancestorsOf(mailboxes, (row) => row.subscribed);
    const turn = session.beginTurn();
    for (const row of mailboxes) {
      if (turn.isOver) await turn.pass();
      // RFC 3501 §6.3.9: with `%`, a level is named for the subscribed ones below it, as one that is not itself.
      const isLevelOnly = !row.subscribed && pattern.endsWith('%') && above.has(row.mailboxId);
      if ((!row.subscribed && !isLevelOnly) || !matcher.matches(row.path)) continue;
      writeListLine(session, 'LSUB', isLevelOnly ? ['\\Noselect'] : attributesOf(row, parents), row.path);
    }
    return ok('Done');
  },
});
