/** What COPY and MOVE have in common: arguments, the target, COPYUID. */
import { bad, no, ok, type ParseContext, type Reply } from './command.ts';
import { decodeMailboxName } from './mailbox-name.ts';
import type { MailAccount } from '#mail/account.ts';
import { MailError } from '#base/errors.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { WHOLE } from '#mail/mailbox-index.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import type { EmailId } from '#mail/types.ts';
import { permittedFlags } from './flags.ts';
import { findMailbox, noPermission, requireRight, sign } from './places.ts';
import type { Place } from './places.ts';
import { formatSet, parseSequenceSet, uidsAt, type SequenceSet } from './sequence-set.ts';
import type { Session } from './session.ts';
import type { ArgumentReader } from './wire/argument-reader.ts';

export interface TransferArgs {
  readonly set: SequenceSet;
  readonly path: string;
  readonly byUid: boolean;
}

export function parseTransfer(input: ArgumentReader, { byUid, utf8 }: ParseContext): TransferArgs {
  input.space();
  const set = parseSequenceSet(input.sequenceSetText());
  input.space();
  return { set, path: decodeMailboxName(input.astring(), utf8), byUid };
}

export async function transfer(
  session: Session,
  { set, path, byUid }: TransferArgs,
  verb: 'copy' | 'move',
): Promise<Reply> {
  const { selected } = session;
  const { account } = selected;
  if (verb === 'move' && !['t', 'e'].every((right) => selected.rights.includes(right))) throw noPermission(account);
  const positions = await selected.resolve(set, byUid);
  if (positions === undefined) return bad('No such message');
  const target = await findMailbox(session, path);
  if (target === undefined) return no('No such mailbox', 'TRYCREATE');
  const { area, row } = requireRight(target, 'i');
  const uids = uidsAt(positions, selected.told);
  if (uids.length === 0) return ok('No messages');
  const gone = byUid ? ok('No messages') : no('The messages are gone', 'EXPUNGEISSUED');
  const act = verb.toUpperCase();
  if (area.account.accountId !== account.accountId) {
    const reply = await transferAway(session, target, uids, verb);
    if (reply === undefined) return gone;
    for (const changed of verb === 'move' ? [account, area.account] : [area.account]) sign(session, changed, act);
    return reply;
  }
  const args = { fromMailboxId: selected.mailboxId, toMailboxId: row.mailboxId, uids };
  if (verb === 'move') {
    if (!(await moveAll(session, args))) return gone;
    sign(session, account, act);
    return ok('Moved');
  }
  // RFC 9051 §6.4.7: all or none, hence one operation.
  const { uidValidity, from, to, modSeq } = await account.copy(args);
  if (from.length === 0) return gone;
  sign(session, account, act);
  // A copy gives the Emails a new modSeq, which only those care about who keep such numbers: no flag has changed.
  await session.tellUpdates({ mayExpunge: true, exceptModSeqs: session.condstore ? [] : [modSeq] });
  return ok('Copied', formatCopyUid(uidValidity, from, to));
}

/** Answers whether any was there to move. Throws when it fails part of the way (RFC 6851 §3.3 lets it), having told what moved. */
async function moveAll(session: Session, args: Parameters<MailAccount['moveInSlices']>[0]): Promise<boolean> {
  let uidValidity = 0;
  const from: number[] = [];
  const to: number[] = [];
  try {
    for await (const moved of session.selected.account.moveInSlices(args)) {
      ({ uidValidity } = moved);
      from.push(...moved.from);
      to.push(...moved.to);
    }
  } finally {
    // RFC 6851 §4.3: before the EXPUNGEs, so that the client knows where they went.
    if (from.length > 0) session.untagged(`OK [${formatCopyUid(uidValidity, from, to)}] Moved`);
  }
  return from.length > 0;
}

function formatCopyUid(uidValidity: number, from: readonly number[], to: readonly number[]): string {
  return `COPYUID ${uidValidity} ${formatSet(from)} ${formatSet(to)}`;
}

/**
 * Into another account: the messages are appended there as they are, with those flags the right for which is there. All
 * or none, as one operation, hence bounded like APPEND (throws `limit`). Undefined when none of them is left.
 */
async function transferAway(
  session: Session,
  { area, row, rights }: Place,
  uids: readonly number[],
  verb: 'copy' | 'move',
): Promise<Reply | undefined> {
  const { selected, limits } = session;
  const { account, index } = selected;
  const turn = session.beginTurn();
  await index.refresh(WHOLE);
  const found = uids.flatMap((uid) => {
    const at = index.list.indexOf(uid);
    return at < 0 ? [] : [{ uid, emailId: index.emailIdAt(at) as EmailId }];
  });
  if (found.length === 0) return undefined;
  const tooMuch = (): MailError => new MailError('limit', 'too much for one transfer into another account');
  if (found.length > MAIL_LIMITS.operationEmails) throw tooMuch();
  const emails = new Map((await account.emails(found.map(({ emailId }) => emailId))).map((row) => [row.emailId, row]));
  let sizeBytes = 0;
  for (const { sizeBytes: octets } of emails.values()) sizeBytes += octets;
  if (sizeBytes > limits.appendBytes) throw tooMuch();
  const items: Parameters<MailAccount['append']>[0]['items'][number][] = [];
  const taken: number[] = [];
  for (const { uid, emailId } of found) {
    const email = emails.get(emailId);
    if (email === undefined) continue;
    const { keywords } = permittedFlags(rights, { keywords: unpackKeywords(email), deleted: false });
    items.push({
      message: area.account.prepareMessage(await account.readMessage(emailId)),
      mailboxes: [row.mailboxId],
      keywords,
      receivedAt: email.receivedAt,
    });
    taken.push(uid);
    if (turn.isOver) await turn.pass();
  }
  const appended = await area.account.append({ items, source: 'imap' });
  const to = appended.emails.map(({ placements }) => placements[0]?.uid as number);
  const code = formatCopyUid(row.uidValidity, taken, to);
  if (verb === 'copy') return ok('Copied', code);
  session.untagged(`OK [${code}] Moved`);
  await account.expunge({ mailboxId: selected.mailboxId, uids: taken, onlyDeleted: false });
  return ok('Moved');
}
