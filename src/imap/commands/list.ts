/** LIST with its extensions (RFC 9051 §6.3.9; RFC 5258, RFC 5819, RFC 6154). */
import { defineCommand, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { LIST_PATTERN_CHARS, LIST_PATTERNS } from '#imap/limits.ts';
import {
  attributesOf,
  hasSpecialUse,
  listMailboxes,
  listSubscribable,
  pathsAbove,
  writeListLine,
  type ListedName,
} from '#imap/list-entry.ts';
import { decodeMailboxPattern } from '#imap/mailbox-name.ts';
import { MailboxPattern } from '#imap/mailbox-pattern.ts';
import { parseStatusItems, writeStatus } from '#imap/status-items.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';

interface ListArgs {
  readonly selection: ReadonlySet<string>;
  readonly reference: string;
  readonly patterns: readonly string[];
  readonly returned: ReadonlySet<string>;
  readonly statusItems: readonly string[];
}

const SELECTION = new Set(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']);
const RETURNED = new Set(['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE']);

export const list = defineCommand<ListArgs>({
  name: 'LIST',
  states: SIGNED_IN,
  capabilities: () => ['CHILDREN', 'LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE'],
  parse(input, { utf8 }) {
    input.space();
    const selection = input.peek() === 0x28 ? parseSelection(input) : new Set<string>();
    const reference = decodeMailboxPattern(input.astring(), utf8);
    input.space();
    const readPattern = (): string => decodeMailboxPattern(input.listMailbox(), utf8);
    const patterns = input.peek() === 0x28 ? input.listOfSome(readPattern) : [readPattern()];
    if (patterns.length > LIST_PATTERNS) throw input.error('too many patterns');
    if (patterns.some((pattern) => reference.length + pattern.length > LIST_PATTERN_CHARS)) {
      throw input.error('a pattern is too long');
    }
    const returned = new Set<string>();
    let statusItems: readonly string[] = [];
    if (input.take(' ')) {
      if (!input.takeKeyword('RETURN')) throw input.error('RETURN is missing');
      input.space();
      input.list(() => {
        const option = input.keyword();
        if (option === 'STATUS') {
          input.space();
          statusItems = parseStatusItems(input);
        } else if (RETURNED.has(option)) {
          returned.add(option);
        } else {
          throw input.error('unknown LIST return option');
        }
      });
    }
    return { selection, reference, patterns, returned, statusItems };
  },
  async run(session, { selection, reference, patterns, returned, statusItems }): Promise<Reply> {
    if (patterns.length === 1 && patterns[0] === '' && selection.size === 0) {
      // RFC 9051 §6.3.9: only the hierarchy's separator is asked for.
      writeListLine(session, 'LIST', ['\\Noselect'], '');
      return ok('Done');
    }
    const names = await (selection.has('SUBSCRIBED') ? listSubscribable(session) : listMailboxes(session));
    const matchers = patterns.map((pattern) => new MailboxPattern(reference + pattern));
    const isSelected = ({ place, isSubscribed }: ListedName): boolean =>
      (!selection.has('SUBSCRIBED') || isSubscribed) &&
      (!selection.has('SPECIAL-USE') || (place !== undefined && hasSpecialUse(place)));
    const turn = session.beginTurn();
    const matching = new Set<string>();
    for (const { path } of names) {
      if (turn.isOver) await turn.pass();
      if (matchers.some((matcher) => matcher.matches(path))) matching.add(path);
    }
    // RFC 5258 §3.5: for the sake of those below that the patterns leave out.
    const above = selection.has('RECURSIVEMATCH')
      ? pathsAbove(names, (name) => isSelected(name) && !matching.has(name.path))
      : undefined;
    for (const name of names) {
      const { path, place } = name;
      const hasBelow = above?.has(path) ?? false;
      if (!matching.has(path) || (!isSelected(name) && !hasBelow)) continue;
      const attributes = attributesOf(name);
      if (name.isSubscribed && (selection.has('SUBSCRIBED') || returned.has('SUBSCRIBED')))
        attributes.push('\\Subscribed');
      writeListLine(session, 'LIST', attributes, path, hasBelow ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '');
      // RFC 5819 §2: not of what cannot be selected.
      if (statusItems.length > 0 && place?.row.selectable === true && place.rights.includes('r'))
        await writeStatus(session, place, statusItems);
    }
    return ok('Done');
  },
});

function parseSelection(input: ArgumentReader): ReadonlySet<string> {
  const selection = new Set(input.list(() => input.keyword()));
  for (const option of selection) if (!SELECTION.has(option)) throw input.error('unknown LIST selection option');
  // RFC 5258 §3.1: RECURSIVEMATCH needs something to match by.
  if (selection.has('RECURSIVEMATCH') && !selection.has('SUBSCRIBED')) {
    throw input.error('RECURSIVEMATCH needs SUBSCRIBED');
  }
  input.space();
  return selection;
}
