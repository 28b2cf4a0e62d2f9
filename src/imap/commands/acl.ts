/** GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS (RFC 4314 §3): who may do what with a mailbox. */
import { MailError } from '#base/errors.ts';
import { changeRights, formatRights, keepRights, parseRights } from '#imap/acl.ts';
import { defineCommand, ok, SIGNED_IN, type ParseContext, type Reply } from '#imap/command.ts';
import { decodeMailboxName, writeMailboxName } from '#imap/mailbox-name.ts';
import type { AclEntry, OthersMail } from '#imap/others.ts';
import { ALL_RIGHTS, requireMailbox } from '#imap/places.ts';
import type { Place } from '#imap/places.ts';
import type { Session } from '#imap/session.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';

/** RFC 4314 §2.2: the rights beside those of RFC 2086. */
const CAPABILITIES: readonly string[] = ['ACL', 'RIGHTS=kxte'];

export const getacl = defineCommand({
  name: 'GETACL',
  states: SIGNED_IN,
  capabilities: (session) => (session.surroundings.others === undefined ? [] : CAPABILITIES),
  parse: readMailbox,
  async run(session, path): Promise<Reply> {
    const { others, place } = await requireAdministered(session, path);
    begin(session, 'ACL', place);
    for (const { identifier, rights } of await others.aclOf(place.area.account.accountId, place.row.mailboxId))
      writeEntry(session, identifier, formatRights(rights));
    session.out.crlf();
    return ok('Done');
  },
});

export const setacl = defineCommand({
  name: 'SETACL',
  states: SIGNED_IN,
  parse(input, context) {
    const target = readIdentifier(input, context);
    input.space();
    const change = input.text();
    // BAD, before anything is looked up.
    parseRights(change.replace(/^[+-]/, ''));
    return { ...target, change };
  },
  run: (session, { path, identifier, change }): Promise<Reply> =>
    setRights(session, path, identifier, ({ rights }) => changeRights(rights, change)),
});

export const deleteacl = defineCommand({
  name: 'DELETEACL',
  states: SIGNED_IN,
  parse: readIdentifier,
  run: (session, { path, identifier }): Promise<Reply> => setRights(session, path, identifier, () => ''),
});

export const listrights = defineCommand({
  name: 'LISTRIGHTS',
  states: SIGNED_IN,
  parse: readIdentifier,
  async run(session, { path, identifier }): Promise<Reply> {
    const { others, place } = await requireAdministered(session, path);
    const { always } = await requireEntry(others, place, identifier);
    const optional = keepRights((right) => !always.includes(right));
    begin(session, 'LISTRIGHTS', place);
    writeEntry(session, identifier, always === '' ? '""' : always);
    // Each by itself, for none needs another.
    session.out.ascii(optional === '' ? '' : ` ${optional.split('').join(' ')}`);
    session.out.crlf();
    return ok('Done');
  },
});

export const myrights = defineCommand({
  name: 'MYRIGHTS',
  states: SIGNED_IN,
  parse: readMailbox,
  async run(session, path): Promise<Reply> {
    const place = await requireMailbox(session, path, '');
    begin(session, 'MYRIGHTS', place);
    session.out.ascii(` ${formatRights(place.rights)}`);
    session.out.crlf();
    return ok('Done');
  },
});

function readMailbox(input: ArgumentReader, { utf8 }: ParseContext): string {
  input.space();
  return decodeMailboxName(input.astring(), utf8);
}

function readIdentifier(
  input: ArgumentReader,
  context: ParseContext,
): { readonly path: string; readonly identifier: string } {
  const path = readMailbox(input, context);
  input.space();
  return { path, identifier: input.text() };
}

/** Throws `notFound`, `forbidden`. */
async function requireAdministered(
  session: Session,
  path: string,
): Promise<{ readonly others: OthersMail; readonly place: Place }> {
  const { others } = session.surroundings;
  if (others === undefined) throw new MailError('forbidden', 'nothing is shared here');
  return { others, place: await requireMailbox(session, path, 'a') };
}

async function requireEntry(others: OthersMail, { area, row }: Place, identifier: string): Promise<AclEntry> {
  const entry = await others.entryFor(area.account.accountId, row.mailboxId, identifier);
  if (entry === undefined) throw new MailError('notFound', 'nobody here has that address');
  return entry;
}

async function setRights(
  session: Session,
  path: string,
  identifier: string,
  change: (entry: AclEntry) => string,
): Promise<Reply> {
  const { others, place } = await requireAdministered(session, path);
  const entry = await requireEntry(others, place, identifier);
  if (entry.always === ALL_RIGHTS) throw new MailError('forbidden', 'its rights cannot be changed');
  const { account } = place.area;
  const keeps = (await account.mailboxes()).map(({ mailboxId }) => mailboxId);
  await others.setRights({
    accountId: account.accountId,
    mailboxId: place.row.mailboxId,
    identifier,
    rights: change(entry),
    keeps,
    by: session.self,
  });
  return ok('Done');
}

function begin(session: Session, response: string, { path }: Place): void {
  session.out.ascii(`* ${response} `);
  writeMailboxName(session.out, path, session.utf8);
}

function writeEntry({ out, utf8 }: Session, identifier: string, rights: string): void {
  out.octet(0x20);
  out.string(identifier, utf8);
  out.ascii(` ${rights}`);
}
