/** Untagged responses that tell of messages: what changed (RFC 9051 §7.4, §7.5), and the lines FETCH shares with it. */
import { FLAG } from '#mail/types.ts';
import { ANNOUNCED_KEYWORDS } from './limits.ts';
import { SYSTEM_FLAGS, writeFlags } from './flags.ts';
import { WRITE_BURST_BYTES } from './limits.ts';
import type { SelectedMailbox, Updates } from './selected-mailbox.ts';
import type { Session } from './session.ts';

/** Writes all of it: EXPUNGE, then EXISTS and RECENT, then FETCH with FLAGS. */
export async function writeUpdates(session: Session, updates: Updates): Promise<void> {
  const { out, selected } = session;
  for (const number of updates.expunged) {
    out.ascii('* ');
    out.number(number);
    out.ascii(' EXPUNGE\r\n');
    if (out.bytes >= WRITE_BURST_BYTES) await session.connection.send();
  }
  if (updates.exists !== undefined) {
    out.ascii('* ');
    out.number(updates.exists);
    out.ascii(' EXISTS\r\n');
  }
  if (updates.recent !== undefined) {
    out.ascii('* ');
    out.number(updates.recent);
    out.ascii(' RECENT\r\n');
  }
  if (updates.changed.length === 0) return;
  const { told } = selected;
  for (const position of updates.changed) {
    writeFlagsLine(session, position + 1, told.at(position));
    if (out.bytes >= WRITE_BURST_BYTES) await session.connection.send();
  }
}

/** `* n FETCH (UID u FLAGS (…) MODSEQ (m))`; nothing when the message is gone. */
function writeFlagsLine(session: Session, number: number, uid: number): void {
  const { out, selected } = session;
  const { index } = selected;
  const at = index.list.indexOf(uid);
  if (at < 0) return;
  const bits = index.flagsAt(at) | selected.recentBit(uid);
  const keywords = (bits & FLAG.HAS_KEYWORDS) === 0 ? [] : index.keywordsAt(at);
  if (keywords.length > 0) announceKeywords(session, selected, keywords);
  out.ascii('* ');
  out.number(number);
  out.ascii(' FETCH (UID ');
  out.number(uid);
  out.octet(0x20);
  writeFlags(out, bits, keywords);
  if (session.condstore) writeModSeq(session, index.modSeqAt(at));
  out.ascii(')\r\n');
}

/** ` MODSEQ (m)`. */
export function writeModSeq({ out }: Session, modSeq: number): void {
  out.ascii(' MODSEQ (');
  // RFC 7162 §7: mod-sequence values are positive.
  out.number(Math.max(1, modSeq));
  out.octet(0x29);
}

/** RFC 9051 §7.3.5: FLAGS lists what may be met, so a keyword is announced before it first comes. */
export function announceKeywords(session: Session, selected: SelectedMailbox, keywords: readonly string[]): void {
  const announced = (selected.announcedKeywords ??= new Set());
  let isNew = false;
  for (const keyword of keywords) {
    if (announced.has(keyword) || announced.size >= ANNOUNCED_KEYWORDS) continue;
    announced.add(keyword);
    isNew = true;
  }
  if (isNew) writeFlagLists(session, selected);
}

/** RFC 4314 §4: those that may be changed by who has so many rights. */
function permanentFlags({ rights }: SelectedMailbox, flags: string): string {
  const isPermitted = (flag: string): boolean =>
    rights.includes(flag === '\\Seen' ? 's' : flag === '\\Deleted' ? 't' : 'w');
  return `${flags} \\*`.split(' ').filter(isPermitted).join(' ');
}

/** FLAGS and PERMANENTFLAGS. */
export function writeFlagLists(session: Session, selected: SelectedMailbox): void {
  const flags = [SYSTEM_FLAGS, ...(selected.announcedKeywords ?? [])].join(' ');
  session.untagged(`FLAGS (${flags})`);
  if (selected.isReadOnly) session.untagged('OK [PERMANENTFLAGS ()] Read-only mailbox');
  else session.untagged(`OK [PERMANENTFLAGS (${permanentFlags(selected, flags)})] Flags permitted`);
}
