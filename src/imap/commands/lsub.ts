/** LSUB (RFC 3501 §6.3.9), gone from IMAP4rev2 but what older clients ask. */
import { defineCommand, ok, SIGNED_IN } from '#imap/command.ts';
import { LIST_PATTERN_CHARS } from '#imap/limits.ts';
import { attributesOf, listSubscribable, pathsAbove, writeListLine } from '#imap/list-entry.ts';
import { decodeMailboxPattern } from '#imap/mailbox-name.ts';
import { MailboxPattern } from '#imap/mailbox-pattern.ts';

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
    const names = await listSubscribable(session);
    const matcher = new MailboxPattern(pattern);
    const above = pathsAbove(names, ({ isSubscribed }) => isSubscribed);
    const turn = session.beginTurn();
    for (const name of names) {
      if (turn.isOver) await turn.pass();
      const { path, isSubscribed } = name;
      // RFC 3501 §6.3.9: with `%`, a level is named for the subscribed ones below it, as one that is not itself.
      const isLevelOnly = !isSubscribed && pattern.endsWith('%') && above.has(path);
      if ((!isSubscribed && !isLevelOnly) || !matcher.matches(path)) continue;
      // In LSUB \Noselect says that alone.
      const attributes = isLevelOnly
        ? ['\\Noselect']
        : attributesOf(name).filter((attribute) => attribute !== '\\Noselect');
      writeListLine(session, 'LSUB', attributes, path);
    }
    return ok('Done');
  },
});
