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
import { parseAddress } from '#directory/address.ts';
import { MAX_FORWARD_TARGETS } from '#directory/limits.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject } from '#jmap/core/set.ts';
import { getSingleton, patchOwn, setSingleton, SINGLETON } from '#jmap/core/singleton.ts';

async function readRule({ services, accountId }: MethodContext): Promise<ForwardingRule> {
  const { directory } = services;
  const [[row], standing] = await Promise.all([
    directory.forwardings([accountId]),
    directory.senderStanding(accountId),
  ]);
  const { copy, outside, barredDomains, allowedTargets } = directory.forwardingRules;
  const own = parseAddress(standing?.addresses[0] ?? '')?.domain ?? '';
  return {
    id: SINGLETON,
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
  run: (context, args) => getSingleton(args, FORWARDING_RULE_PROPERTIES, () => readRule(context)),
});

export const forwardingRuleSet = defineMethod({
  name: 'ForwardingRule/set',
  access: 'own',
  capability: CAPABILITIES.forwarding,
  arguments: ForwardingRuleSet,
  run: (context, args) =>
    setSingleton(context, args, {
      read: () => readRule(context),
      update: (patch) => update(context, patch),
    }),
});

async function update(context: MethodContext, patch: Patch): Promise<object | null> {
  const { services, accountId } = context;
  const { targets, keepsCopy, ...fixed } = await readRule(context);
  const wanted = checkObject(ForwardingRuleChange, patchOwn({ targets, keepsCopy }, fixed, patch));
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
