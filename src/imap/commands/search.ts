/** SEARCH and UID SEARCH (RFC 9051 §6.4.4; RFC 4731, RFC 5182, RFC 7162 §3.1.5). */
import { defineCommand, no, ok, type Reply } from '#imap/command.ts';
import { WRITE_BURST_BYTES } from '#imap/limits.ts';
import { formatSet } from '#imap/sequence-set.ts';
import { runSearch, type SearchHits } from '#imap/search/run-search.ts';
import { parseSearchProgram, UNKNOWN_CHARSET, type SearchProgram } from '#imap/search/search-key.ts';
import type { Session } from '#imap/session.ts';

interface SearchArgs {
  readonly byUid: boolean;
  /** RETURN options; undefined without RETURN. */
  readonly returned: ReadonlySet<string> | undefined;
  readonly program: SearchProgram | typeof UNKNOWN_CHARSET;
}

const RETURNED = new Set(['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE']);

export const search = defineCommand<SearchArgs>({
  name: 'SEARCH',
  states: ['selected'],
  takesUid: true,
  updates: 'noExpunge',
  capabilities: () => ['ESEARCH', 'SEARCHRES'],
  parse(input, { byUid }) {
    input.space();
    let returned: Set<string> | undefined;
    if (input.takeKeyword('RETURN')) {
      input.space();
      returned = new Set(input.list(() => input.keyword()));
      for (const option of returned) if (!RETURNED.has(option)) throw input.error('unknown SEARCH return option');
      // RFC 4731 §3.1: an empty list is (ALL).
      if (returned.size === 0) returned.add('ALL');
      input.space();
    }
    const program = parseSearchProgram(input);
    if (program === UNKNOWN_CHARSET) input.skip();
    return { byUid, returned, program };
  },
  async run(session, { byUid, returned, program }): Promise<Reply> {
    const { selected } = session;
    // RFC 9051 §6.4.4.1: a search that fails leaves `$` empty.
    const isSaved = returned?.has('SAVE') === true;
    if (program === UNKNOWN_CHARSET) {
      if (isSaved) selected.savedSearch = [];
      return no('The charset is not known', 'BADCHARSET (UTF-8)');
    }
    if (program.asksModSeq) session.enableCondstore();
    const told = await selected.list();
    let hits: SearchHits;
    try {
      hits = await runSearch(session, program.key, told);
    } catch (error) {
      if (isSaved) selected.savedSearch = [];
      throw error;
    }
    const numberAt = (position: number): number => (byUid ? told.at(position) : position + 1);
    if (isSaved) selected.savedSearch = savedPart(hits.positions, returned).map((at) => told.at(at));
    // RFC 9051 §6.4.4: IMAP4rev2 has no other answer than ESEARCH.
    const options = returned ?? (session.rev2 ? new Set(['ALL']) : undefined);
    if (options === undefined) await writeSearch(session, hits, numberAt, program.asksModSeq);
    else writeEsearch(session, hits, numberAt, options, byUid, program.asksModSeq);
    return hits.gone > 0 && !byUid ? ok('Some messages are gone', 'EXPUNGEISSUED') : ok('Done');
  },
});

/** RFC 5182 §2.1: MIN and MAX alone save only those. */
function savedPart(positions: readonly number[], options: ReadonlySet<string>): readonly number[] {
  const isWhole = options.has('ALL') || options.has('COUNT') || (!options.has('MIN') && !options.has('MAX'));
  if (isWhole || positions.length === 0) return positions;
  const part = new Set<number>();
  if (options.has('MIN')) part.add(positions[0] as number);
  if (options.has('MAX')) part.add(positions.at(-1) as number);
  return [...part];
}

async function writeSearch(
  session: Session,
  { positions, modSeqs }: SearchHits,
  numberAt: (position: number) => number,
  asksModSeq: boolean,
): Promise<void> {
  const { out } = session;
  out.ascii('* SEARCH');
  for (const position of positions) {
    out.octet(0x20);
    out.number(numberAt(position));
    if (out.bytes >= WRITE_BURST_BYTES) await session.connection.send();
  }
  if (asksModSeq && positions.length > 0) out.ascii(` (MODSEQ ${highest(modSeqs)})`);
  out.crlf();
}

function writeEsearch(
  session: Session,
  { positions, modSeqs }: SearchHits,
  numberAt: (position: number) => number,
  options: ReadonlySet<string>,
  byUid: boolean,
  asksModSeq: boolean,
): void {
  // RFC 5182 §2.1: with SAVE alone nothing is said.
  if (options.size === 1 && options.has('SAVE')) return;
  const { out } = session;
  out.ascii(`* ESEARCH (TAG "${session.tag}")`);
  if (byUid) out.ascii(' UID');
  const { length } = positions;
  if (length > 0) {
    if (options.has('MIN')) out.ascii(` MIN ${numberAt(positions[0] as number)}`);
    if (options.has('MAX')) out.ascii(` MAX ${numberAt(positions[length - 1] as number)}`);
    if (options.has('ALL')) out.ascii(` ALL ${formatSet(positions.map(numberAt))}`);
  }
  if (options.has('COUNT')) out.ascii(` COUNT ${length}`);
  if (asksModSeq && length > 0) {
    // RFC 4731 §3.2: of those that are told.
    const isWhole = options.has('ALL') || options.has('COUNT');
    const told = isWhole
      ? modSeqs
      : [...(options.has('MIN') ? modSeqs.slice(0, 1) : []), ...(options.has('MAX') ? modSeqs.slice(-1) : [])];
    out.ascii(` MODSEQ ${highest(told)}`);
  }
  out.crlf();
}

function highest(modSeqs: readonly number[]): number {
  let most = 1;
  for (const modSeq of modSeqs) if (modSeq > most) most = modSeq;
  return most;
}
