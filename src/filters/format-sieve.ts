/**
 * An account's filters as a Sieve script (RFC 5228), to take along to another system. What Sieve has no word for is said
 * in a comment.
 */
import type { FilterCondition, FilterRow, FilterRule } from '#directory/types.ts';
import type { MailboxId } from '#mail/types.ts';

export interface SieveFacts {
  /** A mailbox's name, its levels joined by `/`; undefined: it is gone. */
  readonly pathOf: (mailboxId: MailboxId) => string | undefined;
  /** Where junk and what is thrown away go. */
  readonly junkPath: string;
  readonly trashPath: string;
  /** Domains of the account's own addresses. */
  readonly ownDomains: readonly string[];
}

/** RFC 5232 §2.1. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['$seen', '\\Seen'],
  ['$flagged', '\\Flagged'],
  ['$answered', '\\Answered'],
]);

/** Lines end with CRLF (RFC 5228 §2.2). */
export function formatSieve(
  { rules, blocked, allowed, blockedInto }: Omit<FilterRow, 'accountId'>,
  facts: SieveFacts,
): string {
  const needs = new Set<string>();
  const blocks = rules.map((rule) => formatRule(rule, facts, needs));
  const path = blockedInto === 'trash' ? facts.trashPath : facts.junkPath;
  if (blocked.length > 0) {
    needs.add('fileinto');
    const test = `anyof (${listTest(blocked)})`;
    const butNot = allowed.length === 0 ? test : `allof (${test}, not anyof (${listTest(allowed)}))`;
    blocks.unshift([`if ${butNot} {`, `    fileinto ${quote(path)};`, '    stop;', '}']);
  }
  const head = needs.size === 0 ? [] : [`require ${quoteList([...needs].toSorted())};`, ''];
  return [...head, ...blocks.flatMap((lines) => [...lines, ''])].join('\r\n');
}

function formatRule(rule: FilterRule, facts: SieveFacts, needs: Set<string>): readonly string[] {
  const tests = rule.conditions.map((condition) => formatCondition(condition, facts, needs));
  const [only, ...others] = tests;
  const test = others.length === 0 ? only : `${rule.match === 'all' ? 'allof' : 'anyof'} (${tests.join(',\r\n    ')})`;
  const lines = [`if ${test} {`, ...formatActions(rule, facts, needs).map((line) => `    ${line}`), '}'];
  const title = `# ${rule.name.replace(/[\r\n]/g, ' ')}`;
  return rule.isEnabled
    ? [title, ...lines]
    : [title, '# (off)', ...lines.flatMap((line) => line.split('\r\n')).map((line) => `# ${line}`)];
}

function formatActions({ actions, stops }: FilterRule, { pathOf }: SieveFacts, needs: Set<string>): readonly string[] {
  const lines: string[] = [];
  const flags = actions.keywords.map((keyword) => FLAGS.get(keyword) ?? keyword);
  if (flags.length > 0) {
    needs.add('imap4flags');
    lines.push(`addflag ${quoteList(flags)};`);
  }
  for (const address of actions.forwardTo) {
    // RFC 3894 §3.
    needs.add('copy');
    lines.push(`redirect :copy ${quote(address)};`);
  }
  const path = actions.mailboxId === null ? undefined : pathOf(actions.mailboxId);
  if (path !== undefined) {
    needs.add('fileinto');
    lines.push(`fileinto ${quote(path)};`);
  } else if (actions.mailboxId !== null) lines.push('# into a mailbox that is gone', 'keep;');
  if (stops) lines.push('stop;');
  return lines;
}

function formatCondition(condition: FilterCondition, { ownDomains }: SieveFacts, needs: Set<string>): string {
  switch (condition.field) {
    case 'size':
      return `size :${condition.test} ${condition.bytes}`;
    case 'attachment': {
      // RFC 5703 §4.1.
      needs.add('mime');
      const test = 'header :mime :anychild :contains "Content-Disposition" "attachment"';
      return condition.test === 'has' ? test : `not ${test}`;
    }
    case 'origin': {
      const test = `address :domain :is "From" ${quoteList(ownDomains)}`;
      return condition.test === 'inside' ? test : `not ${test}`;
    }
    case 'from':
      return formatTextTest(condition, ['From']);
    case 'recipient':
      return formatTextTest(condition, ['To', 'Cc']);
    case 'subject':
      return formatTextTest(condition, ['Subject']);
    case 'list':
      return formatTextTest(condition, ['List-Id']);
    case 'header':
      return formatTextTest(condition, [condition.name]);
  }
}

function formatTextTest(
  { field, test, value }: Extract<FilterCondition, { readonly value: string }>,
  names: readonly string[],
): string {
  const isNegative = test === 'containsNot' || test === 'isNot';
  // A whole address stands beside a name in its field.
  const isAddress = (field === 'from' || field === 'recipient') && value.includes('@');
  const what = `${isAddress ? 'address' : 'header'} ${matchOf(test, value)}`;
  return `${isNegative ? 'not ' : ''}${what.replace('NAMES', quoteList(names))}`;
}

function matchOf(test: 'contains' | 'containsNot' | 'is' | 'isNot' | 'begins' | 'ends', value: string): string {
  switch (test) {
    case 'contains':
    case 'containsNot':
      return `:contains NAMES ${quote(value)}`;
    case 'is':
    case 'isNot':
      return `:is NAMES ${quote(value)}`;
    case 'begins':
      return `:matches NAMES ${quote(`${escapeMatch(value)}*`)}`;
    case 'ends':
      return `:matches NAMES ${quote(`*${escapeMatch(value)}`)}`;
  }
}

/** Of addresses and domains: RFC 5228 §5.1. */
function listTest(entries: readonly string[]): string {
  const addresses = entries.filter((entry) => entry.includes('@'));
  const domains = entries.filter((entry) => !entry.includes('@'));
  const tests = [];
  if (addresses.length > 0) tests.push(`address :is "From" ${quoteList(addresses)}`);
  if (domains.length > 0) {
    tests.push(`address :domain :is "From" ${quoteList(domains)}`);
    tests.push(`address :domain :matches "From" ${quoteList(domains.map((domain) => `*.${domain}`))}`);
  }
  return tests.join(', ');
}

/** RFC 5228 §2.7.1. */
function escapeMatch(text: string): string {
  return text.replace(/[*?\\]/g, String.raw`\$&`);
}

/** RFC 5228 §2.4.2. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, String.raw`\$&`).replace(/[\r\n\0]/g, ' ')}"`;
}

function quoteList(texts: readonly string[]): string {
  return texts.length === 1 ? quote(texts[0] as string) : `[${texts.map(quote).join(', ')}]`;
}
