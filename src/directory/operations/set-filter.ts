/** What becomes of mail that comes for an account: its rules, and whose mail is wanted or not. */
import { MailError } from '#base/errors.ts';
import { canonicalizeDomain, formatAddress } from '#directory/address.ts';
import type { ForwardingRules } from '#directory/forwarding-rules.ts';
import { FILTER_LIMITS, MAX_FORWARD_TARGETS } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { FilterCondition, FilterRow, FilterRule } from '#directory/types.ts';
import { requireAccount, requireAddress } from './require.ts';
import { requireTarget } from './set-forwarding.ts';

export interface SetFilterArgs {
  /** Addresses in any spelling. */
  readonly row: FilterRow;
  readonly rules: ForwardingRules;
}

/**
 * In place of what was set. `notFound` (the account), `limit`, `invalid` with data.property and data.index (a rule, or
 * what is listed); for an address to forward to as `setForwarding` has it, with data.address.
 */
export async function setFilter(tx: DirectoryTransaction, args: SetFilterArgs): Promise<void> {
  const { accountId, rules, blocked, allowed, blockedInto } = args.row;
  await requireAccount(tx, accountId);
  if (rules.length > FILTER_LIMITS.rules)
    throw new MailError('limit', `an account has ${FILTER_LIMITS.rules} rules at most`);
  const kept: FilterRule[] = [];
  for (const [index, rule] of rules.entries()) {
    requireRule(rule, index);
    const forwardTo = new Set<string>();
    for (const text of rule.actions.forwardTo) {
      const address = requireAddress(text);
      await requireTarget(tx, accountId, address, args.rules);
      forwardTo.add(formatAddress(address));
    }
    kept.push({
      ...rule,
      name: rule.name.normalize('NFC').trim(),
      actions: { ...rule.actions, forwardTo: [...forwardTo] },
    });
  }
  const lists = { blocked: requireList('blocked', blocked), allowed: requireList('allowed', allowed) };
  if (kept.length + lists.blocked.length + lists.allowed.length === 0) return tx.deleteFilter(accountId);
  await tx.putFilter({ accountId, rules: kept, ...lists, blockedInto });
}

function requireRule({ name, conditions, actions, stops }: FilterRule, index: number): void {
  const refuse = (why: string): never => {
    throw new MailError('invalid', why, { data: { property: 'rules', index } });
  };
  const { conditions: maxConditions, nameLength, keywords } = FILTER_LIMITS;
  if (name.trim() === '' || name.length > nameLength || /[\p{Cc}\p{Cs}]/u.test(name))
    refuse(`the name of a rule has 1 to ${nameLength} characters, none of them control`);
  if (conditions.length === 0 || conditions.length > maxConditions)
    refuse(`a rule has 1 to ${maxConditions} conditions`);
  if (!conditions.every(isUsable)) refuse('a condition says nothing, or too much');
  if (actions.keywords.length > keywords) refuse(`a rule sets ${keywords} keywords at most`);
  if (actions.forwardTo.length > MAX_FORWARD_TARGETS)
    refuse(`a rule forwards to ${MAX_FORWARD_TARGETS} addresses at most`);
  const does = actions.mailboxId !== null || actions.keywords.length + actions.forwardTo.length > 0 || stops;
  if (!does) refuse('a rule does something');
}

function isUsable(condition: FilterCondition): boolean {
  const { valueLength, headerNameLength } = FILTER_LIMITS;
  if (condition.field === 'size') return Number.isSafeInteger(condition.bytes) && condition.bytes >= 0;
  if (condition.field === 'attachment' || condition.field === 'origin') return true;
  if (condition.field === 'header') {
    // RFC 5322 §3.6.8.
    if (!/^[!-9;-~]+$/.test(condition.name) || condition.name.length > headerNameLength) return false;
  }
  return /\S/.test(condition.value) && condition.value.length <= valueLength;
}

/** Canonical, each once. */
function requireList(property: 'blocked' | 'allowed', entries: readonly string[]): readonly string[] {
  if (entries.length > FILTER_LIMITS.listed)
    throw new MailError('limit', `a list has ${FILTER_LIMITS.listed} addresses at most`, { data: { property } });
  const listed = entries.map((text, index) => {
    const domain = text.startsWith('@') ? text.slice(1) : text;
    if (domain.includes('@')) return formatAddress(requireAddress(text));
    const canonical = canonicalizeDomain(domain);
    if (canonical === undefined)
      throw new MailError('invalid', 'neither an address nor a domain', { data: { property, index } });
    return canonical;
  });
  return [...new Set(listed)];
}
