/** APPEND (RFC 9051 §6.3.12) of one or several messages (RFC 3502), UTF-8 ones too (RFC 6855 §4). */
import { isMailError } from '#base/errors.ts';
import { defineCommand, no, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { parseDateTime } from '#imap/date-time.ts';
import { permittedFlags, readFlags, type FlagList } from '#imap/flags.ts';
import { findHeaderEnd } from '#imap/header-end.ts';
import { decodeMailboxName } from '#imap/mailbox-name.ts';
import { findMailbox, requireRight, sign } from '#imap/places.ts';
import { formatSet } from '#imap/sequence-set.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';

interface AppendedMessage {
  readonly flags: FlagList;
  readonly receivedAt: number | undefined;
  readonly octets: Buffer;
}

export const append = defineCommand({
  name: 'APPEND',
  states: SIGNED_IN,
  capabilities: (session) => ['MULTIAPPEND', `APPENDLIMIT=${session.limits.messageBytes}`],
  parse(input, { utf8 }) {
    input.space();
    const path = decodeMailboxName(input.astring(), utf8);
    const messages: AppendedMessage[] = [];
    do {
      input.space();
      messages.push(parseMessage(input));
    } while (input.peek() === 0x20 && !input.isAtEnd);
    return { path, messages };
  },
  async run(session, { path, messages }): Promise<Reply> {
    // RFC 9051 §6.3.12: a zero-length literal is a client that changed its mind.
    if (messages.some(({ octets }) => octets.length === 0)) return no('An empty message is not stored', 'CANNOT');
    const { headerBytes } = session.limits;
    const isHeaderTooLong = ({ octets }: AppendedMessage): boolean =>
      findHeaderEnd(octets.subarray(0, headerBytes), octets.length <= headerBytes) < 0;
    if (messages.some(isHeaderTooLong)) {
      return no(`The header section is longer than ${headerBytes} octets`, 'TOOBIG');
    }
    const target = await findMailbox(session, path);
    if (target === undefined) return no('No such mailbox', 'TRYCREATE');
    const { area, row, rights } = requireRight(target, 'i');
    const { account } = area;
    const { mailboxId, uidValidity } = row;
    const turn = session.beginTurn();
    const items: Parameters<typeof account.append>[0]['items'][number][] = [];
    for (const { octets, flags: asked, receivedAt } of messages) {
      const flags = permittedFlags(rights, asked);
      items.push({
        message: account.prepareMessage(octets),
        mailboxes: [mailboxId],
        keywords: flags.keywords,
        deleted: flags.deleted,
        ...(receivedAt === undefined ? {} : { receivedAt }),
      });
      if (turn.isOver) await turn.pass();
    }
    try {
      const { emails } = await account.append({ items, source: 'imap' });
      sign(session, account, 'APPEND');
      const uids = emails.map(({ placements }) => placements[0]?.uid as number);
      return ok('Appended', `APPENDUID ${uidValidity} ${formatSet(uids)}`);
    } catch (error) {
      if (isMailError(error, 'notFound')) return no('No such mailbox', 'TRYCREATE');
      throw error;
    }
  },
});

function parseMessage(input: ArgumentReader): AppendedMessage {
  let flags: FlagList = { keywords: [], deleted: false };
  let receivedAt: number | undefined;
  if (input.peek() === 0x28) {
    flags = readFlags(input.list(() => input.flag()));
    input.space();
  }
  if (input.peek() === 0x22) {
    receivedAt = parseDateTime(input.string().toString('latin1'));
    if (receivedAt === undefined) throw input.error('the date and time cannot be read');
    input.space();
  }
  if (input.takeKeyword('UTF8')) {
    input.space();
    input.expect('(');
    const octets = input.message();
    input.expect(')');
    return { flags, receivedAt, octets };
  }
  return { flags, receivedAt, octets: input.message() };
}
