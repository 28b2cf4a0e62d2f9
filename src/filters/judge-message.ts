/** What an account's filters do with a message: where it goes, under which keywords, to whom else. */
import type { FilterRow, FilterRule } from '#directory/types.ts';
import type { Destination } from '#mail/mail.ts';
import { TO_INBOX, TO_JUNK } from '#mail/mail.ts';
import { SYSTEM_KEYWORDS } from '#mail/types.ts';
import type { MailboxId } from '#mail/types.ts';
import { FILTER_WORK_LIMITS } from './limits.ts';
import { matchesRule } from './match-rule.ts';
import type { MessageFacts } from './message-facts.ts';

export interface Judgement {
  /** False: junk, or from whom the account wants nothing. It is not sent on, and nobody is told that somebody is away. */
  readonly isWanted: boolean;
  readonly destination: Destination;
  readonly forwardTo: readonly string[];
}

const UNWANTED: Readonly<Record<FilterRow['blockedInto'], Judgement>> = {
  junk: { isWanted: false, destination: TO_JUNK, forwardTo: [] },
  trash: { isWanted: false, destination: { mailboxes: ['trash'], keywords: [] }, forwardTo: [] },
};

/** `into`: what was thought of it before the account was asked. Rules are for what is wanted. */
export function judgeMessage(row: FilterRow, facts: MessageFacts, into: 'inbox' | 'junk'): Judgement {
  const standing = findStanding(row, facts);
  if (standing === 'blocked') return UNWANTED[row.blockedInto];
  if (into === 'junk' && standing !== 'allowed') return UNWANTED.junk;
  return combine(rulesThatHold(row.rules, facts));
}

/** Those that are on and hold, as far as none before stops. */
export function rulesThatHold(rules: readonly FilterRule[], facts: MessageFacts): readonly FilterRule[] {
  const found: FilterRule[] = [];
  for (const rule of rules) {
    if (!rule.isEnabled || !matchesRule(rule, facts)) continue;
    found.push(rule);
    if (rule.stops) break;
  }
  return found;
}

function combine(rules: readonly FilterRule[]): Judgement {
  const mailboxes = new Set<MailboxId>();
  const keywords = new Set<string>();
  const forwardTo = new Set<string>();
  for (const { actions } of rules) {
    if (actions.mailboxId !== null && mailboxes.size < FILTER_WORK_LIMITS.mailboxes) mailboxes.add(actions.mailboxId);
    for (const address of actions.forwardTo) forwardTo.add(address);
    for (const keyword of actions.keywords) {
      const isOwn = !(SYSTEM_KEYWORDS as readonly string[]).includes(keyword);
      if (!isOwn || keywords.size < FILTER_WORK_LIMITS.keywords) keywords.add(keyword);
    }
  }
  const destination =
    mailboxes.size + keywords.size === 0
      ? TO_INBOX
      : { mailboxes: mailboxes.size === 0 ? TO_INBOX.mailboxes : [...mailboxes], keywords: [...keywords] };
  return { isWanted: true, destination, forwardTo: [...forwardTo] };
}

/** An address says more than a domain; where both lists say as much, mail is let in. Whom it is to be let in from, its author says. */
function findStanding({ blocked, allowed }: FilterRow, facts: MessageFacts): 'blocked' | 'allowed' | undefined {
  const against = closest(blocked, [...facts.authors, facts.reversePath]);
  const inFavour = closest(allowed, facts.authors);
  if (inFavour === 0 && against === 0) return undefined;
  return against > inFavour ? 'blocked' : 'allowed';
}

/** How near the list comes to one of the addresses: 0 not at all, 1 by a domain, 2 by the address. */
function closest(list: readonly string[], addresses: readonly string[]): 0 | 1 | 2 {
  if (list.length === 0) return 0;
  const listed = new Set(list);
  if (addresses.some((address) => listed.has(address))) return 2;
  const isListed = (address: string): boolean => {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    for (let at = 0; at !== -1; at = domain.indexOf('.', at + 1))
      if (listed.has(domain.slice(at === 0 ? 0 : at + 1))) return true;
    return false;
  };
  return addresses.some((address) => address.includes('@') && isListed(address)) ? 1 : 0;
}
