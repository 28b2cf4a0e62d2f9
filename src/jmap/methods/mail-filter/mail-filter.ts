/** MailFilter/get and MailFilter/set, ours: what becomes of mail that comes for an account. */
import { MailError } from '#base/errors.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MAIL_FILTER_PROPERTIES, MailFilterChange, MailFilterGet, MailFilterSet } from '#contract/jmap/mail-filter.ts';
import type { Id } from '#contract/jmap/values.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { checkObject, runSet } from '#jmap/core/set.ts';
import { readFilter, readFilterRow, toRuleRow } from './read-filter.ts';

const ID = 'singleton';

export const mailFilterGet = defineMethod({
  name: 'MailFilter/get',
  access: 'own',
  capability: CAPABILITIES.filters,
  arguments: MailFilterGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, MAIL_FILTER_PROPERTIES);
    const filter = await readFilter(context);
    return answerGet(args, contentState(filter), [filter], properties);
  },
});

export const mailFilterSet = defineMethod({
  name: 'MailFilter/set',
  access: 'own',
  capability: CAPABILITIES.filters,
  arguments: MailFilterSet,
  run: (context, args) =>
    runSet(context, args, {
      state: async () => contentState(await readFilter(context)),
      create: async () => {
        throw new ObjectError('singleton');
      },
      update: (id, patch) => update(context, id, patch),
      destroy: async () => {
        throw new ObjectError('singleton');
      },
    }),
});

async function update(context: MethodContext, id: Id, patch: Patch): Promise<object | null> {
  if (id !== ID) throw new ObjectError('notFound');
  const { services, accountId } = context;
  const { rules, blocked, allowed, blockedInto, ...fixed } = await readFilter(context);
  const changed: Readonly<Record<string, unknown>> = applyPatch(
    { rules, blocked, allowed, blockedInto, ...fixed },
    patch,
  );
  const touched = Object.entries(fixed).find(([name, value]) => changed[name] !== value);
  if (touched !== undefined) throw new ObjectError('invalidProperties', undefined, { properties: [touched[0]] });
  const given = Object.fromEntries(Object.entries(changed).filter(([name]) => !Object.hasOwn(fixed, name)));
  const wanted = checkObject(MailFilterChange, given);
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
