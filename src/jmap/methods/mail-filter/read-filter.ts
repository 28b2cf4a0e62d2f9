/** An account's filters as JMAP has them, and back: mailboxes by their ids. */
import type { FilterRule, MailFilter } from '#contract/jmap/mail-filter.ts';
import type { Id } from '#contract/jmap/values.ts';
import { FILTER_LIMITS } from '#directory/limits.ts';
import type { FilterRow, FilterRule as FilterRuleRow } from '#directory/types.ts';
import { formatSieve } from '#filters/format-sieve.ts';
import { formatMailboxId, parseMailboxId } from '#jmap/core/ids.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import { SINGLETON } from '#jmap/core/singleton.ts';
import { packKeywords, unpackKeywords } from '#mail/keywords.ts';
import type { MailboxId } from '#mail/types.ts';

export async function readFilterRow({ services, accountId }: MethodContext): Promise<FilterRow> {
  const [row] = await services.directory.filters([accountId]);
  return row ?? { accountId, rules: [], blocked: [], allowed: [], blockedInto: 'junk' };
}

export async function readFilter(context: MethodContext): Promise<MailFilter> {
  const { services, account, accountId } = context;
  const [row, mailboxes, standing] = await Promise.all([
    readFilterRow(context),
    account.mailboxes(),
    services.directory.senderStanding(accountId),
  ]);
  const pathOf = new Map(mailboxes.map(({ mailboxId, path }) => [mailboxId, path]));
  const byRole = (role: string): string => mailboxes.find((mailbox) => mailbox.role === role)?.path ?? 'INBOX';
  const addresses = standing?.addresses ?? [];
  const { rules, blocked, allowed, blockedInto } = row;
  return {
    id: SINGLETON,
    rules: rules.map((rule) => toRule(context, rule)),
    blocked,
    allowed,
    blockedInto,
    maxRules: FILTER_LIMITS.rules,
    sieve: formatSieve(row, {
      pathOf: (mailboxId) => pathOf.get(mailboxId),
      junkPath: byRole('junk'),
      trashPath: byRole('trash'),
      ownDomains: [...new Set(addresses.map((address) => address.slice(address.lastIndexOf('@') + 1)))],
    }),
  };
}

function toRule({ accountId }: MethodContext, { actions, ...rule }: FilterRuleRow): FilterRule {
  const { mailboxId, keywords, forwardTo } = actions;
  return {
    ...rule,
    conditions: [...rule.conditions],
    actions: {
      mailboxId: mailboxId === null ? null : formatMailboxId(accountId, mailboxId),
      keywords: [...keywords],
      forwardTo: [...forwardTo],
    },
  };
}

/**
 * Undefined for a mailbox there is none of: `known` are those that rules have named before, which may be gone by now. Throws
 * `invalid` for what is no keyword.
 */
export async function toRuleRow(
  { account, accountId }: MethodContext,
  { actions, ...rule }: FilterRule,
  known: ReadonlySet<MailboxId> = new Set(),
): Promise<FilterRuleRow | undefined> {
  const keywords = unpackKeywords(packKeywords(actions.keywords));
  if (actions.mailboxId === null) return { ...rule, actions: { ...actions, mailboxId: null, keywords } };
  const mailboxId = await findMailbox({ account, accountId }, actions.mailboxId, known);
  return mailboxId && { ...rule, actions: { ...actions, mailboxId, keywords } };
}

/** One that can hold Emails. */
export async function findMailbox(
  { account, accountId }: Pick<MethodContext, 'account' | 'accountId'>,
  id: Id,
  known: ReadonlySet<MailboxId> = new Set(),
): Promise<MailboxId | undefined> {
  const mailboxId = parseMailboxId(accountId, id);
  if (mailboxId === undefined || known.has(mailboxId)) return mailboxId;
  return (await account.mailbox(mailboxId))?.selectable === true ? mailboxId : undefined;
}
