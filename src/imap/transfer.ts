/** What COPY and MOVE have in common: arguments, the target, COPYUID. */
import { bad, no, ok, type ParseContext, type Reply } from './command.ts';
import { decodeMailboxName } from './mailbox-name.ts';
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
  const { uidValidity, from, to, modSeq } = verb === 'copy' ? await account.copy(args) : await account.move(args);
  if (from.length === 0) return byUid ? ok('No messages') : no('The messages are gone', 'EXPUNGEISSUED');
  const code = `COPYUID ${uidValidity} ${formatSet(from)} ${formatSet(to)}`;
  if (verb === 'copy') {
    // A copy gives the Emails a new modSeq, which only those care about who keep such numbers: no flag has changed.
    await session.tellUpdates({ mayExpunge: true, exceptModSeq: session.condstore ? undefined : modSeq });
    return ok('Copied', code);
  }
  // RFC 6851 §4.3: before the EXPUNGEs, so that the client knows where they went.
  session.untagged(`OK [${code}] Moved`);
  return ok('Moved');
}
