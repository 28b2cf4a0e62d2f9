/** LIST with its extensions (RFC 9051 §6.3.9; RFC 5258, RFC 5819, RFC 6154). */
import { defineCommand, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { LIST_PATTERN_CHARS, LIST_PATTERNS } from '#imap/limits.ts';
import { attributesOf, hasSpecialUse, parentsOf, writeListLine } from '#imap/list-entry.ts';
import { decodeMailboxPattern } from '#imap/mailbox-name.ts';
import { MailboxPattern } from '#imap/mailbox-pattern.ts';
import { parseStatusItems, writeStatus } from '#imap/status-items.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { MailboxListing } from '#mail/account.ts';
import type { MailboxId } from '#mail/types.ts';

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
    const patterns = input.peek() === 0x28 ? input.list(readPattern) : [readPattern()];
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
    const mailboxes = await session.account.mailboxes();
    const parents = parentsOf(mailboxes);
    const matchers = patterns.map((pattern) => new MailboxPattern(reference + pattern));
    const isSelected = (row: MailboxListing): boolean =>
      (!selection.has('SUBSCRIBED') || row.subscribed) && (!selection.has('SPECIAL-USE') || hasSpecialUse(row));
    const turn = session.beginTurn();
    const matching = new Set<MailboxId>();
    for (const row of mailboxes) {
      if (turn.isOver) await turn.pass();
      if (matchers.some((matcher) => matcher.matches(row.path))) matching.add(row.mailboxId);
    }
    // RFC 5258 §3.5: for the sake of those below that the patterns leave out.
    const above = selection.has('RECURSIVEMATCH')
      ? ancestorsOf(mailboxes, (row) => isSelected(row) && !matching.has(row.mailboxId))
      : undefined;
    for (const row of mailboxes) {
      const hasBelow = above?.has(row.mailboxId) ?? false;
      if (!matching.has(row.mailboxId) || (!isSelected(row) && !hasBelow)) continue;
      const attributes = attributesOf(row, parents);
      if (row.subscribed && (selection.has('SUBSCRIBED') || returned.has('SUBSCRIBED')))
        attributes.push('\\Subscribed');
      writeListLine(session, 'LIST', attributes, row.path, hasBelow ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '');
      if (statusItems.length > 0) await writeStatus(session, row, statusItems);
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

/** Mailboxes with a chosen one somewhere below them. */
export function ancestorsOf(
  mailboxes: readonly MailboxListing[],
  isChosen: (row: MailboxListing) => boolean,
): ReadonlySet<MailboxId> {
  const byId = new Map(mailboxes.map((row) => [row.mailboxId, row]));
  const ancestors = new Set<MailboxId>();
  for (const row of mailboxes) {
    if (!isChosen(row)) continue;
    let { parentId } = row;
    while (parentId !== null && !ancestors.has(parentId)) {
      ancestors.add(parentId);
      parentId = byId.get(parentId)?.parentId ?? null;
    }
  }
  return ancestors;
}
