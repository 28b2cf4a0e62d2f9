/** Delegation/get and Delegation/set, ours: who may do what with an account, for its owner and for who may manage it. */
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  DELEGATION_PROPERTIES,
  DelegationChange,
  DelegationCreation,
  DelegationGet,
  DelegationSet,
  type Delegation,
} from '#contract/jmap/delegation.ts';
import type { Id } from '#contract/jmap/values.ts';
import { formatAddress } from '#directory/address.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { formatAccountId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { checkObject, runSet } from '#jmap/core/set.ts';

/** Those with rights on the whole account: what is shared of single mailboxes is IMAP's. */
async function readDelegations(context: MethodContext): Promise<readonly Delegation[]> {
  const { services, accountId } = context;
  const { directory } = services;
  const [rows, box] = await Promise.all([directory.delegationsOf(accountId), directory.box(accountId)]);
  const known = rows.filter(({ rights }) => rights.length > 0);
  return Promise.all(
    known.map(async ({ delegateId, rights }) => {
      const [account, [primary]] = await Promise.all([
        directory.account(delegateId),
        directory.addressesOf(delegateId),
      ]);
      return {
        id: formatAccountId(delegateId),
        address: primary === undefined ? '' : formatAddress(primary),
        name: account?.displayName ?? '',
        rights,
        isResponsible: box?.responsibleId === delegateId,
      };
    }),
  );
}

export const delegationGet = defineMethod({
  name: 'Delegation/get',
  access: 'manage',
  capability: CAPABILITIES.delegation,
  arguments: DelegationGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, DELEGATION_PROPERTIES);
    const delegations = await readDelegations(context);
    return answerGet(args, contentState(delegations), delegations, properties);
  },
});

export const delegationSet = defineMethod({
  name: 'Delegation/set',
  access: 'manage',
  capability: CAPABILITIES.delegation,
  arguments: DelegationSet,
  run: (context, args) =>
    runSet(context, args, {
      state: async () => contentState(await readDelegations(context)),
      create: (properties) => create(context, properties),
      update: (id, patch) => update(context, id, patch),
      async destroy(id) {
        await requireDelegation(context, id);
        await grant(context, delegateOf(id), []);
      },
    }),
});

async function create(context: MethodContext, properties: Patch): Promise<Delegation> {
  const { address, rights } = checkObject(DelegationCreation, properties);
  const found = await context.services.directory.findAddress(address);
  if (found === undefined)
    throw new ObjectError('invalidRecipients', 'nobody here has that address', { invalidRecipients: [address] });
  const id = formatAccountId(found.accountId);
  if ((await readDelegations(context)).some((one) => one.id === id)) throw new ObjectError('alreadyExists');
  await grant(context, found.accountId, rights, address);
  return requireDelegation(context, id);
}

async function update(context: MethodContext, id: Id, patch: Patch): Promise<null> {
  const { rights, ...fixed } = await requireDelegation(context, id);
  const { rights: wanted, ...others } = applyPatch<object>({ rights, ...fixed }, patch) as Delegation;
  if (JSON.stringify(others) !== JSON.stringify(fixed))
    throw new ObjectError('invalidProperties', 'only rights can be set', { properties: ['address'] });
  await grant(context, delegateOf(id), checkObject(DelegationChange, { rights: wanted }).rights);
  return null;
}

async function grant(
  { services, accountId, caller }: MethodContext,
  delegateId: AccountId,
  rights: Delegation['rights'],
  address = '',
): Promise<void> {
  try {
    await services.directory.setDelegation(accountId, delegateId, rights, caller.login);
    const [[owner], [to]] = await Promise.all([
      services.directory.addressesOf(accountId),
      services.directory.addressesOf(delegateId),
    ]);
    services.audit.record({
      action: 'identity.delegation',
      actor: { kind: 'account', accountId: caller.accountId, name: caller.login },
      accountId,
      subject: owner === undefined ? '' : formatAddress(owner),
      via: 'web',
      remoteAddress: caller.remoteAddress,
      detail: {
        how: rights.length === 0 ? 'revoked' : 'granted',
        to: to === undefined ? '' : formatAddress(to),
        rights: rights.join(' '),
      },
    });
  } catch (error) {
    // Oneself, or a box.
    if (address !== '' && (isMailError(error, 'invalid') || isMailError(error, 'forbidden')))
      throw new ObjectError('invalidProperties', error.message, { invalidRecipients: [address] });
    throw error;
  }
}

async function requireDelegation(context: MethodContext, id: Id): Promise<Delegation> {
  const found = (await readDelegations(context)).find((one) => one.id === id);
  if (found === undefined) throw new ObjectError('notFound');
  return found;
}

function delegateOf(id: Id): AccountId {
  return Number(id.slice(1)) as AccountId;
}
