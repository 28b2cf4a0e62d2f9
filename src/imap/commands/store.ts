/** STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import { noPermission, sign } from '#imap/places.ts';
import { bad, defineCommand, no, ok, type Reply } from '#imap/command.ts';
import { FLAG_RIGHTS, permittedFlags, readFlags, type FlagList } from '#imap/flags.ts';
import { WRITE_BURST_BYTES } from '#imap/limits.ts';
import { formatSet, parseSequenceSet, uidsAt, type SequenceSet } from '#imap/sequence-set.ts';
import type { SelectedMailbox } from '#imap/selected-mailbox.ts';
import type { Session } from '#imap/session.ts';
import { writeModSeq } from '#imap/untagged.ts';
import type { KeywordChange } from '#mail/keywords.ts';

interface StoreArgs {
  readonly set: SequenceSet;
  readonly byUid: boolean;
  readonly change: KeywordChange;
  readonly isSilent: boolean;
  readonly flags: FlagList;
  readonly unchangedSince: number | undefined;
}

const CHANGES: Readonly<Record<string, KeywordChange>> = { '': 'replace', '+': 'add', '-': 'remove' };

export const store = defineCommand<StoreArgs>({
  name: 'STORE',
  states: ['selected'],
  takesUid: true,
  updates: 'own',
  parse(input, { byUid }) {
    input.space();
    const set = parseSequenceSet(input.sequenceSetText());
    input.space();
    let unchangedSince: number | undefined;
    if (input.peek() === 0x28) {
      input.listOfSome(() => {
        if (input.keyword() !== 'UNCHANGEDSINCE') throw input.error('unknown STORE modifier');
        input.space();
        unchangedSince = input.number64();
      });
      input.space();
    }
    const item = /^([+-]?)FLAGS(\.SILENT)?$/.exec(input.keyword());
    if (item === null) throw input.error('FLAGS, +FLAGS or -FLAGS is missing');
    input.space();
    const names =
      input.peek() === 0x28
        ? input.list(() => input.flag())
        : readBareFlags(
            () => input.flag(),
            () => input.take(' '),
          );
    return {
      set,
      byUid,
      change: CHANGES[item[1] as string] as KeywordChange,
      isSilent: item[2] !== undefined,
      flags: readFlags(names),
      unchangedSince,
    };
  },
  async run(session, args): Promise<Reply> {
    const { selected } = session;
    const { account } = selected;
    if (selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
    const flags = requireFlags(selected, args.flags, args.change);
    const positions = await selected.resolve(args.set, args.byUid);
    if (positions === undefined) return bad('No such message');
    const uids = uidsAt(positions, selected.told);
    if (args.unchangedSince !== undefined) session.enableCondstore();
    if (uids.length === 0) {
      await session.tellUpdates({ mayExpunge: args.byUid });
      return ok('No messages');
    }
    const result = await account.setKeywords({
      mailboxId: selected.mailboxId,
      uids,
      change: args.change,
      keywords: flags.keywords,
      deleted: flags.deleted,
      ...(args.unchangedSince === undefined ? {} : { unchangedSince: args.unchangedSince }),
    });
    sign(session, account, 'STORE');
    // Others' changes are told even by .SILENT; its own are not (RFC 9051 §6.4.6).
    await session.tellUpdates({
      mayExpunge: args.byUid,
      exceptModSeqs: result.modSeqs,
      also: args.isSilent ? [] : without(uids, result.modified),
    });
    if (args.isSilent && session.condstore && session.hasSelected) await writeModSeqs(session, result.changed);
    if (result.modified.length > 0) {
      // RFC 7162 §3.1.3: in the numbers of the command.
      const { told } = selected;
      const failed = args.byUid ? result.modified : result.modified.map((uid) => told.indexOf(uid) + 1);
      return ok('Some were changed by others', `MODIFIED ${formatSet(failed)}`);
    }
    if (result.missing.length > 0 && !args.byUid) return ok('Some messages are gone', 'EXPUNGEISSUED');
    return ok('Stored');
  },
});

/**
 * RFC 4314 §4: those of the flags that may be changed. Throws `forbidden` when that is none; and for a replacement
 * unless all may be, for it would change those that are not named, too.
 */
function requireFlags(
  { rights, account }: Pick<SelectedMailbox, 'rights' | 'account'>,
  flags: FlagList,
  change: KeywordChange,
): FlagList {
  const permitted = permittedFlags(rights, flags);
  const isAny = permitted.deleted || permitted.keywords.length > 0;
  const isWhole = FLAG_RIGHTS.every((right) => rights.includes(right));
  if (!isWhole && (change === 'replace' || !isAny)) throw noPermission(account);
  return permitted;
}

/** RFC 9051 §9 store-att-flags: flags without parentheses. */
function readBareFlags(readFlag: () => string, takeSpace: () => boolean): string[] {
  const flags = [readFlag()];
  while (takeSpace()) flags.push(readFlag());
  return flags;
}

/** RFC 7162 §3.1.3: a client that knows of mod-sequences learns the new ones, also after .SILENT. */
async function writeModSeqs(session: Session, uids: readonly number[]): Promise<void> {
  const { out, selected } = session;
  const { told } = selected;
  const { index } = selected;
  for (const uid of uids) {
    const at = index.list.indexOf(uid);
    const position = told.indexOf(uid);
    if (at < 0 || position < 0) continue;
    out.ascii('* ');
    out.number(position + 1);
    out.ascii(' FETCH (UID ');
    out.number(uid);
    writeModSeq(session, index.modSeqAt(at));
    out.ascii(')\r\n');
    if (out.bytes >= WRITE_BURST_BYTES) await session.connection.send();
  }
}

/** Both ascending. */
function without(uids: readonly number[], left: readonly number[]): readonly number[] {
  if (left.length === 0) return uids;
  const set = new Set(left);
  return uids.filter((uid) => !set.has(uid));
}
