/** MailFilter/apply, ours: tries a rule on mail that is there, or does what it says, slice after slice. */
import type { EmailId } from '#base/ids.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MailFilterApply, type MailFilterApplyResponse } from '#contract/jmap/mail-filter.ts';
import type { FilterRule } from '#directory/types.ts';
import { asksForHeader, matchesRule } from '#filters/match-rule.ts';
import { MessageFacts } from '#filters/message-facts.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { formatEmailId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import type { MailAccount } from '#mail/account.ts';
import type { MailboxId } from '#mail/types.ts';
import { findMailbox, toRuleRow } from './read-filter.ts';

export const mailFilterApply = defineMethod({
  name: 'MailFilter/apply',
  access: 'own',
  capability: CAPABILITIES.filters,
  arguments: MailFilterApply,
  async run(context, { accountId: asked, rule: given, isTrial, ...args }): Promise<MailFilterApplyResponse> {
    const { account, accountId } = context;
    const rule = await toRuleRow(context, given);
    if (rule === undefined) throw new MethodError('invalidArguments', '/rule/actions/mailboxId: no such mailbox');
    const mailboxId = args.mailboxId === null ? undefined : await findMailbox(context, args.mailboxId);
    if (mailboxId === undefined && (args.mailboxId !== null || !isTrial))
      throw new MethodError('invalidArguments', '/mailboxId: no such mailbox');
    const behind = args.behind === null ? undefined : parsePlace(args.behind);
    if (args.behind !== null && behind === undefined) throw new MethodError('invalidArguments', '/behind');
    const limit = Math.min(args.limit, JMAP_LIMITS.filteredAtOnce);
    const rows = await account.emailsByTime({
      ...(mailboxId === undefined ? {} : { mailboxId }),
      ...(behind === undefined ? {} : { behind }),
      isAscending: false,
      withFlags: false,
      limit,
    });
    const matched: EmailId[] = [];
    for (const row of await account.listRows(rows.map(({ emailId }) => emailId))) {
      if (matchesRule(rule, await readFacts(context, rule, row))) matched.push(row.emailId);
      await context.pause();
    }
    if (!isTrial && mailboxId !== undefined) await perform(context, rule, mailboxId, matched);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      accountId: asked,
      examined: rows.length,
      matched: matched.map((emailId) => formatEmailId(accountId, emailId)),
      next: last === undefined ? null : `${last.receivedAt}.${last.emailId}`,
    };
  },
});

/** What is there was let in: of who sent it nothing is known but what it says itself. */
async function readFacts(
  { account, services }: MethodContext,
  rule: FilterRule,
  { emailId, summary, sizeBytes }: Awaited<ReturnType<MailAccount['listRows']>>[number],
): Promise<MessageFacts> {
  const [author] = summary.from;
  const asksOrigin = author !== undefined && rule.conditions.some(({ field }) => field === 'origin');
  const resolution = asksOrigin ? await services.directory.resolveAddress(author.email) : undefined;
  const octets = asksForHeader([rule])
    ? await account.readMessage(emailId, 0, JMAP_LIMITS.filteredHeaderBytes).catch(() => Buffer.alloc(0))
    : Buffer.alloc(0);
  const isInside = resolution !== undefined && resolution.kind !== 'unknownDomain';
  return new MessageFacts({ summary, octets, sizeBytes, reversePath: '', isInside });
}

async function perform(
  { account }: MethodContext,
  { actions }: FilterRule,
  from: MailboxId,
  matched: readonly EmailId[],
): Promise<void> {
  const { mailboxId: into, keywords } = actions;
  if (matched.length === 0 || (into === null && keywords.length === 0)) return;
  const update = matched.map((emailId) => ({
    emailId,
    ...(keywords.length === 0 ? {} : { keywords: { add: keywords } }),
    ...(into === null || into === from ? {} : { mailboxes: { add: [into], remove: [from] } }),
  }));
  await account.setEmails({ update, destroy: [] });
}

function parsePlace(text: string): { readonly receivedAt: number; readonly emailId: EmailId } | undefined {
  const match = /^(-?\d{1,15})\.(\d{1,15})$/.exec(text);
  return match === null ? undefined : { receivedAt: Number(match[1]), emailId: Number(match[2]) as EmailId };
}
