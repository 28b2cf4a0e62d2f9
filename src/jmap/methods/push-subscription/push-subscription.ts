/** PushSubscription/get and PushSubscription/set (RFC 8620 §7.2): of no account, and seen only by the sign-in that made them. */
import { isIP } from 'node:net';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  PUSH_SUBSCRIPTION_PROPERTIES,
  PushSubscriptionChange,
  PushSubscriptionCreation,
  PushSubscriptionGet,
  PushSubscriptionSet,
  SECRET_PUSH_PROPERTIES,
  type PushSubscription,
} from '#contract/jmap/push.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError, ObjectError } from '#jmap/core/errors.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject, runSet } from '#jmap/core/set.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import { formatRowId, parseRowId } from '#jmap/row-ids.ts';
import type { PushSubscriptionId, PushSubscriptionRow } from '#jmap/types.ts';

export const pushSubscriptionGet = defineMethod({
  name: 'PushSubscription/get',
  capability: CAPABILITIES.core,
  arguments: PushSubscriptionGet,
  isOfAccount: false,
  async run(context, args) {
    if (args.properties?.some((name) => SECRET_PUSH_PROPERTIES.includes(name)) === true)
      throw new MethodError('forbidden', 'where it is pushed to is not told');
    const properties = chooseProperties(args.properties, PUSH_SUBSCRIPTION_PROPERTIES);
    const { services, accountId, caller } = context;
    const rows = await services.records.pushSubscriptions(accountId, caller.owner);
    const subscriptions = rows.map((row) => toPushSubscription(context, row));
    const { list, notFound } = answerGet({ accountId: '', ids: args.ids }, '', subscriptions, properties);
    return { list, notFound };
  },
});

export const pushSubscriptionSet = defineMethod({
  name: 'PushSubscription/set',
  capability: CAPABILITIES.core,
  arguments: PushSubscriptionSet,
  isOfAccount: false,
  async run(context, args) {
    const { services, accountId, caller } = context;
    const own = { accountId, owner: caller.owner };
    const response = await runSet(
      context,
      { ...args, accountId: '', ifInState: null },
      {
        state: async () => '',
        create: (properties) => create(context, properties),
        update: (id, patch) => update(context, id, patch),
        destroy: (id) => services.records.destroyPushSubscription({ ...own, id: requireId(context, id) }),
      },
    );
    const { accountId: _, oldState: __, newState: ___, ...outcome } = response;
    return outcome;
  },
});

async function create(context: MethodContext, properties: Patch) {
  const { services, accountId, caller } = context;
  const { verificationCode: _, expires, ...given } = checkObject(PushSubscriptionCreation, properties);
  if (!isPublicName(given.url)) {
    const why = 'a push service has a name that all the world knows it by';
    throw new ObjectError('invalidProperties', why, { properties: ['url'] });
  }
  const row = await services.records.createPushSubscription({
    ...given,
    accountId,
    owner: caller.owner,
    expires: expires === null ? null : Date.parse(expires),
  });
  return { id: formatRowId('PushSubscription', accountId, row.id), expires: formatUtcDate(row.expires) };
}

async function update(context: MethodContext, id: Id, patch: Patch): Promise<object | null> {
  const { services, accountId, caller } = context;
  const { expires, ...changed } = checkObject(PushSubscriptionChange, patch);
  const row = await services.records.updatePushSubscription({
    ...changed,
    accountId,
    owner: caller.owner,
    id: requireId(context, id),
    ...(expires === undefined ? {} : { expires: expires === null ? null : Date.parse(expires) }),
  });
  const held = formatUtcDate(row.expires);
  return expires === undefined || expires === held ? null : { expires: held };
}

function requireId({ accountId }: MethodContext, id: Id): PushSubscriptionId {
  const rowId = parseRowId('PushSubscription', accountId, id);
  if (rowId === undefined) throw new ObjectError('notFound');
  return rowId;
}

function toPushSubscription({ accountId }: MethodContext, row: PushSubscriptionRow): PushSubscription {
  const { id, deviceClientId, isVerified, verificationCode, expires, types, withSubject } = row;
  return {
    id: formatRowId('PushSubscription', accountId, id),
    deviceClientId,
    // It proves that whoever says it was pushed to: not told here.
    verificationCode: isVerified ? verificationCode : null,
    expires: formatUtcDate(expires),
    types,
    withSubject,
  };
}

/** Not so a number and names of one's own machine and network. What the name leads to is judged when it is pushed to. */
function isPublicName(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  const host = url.hostname.replace(/\.$/, '');
  return isIP(host) === 0 && !host.startsWith('[') && /\.(?!localhost$|local$|internal$)[^.]+$/.test(host);
}
