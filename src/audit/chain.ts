/**
 * The chain: each row's hash covers the row and the hash before it, so that nobody changes, takes out or moves a row
 * without every later hash telling. Who can write to the database could make all of them anew: against that the last
 * link goes to the log every day, and `verify` holds the chain against one that was noted.
 */
import { createHash } from 'node:crypto';
import { ROWS_AT_ONCE, MAX_BREAKS_TOLD } from './limits.ts';
import type { AuditReader } from './ports/audit-store.ts';
import type { AuditEntry, AuditLink, AuditRow } from './types.ts';

/** What the first row follows. */
export const GENESIS: AuditLink = { seq: 0, hash: '0'.repeat(64) };

/** Row after row onto `last`. */
export function chainEntries(last: AuditLink, entries: readonly AuditEntry[]): AuditRow[] {
  let { seq, hash } = last;
  return entries.map((entry) => {
    const text = JSON.stringify(entry);
    seq++;
    hash = hashLink(hash, seq, text);
    return { seq, at: entry.at, action: entry.action, accountId: entry.accountId ?? null, text, hash };
  });
}

export function readEntry({ text }: AuditRow): AuditEntry {
  return JSON.parse(text) as AuditEntry;
}

function hashLink(previous: string, seq: number, text: string): string {
  return createHash('sha256').update(`${previous}\n${seq}\n${text}`).digest('hex');
}

/** Where the chain does not hold. */
export type ChainBreak =
  /** The row is not what was hashed, or does not follow the one before it. */
  | { readonly kind: 'changed'; readonly seq: number }
  /** Rows are not there, from `seq` up to `until`. */
  | { readonly kind: 'missing'; readonly seq: number; readonly until: number }
  /** The link that was noted elsewhere is another one. */
  | { readonly kind: 'rewritten'; readonly seq: number };

export interface ChainReport {
  readonly rows: number;
  /** The first and the last that are kept; 0 when there are none. */
  readonly firstSeq: number;
  readonly last: AuditLink;
  /** At most MAX_BREAKS_TOLD. */
  readonly breaks: readonly ChainBreak[];
}

/**
 * Reads the whole chain. `noted`: a link as it was printed earlier; one that is not kept any more cannot be compared,
 * and is `rewritten` only if it lies behind the end.
 */
export async function verifyChain(
  reader: AuditReader,
  options: { readonly noted?: AuditLink; readonly onRows?: (rows: number) => void } = {},
): Promise<ChainReport> {
  const { noted, onRows } = options;
  const { anchor, last } = await reader.ends();
  const breaks: ChainBreak[] = [];
  let { seq, hash } = anchor;
  let rows = 0;
  if (noted?.seq === anchor.seq && noted.hash !== anchor.hash) breaks.push({ kind: 'rewritten', seq: anchor.seq });
  while (seq < last.seq && breaks.length < MAX_BREAKS_TOLD) {
    const page = await reader.rows(seq, ROWS_AT_ONCE);
    for (const row of page) {
      // What came meanwhile is for the next time.
      if (row.seq > last.seq) break;
      if (row.seq > seq + 1) breaks.push({ kind: 'missing', seq: seq + 1, until: row.seq - 1 });
      // After a gap nothing can be said of the first row but by its successor.
      else if (hashLink(hash, row.seq, row.text) !== row.hash || !isTrueCopy(row))
        breaks.push({ kind: 'changed', seq: row.seq });
      if (row.seq === noted?.seq && row.hash !== noted.hash) breaks.push({ kind: 'rewritten', seq: row.seq });
      ({ seq, hash } = row);
      rows++;
    }
    onRows?.(rows);
    if (page.length < ROWS_AT_ONCE) break;
  }
  if (breaks.length < MAX_BREAKS_TOLD) {
    if (seq < last.seq) breaks.push({ kind: 'missing', seq: seq + 1, until: last.seq });
    else if (hash !== last.hash) breaks.push({ kind: 'changed', seq });
    if (noted !== undefined && noted.seq > last.seq) breaks.push({ kind: 'rewritten', seq: noted.seq });
  }
  return {
    rows,
    firstSeq: rows === 0 ? 0 : anchor.seq + 1,
    last: { seq, hash },
    breaks: breaks.slice(0, MAX_BREAKS_TOLD),
  };
}

/** Whether the columns say what the text says. */
function isTrueCopy(row: AuditRow): boolean {
  try {
    const { at, action, accountId = null } = readEntry(row);
    return at === row.at && action === row.action && accountId === row.accountId;
  } catch {
    return false;
  }
}
