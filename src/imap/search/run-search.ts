/** Finds the messages of the selected mailbox that fit: the whole mailbox by its index, what is left by rows, then by reading. */
import { isMailError } from '#base/errors.ts';
import { FETCH_CHUNK } from '#imap/limits.ts';
import type { Session } from '#imap/session.ts';
import type { Turn } from '#imap/turn.ts';
import { formatEmailObjectId, formatThreadObjectId } from '#mail/object-id.ts';
import { FLAG, type EmailId } from '#mail/types.ts';
import type { UidList } from '#mail/uid-list.ts';
import { IndexedKeys } from './indexed-keys.ts';
import { judge, needsOf, type Candidate } from './judge.ts';
import { findInBody, findInHeader } from './message-texts.ts';
import type { SearchKey, TextKey } from './search-key.ts';

export interface SearchHits {
  /** Positions in what the session was told, ascending. */
  readonly positions: readonly number[];
  readonly modSeqs: readonly number[];
  /** How many were left out because they are gone, though it may not be said yet. */
  readonly gone: number;
}

const NO_KEYWORDS: readonly string[] = [];

interface Found {
  readonly position: number;
  readonly modSeq: number;
}

/** Throws `unavailable` when a message that has to be read cannot be. */
export async function runSearch(session: Session, key: SearchKey, told: UidList): Promise<SearchHits> {
  const { selected, connection, surroundings } = session;
  const { account } = selected;
  const { index } = selected;
  const needs = needsOf(key);
  const saved = new Set(selected.savedSearch);
  const asksEmailId = mentionsEmailId(key);
  const indexed = surroundings.search && (await IndexedKeys.ask(surroundings.search, account.accountId, key));
  const positions: number[] = [];
  const modSeqs: number[] = [];
  let gone = 0;
  const turn = session.beginTurn();
  for (let start = 0; start < told.length && !connection.isClosed; start += FETCH_CHUNK) {
    const found: Found[] = [];
    const open: Open[] = [];
    const end = Math.min(told.length, start + FETCH_CHUNK);
    for (let position = start; position < end; position++) {
      const uid = told.at(position);
      const at = index.list === told ? position : index.list.indexOf(uid);
      if (at < 0) {
        gone++;
        continue;
      }
      const bits = index.flagsAt(at) | selected.recentBit(uid);
      const candidate: Candidate = {
        number: position + 1,
        uid,
        lastNumber: told.length,
        lastUid: told.last,
        bits,
        keywords: (bits & FLAG.HAS_KEYWORDS) === 0 ? NO_KEYWORDS : index.keywordsAt(at),
        modSeq: index.modSeqAt(at),
        emailId: asksEmailId ? formatEmailObjectId(account.accountId, index.emailIdAt(at) as EmailId) : '',
        emailNumber: index.emailIdAt(at),
        indexed,
        saved,
      };
      const verdict = judge(key, candidate);
      if (verdict === true) found.push({ position, modSeq: candidate.modSeq });
      else if (verdict === undefined) open.push({ position, emailId: index.emailIdAt(at) as EmailId, candidate });
    }
    if (open.length > 0) {
      found.push(...(await judgeOpen(session, key, open, needs, turn)));
      found.sort((a, b) => a.position - b.position);
    }
    for (const { position, modSeq } of found) {
      positions.push(position);
      modSeqs.push(modSeq);
    }
    if (turn.isOver) await turn.pass();
  }
  return { positions, modSeqs, gone };
}

/** Not judged yet. */
interface Open {
  readonly position: number;
  readonly emailId: EmailId;
  readonly candidate: Candidate;
}

/** Those of `open` that fit, reading what is needed, the cheapest first. */
async function judgeOpen(
  session: Session,
  key: SearchKey,
  all: Open[],
  needs: ReturnType<typeof needsOf>,
  turn: Turn,
): Promise<Found[]> {
  const { account } = session.selected;
  const found: Found[] = [];
  let open = all;
  const judgeAgain = async (known: (one: Open) => Partial<Candidate> | undefined): Promise<void> => {
    const left: Open[] = [];
    for (const one of open) {
      const more = known(one);
      // Gone since.
      if (more === undefined) continue;
      Object.assign(one.candidate, more);
      const verdict = judge(key, one.candidate);
      if (verdict === true) found.push({ position: one.position, modSeq: one.candidate.modSeq });
      else if (verdict === undefined) left.push(one);
      if (turn.isOver) await turn.pass();
    }
    open = left;
  };
  const emailIds = (): EmailId[] => open.map(({ emailId }) => emailId);
  if (needs.row) {
    const rows = new Map((await account.envelopes(emailIds())).map((row) => [row.emailId, row]));
    await judgeAgain(({ emailId }) => {
      const row = rows.get(emailId);
      return row === undefined ? undefined : { row };
    });
  }
  if (needs.thread && open.length > 0) {
    const threads = new Map((await account.emails(emailIds())).map((row) => [row.emailId, row.threadId]));
    await judgeAgain(({ emailId }) => {
      const threadId = threads.get(emailId);
      return threadId === undefined ? undefined : { threadId: formatThreadObjectId(account.accountId, threadId) };
    });
  }
  if (needs.texts.length > 0) found.push(...(await judgeByReading(session, key, needs.texts, open, turn)));
  return found;
}

async function judgeByReading(
  session: Session,
  key: SearchKey,
  keys: readonly TextKey[],
  open: readonly Open[],
  turn: Turn,
): Promise<Found[]> {
  const { connection, surroundings } = session;
  const { account } = session.selected;
  const found: Found[] = [];
  for (const { position, emailId, candidate } of open) {
    if (connection.isClosed) break;
    // A message each, so that one long search does not keep the others out.
    await surroundings.textSearches.enter();
    try {
      const structure = await account.structure(emailId);
      if (structure === undefined) continue;
      const octets = await account.readMessage(emailId);
      const texts = new Map<TextKey, boolean>();
      await findInHeader(octets, structure, keys, texts, turn);
      let verdict = judge(key, { ...candidate, texts });
      if (verdict === undefined) {
        await findInBody(octets, structure, keys, texts, turn);
        verdict = judge(key, { ...candidate, texts });
      }
      if (verdict === true) found.push({ position, modSeq: candidate.modSeq });
    } catch (error) {
      if (!isMailError(error, 'notFound')) throw error;
    } finally {
      surroundings.textSearches.leave();
    }
    if (turn.isOver) await turn.pass();
  }
  return found;
}

function mentionsEmailId(key: SearchKey): boolean {
  if (key.kind === 'and' || key.kind === 'or') return key.keys.some(mentionsEmailId);
  return key.kind === 'not' ? mentionsEmailId(key.key) : key.kind === 'emailId';
}
