/** What COPY and MOVE have in common: arguments, the target, COPYUID. */
import { bad, no, ok, type ParseContext, type Reply } from './command.ts';
import { decodeMailboxName } from './mailbox-name.ts';
import type { MailAccount } from '#mail/account.ts';
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
  const { account, selected } = session;
  const positions = await selected.resolve(set, byUid);
  if (positions === undefined) return bad('No such message');
  const target = await account.findMailbox(path);
  if (target === undefined) return no('No such mailbox', 'TRYCREATE');
  const uids = uidsAt(positions, selected.told);
  if (uids.length === 0) return ok('No messages');
  const args = { fromMailboxId: selected.mailboxId, toMailboxId: target.mailboxId, uids };
  const gone = byUid ? ok('No messages') : no('The messages are gone', 'EXPUNGEISSUED');
  if (verb === 'move') return (await moveAll(session, args)) ? ok('Moved') : gone;
  // RFC 9051 §6.4.7: all or none, hence one operation.
  const { uidValidity, from, to, modSeq } = await account.copy(args);
  if (from.length === 0) return gone;
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
    for await (const moved of session.account.moveInSlices(args)) {
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
