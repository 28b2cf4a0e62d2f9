/** MailFilter/get and MailFilter/set, ours: what becomes of mail that comes for an account. */
import { MailError } from '#base/errors.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MAIL_FILTER_PROPERTIES, MailFilterChange, MailFilterGet, MailFilterSet } from '#contract/jmap/mail-filter.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject } from '#jmap/core/set.ts';
import { getSingleton, patchOwn, setSingleton } from '#jmap/core/singleton.ts';
import { readFilter, readFilterRow, toRuleRow } from './read-filter.ts';

export const mailFilterGet = defineMethod({
  name: 'MailFilter/get',
  access: 'own',
  capability: CAPABILITIES.filters,
  arguments: MailFilterGet,
  run: (context, args) => getSingleton(args, MAIL_FILTER_PROPERTIES, () => readFilter(context)),
});

export const mailFilterSet = defineMethod({
  name: 'MailFilter/set',
  access: 'own',
  capability: CAPABILITIES.filters,
  arguments: MailFilterSet,
  run: (context, args) =>
    setSingleton(context, args, {
      read: () => readFilter(context),
      update: (patch) => update(context, patch),
    }),
});

async function update(context: MethodContext, patch: Patch): Promise<object | null> {
  const { services, accountId } = context;
  const { rules, blocked, allowed, blockedInto, ...fixed } = await readFilter(context);
  const wanted = checkObject(MailFilterChange, patchOwn({ rules, blocked, allowed, blockedInto }, fixed, patch));
  const before = await readFilterRow(context);
  const known = new Set(before.rules.flatMap(({ actions }) => actions.mailboxId ?? []));
  try {
    const rows = [];
    for (const [index, rule] of wanted.rules.entries()) {
      const row = await toRuleRow(context, rule, known);
      if (row === undefined) throw refusalOfRule(index, 'no such mailbox');
      rows.push(row);
    }
    await services.directory.setFilter({ ...wanted, accountId, rules: rows });
  } catch (error) {
    throw refusalOf(error);
  }
  const { id: _, ...after } = await readFilter(context);
  // Addresses are told back in the spelling they are kept in.
  return after;
}

function refusalOfRule(index: number, why: string): ObjectError {
  return new ObjectError('invalidProperties', why, { properties: [`rules/${index}`] });
}

/** Why, with the rule or the address to blame, so that its owner can be told in any language. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof MailError)) return error;
  const { code, message, data } = error;
  const { property = 'rules', index, address } = data ?? {};
  const blamed = typeof address === 'string' ? { invalidRecipients: [address] } : {};
  if (code === 'invalid' && typeof index === 'number')
    return new ObjectError('invalidProperties', message, { properties: [`${String(property)}/${index}`] });
  if (code === 'invalid') return new ObjectError('invalidProperties', message, { properties: ['rules'], ...blamed });
  if (code === 'notFound' && typeof address === 'string') return new ObjectError('invalidRecipients', message, blamed);
  if (code === 'forbidden') return new ObjectError('forbidden', message, blamed);
  return error;
}
