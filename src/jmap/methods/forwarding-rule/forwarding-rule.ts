/** ForwardingRule/get and ForwardingRule/set, ours: where else an account's mail goes. */
import { MailError } from '#base/errors.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  FORWARDING_RULE_PROPERTIES,
  ForwardingRuleChange,
  ForwardingRuleGet,
  ForwardingRuleSet,
  type ForwardingRule,
} from '#contract/jmap/forwarding-rule.ts';
import type { Id } from '#contract/jmap/values.ts';
import { parseAddress } from '#directory/address.ts';
import { MAX_FORWARD_TARGETS } from '#directory/limits.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { checkObject, runSet } from '#jmap/core/set.ts';

const ID = 'singleton';

async function readRule({ services, accountId }: MethodContext): Promise<ForwardingRule> {
  const { directory } = services;
  const [[row], standing] = await Promise.all([
    directory.forwardings([accountId]),
    directory.senderStanding(accountId),
  ]);
  const { copy, outside, barredDomains, allowedTargets } = directory.forwardingRules;
  const own = parseAddress(standing?.addresses[0] ?? '')?.domain ?? '';
  return {
    id: ID,
    targets: row?.targets ?? [],
    keepsCopy: row?.keepsCopy ?? true,
    mayForwardOutside: outside === 'allowed' && !barredDomains.includes(own),
    allowedDomains: allowedTargets,
    mayDropCopy: copy === 'choice',
    maxTargets: MAX_FORWARD_TARGETS,
  };
}

export const forwardingRuleGet = defineMethod({
  name: 'ForwardingRule/get',
  access: 'own',
  capability: CAPABILITIES.forwarding,
  arguments: ForwardingRuleGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, FORWARDING_RULE_PROPERTIES);
    const rule = await readRule(context);
    return answerGet(args, contentState(rule), [rule], properties);
  },
});

export const forwardingRuleSet = defineMethod({
  name: 'ForwardingRule/set',
  access: 'own',
  capability: CAPABILITIES.forwarding,
  arguments: ForwardingRuleSet,
  run: (context, args) =>
    runSet(context, args, {
      state: async () => contentState(await readRule(context)),
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
  const { targets, keepsCopy, ...fixed } = await readRule(context);
  const changed: Readonly<Record<string, unknown>> = applyPatch({ targets, keepsCopy, ...fixed }, patch);
  const touched = Object.entries(fixed).find(
    ([name, value]) => JSON.stringify(changed[name]) !== JSON.stringify(value),
  );
  if (touched !== undefined) throw new ObjectError('invalidProperties', undefined, { properties: [touched[0]] });
  const given = Object.fromEntries(Object.entries(changed).filter(([name]) => !Object.hasOwn(fixed, name)));
  const wanted = checkObject(ForwardingRuleChange, given);
  try {
    await services.directory.setForwarding(accountId, wanted.targets, wanted.keepsCopy);
  } catch (error) {
    throw refusalOf(error);
  }
  const after = await readRule(context);
  // Addresses are told back in the spelling they are kept in.
  return { targets: after.targets, keepsCopy: after.keepsCopy };
}

/** Why, with the address to blame, so that its owner can be told in any language. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof MailError)) return error;
  const { code, message, data } = error;
  const address = data?.['address'];
  const blamed = typeof address === 'string' ? { invalidRecipients: [address] } : {};
  if (code === 'notFound' && typeof address === 'string') return new ObjectError('invalidRecipients', message, blamed);
  if (code === 'invalid') return new ObjectError('invalidProperties', message, { properties: ['targets'], ...blamed });
  if (code === 'forbidden')
    return new ObjectError('forbidden', message, typeof address === 'string' ? blamed : { properties: ['keepsCopy'] });
  return error;
}
