/**
 * SUBSCRIBE and UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8). A name is subscribed to while it is a mailbox's, and stays so
 * when that is gone.
 */
import { findName } from '#imap/places.ts';
import { defineCommand, no, ok, SIGNED_IN, type ImapCommand, type Reply } from '#imap/command.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';

function define(name: string, subscribed: boolean): ImapCommand {
  return defineCommand({
    name,
    states: SIGNED_IN,
    parse(input, { utf8 }) {
      input.space();
      return decodeMailboxName(input.astring(), utf8);
    },
    async run(session, path): Promise<Reply> {
      const place = await findName(session, path);
      if (place?.area.isOwn === false) {
        // They are listed for as long as they are shared.
        return subscribed ? ok('Done') : no('Mailboxes of others are always subscribed to', 'CANNOT');
      }
      const found = place?.row;
      if (found?.subscribed !== subscribed) await session.account.setSubscription({ path, subscribed });
      return ok('Done');
    },
  });
}

export const subscribe = define('SUBSCRIBE', true);
export const unsubscribe = define('UNSUBSCRIBE', false);
