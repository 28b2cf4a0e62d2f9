/** RENAME (RFC 9051 §6.3.6). */
import { areaOf, isOthersName, noPermission, requireName, rightsToMake, sign } from '#imap/places.ts';
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
    const { area, row } = await requireName(session, from, 'x');
    const target = await areaOf(session, to);
    // From one account into another nothing is renamed, and one's own names are not others'.
    if (target.area.account.accountId !== area.account.accountId || (target.area.isOwn && isOthersName(to)))
      return no('A mailbox stays in its account', 'CANNOT');
    if (!(await rightsToMake(area, target.inner)).includes('k')) throw noPermission(area.account);
    await area.account.renameMailbox({ mailboxId: row.mailboxId, path: target.inner, keepName: true });
    sign(session, area.account, 'RENAME');
    return ok('Renamed');
  },
});
