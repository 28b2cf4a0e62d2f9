/** CREATE (RFC 9051 §6.3.4) with a special use (RFC 6154 §3) and MAILBOXID (RFC 8474 §4.2). */
import { inheritRights } from '#imap/acl.ts';
import { areaOf, isOthersName, nearestAbove, noPermission, rightsToMake, sign } from '#imap/places.ts';
import { defineCommand, no, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { roleOfAttribute } from '#imap/list-entry.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';
import { formatMailboxObjectId } from '#mail/object-id.ts';
import type { MailboxRole } from '#mail/types.ts';

export const create = defineCommand({
  name: 'CREATE',
  states: SIGNED_IN,
  capabilities: () => ['CREATE-SPECIAL-USE', 'OBJECTID'],
  parse(input, { utf8 }) {
    input.space();
    const path = decodeMailboxName(input.astring(), utf8);
    const uses: string[] = [];
    if (input.take(' ')) {
      input.listOfSome(() => {
        if (input.keyword() !== 'USE') throw input.error('unknown CREATE parameter');
        input.space();
        uses.push(...input.list(() => input.flag()));
      });
    }
    return { path, uses };
  },
  async run(session, { path, uses }): Promise<Reply> {
    const roles: (MailboxRole | undefined)[] = uses.map(roleOfAttribute);
    if (roles.length > 1 || roles.includes(undefined)) return no('That special use is not possible', 'USEATTR');
    const { area, inner } = await areaOf(session, path);
    const { account } = area;
    if (area.isOwn && isOthersName(path)) return no('That name is kept for mailboxes of others', 'CANNOT');
    const mayMake = (await rightsToMake(area, inner)).includes('k');
    // Who may not know what is there learns nothing by trying.
    if (!mayMake) throw noPermission(account);
    const above = await nearestAbove(account, inner);
    const { mailboxId } = await account.createMailbox({ path: inner, role: roles[0] ?? null });
    sign(session, account, 'CREATE');
    if (above !== undefined) await inheritRights(session, account, above.mailboxId, mailboxId);
    return ok('Created', `MAILBOXID (${formatMailboxObjectId(account.accountId, mailboxId)})`);
  },
});
