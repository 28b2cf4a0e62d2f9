/** Mailbox/set (RFC 8621 §2.5). */
import { isMailError } from '#base/errors.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MailboxCreation, MailboxSet, MAILBOX_PROPERTIES, type Mailbox } from '#contract/jmap/mailbox.ts';
import type { Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { formatMailboxId, formatState, parseMailboxId } from '#jmap/core/ids.ts';
import { defineMethod, deleter, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { checkObject, resolveId, runSet } from '#jmap/core/set.ts';
import { PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import type { MailOperationArgs } from '#mail/operations.ts';
import { MAILBOX_ROLES, type MailboxId, type MailboxRole } from '#mail/types.ts';
import { toMailbox } from './read-mailboxes.ts';

type UpdateMailboxArgs = MailOperationArgs<'updateMailbox'>;

export const mailboxSet = defineMethod({
  name: 'Mailbox/set',
  capability: CAPABILITIES.mail,
  arguments: MailboxSet,
  async run(context, args) {
    const { account } = context;
    const blocked = new Map<Id, UpdateMailboxArgs>();
    return runSet(
      context,
      { ...args, destroy: await inDestroyOrder(context, args.destroy) },
      {
        state: async () => formatState(await account.modSeq()),
        create: (properties) => create(context, properties),
        async update(id, patch) {
          const wanted = await readUpdate(context, id, patch);
          try {
            await account.updateMailbox(wanted);
          } catch (error) {
            if (isBlocked(error)) blocked.set(id, wanted);
            throw nameProperty(error);
          }
          return null;
        },
        destroy: (id) => destroy(context, id, args.onDestroyRemoveEmails),
        updateBlocked: () => updateBlocked(context, blocked),
      },
    );
  },
});

async function create(context: MethodContext, properties: Patch): Promise<Partial<Mailbox> & { readonly id: Id }> {
  const { account, accountId } = context;
  const asked = checkObject(MailboxCreation, properties);
  const parentId = await findParent(context, asked.parentId);
  const wanted = {
    name: asked.name,
    parentId,
    role: toRole(asked.role),
    subscribed: asked.isSubscribed,
    sortOrder: asked.sortOrder,
  };
  const { mailboxId } = await account.createMailbox(wanted).catch((error: unknown) => {
    throw nameProperty(error);
  });
  const row = await account.mailbox(mailboxId);
  if (row === undefined) throw new ObjectError('notFound');
  const made = toMailbox(accountId, row, context.share);
  // What was not asked for is told (RFC 8620 §5.3).
  return { ...pickOthers(made, properties), id: made.id };
}

/** What is asked of a mailbox of one's own. */
async function readUpdate(context: MethodContext, id: Id, patch: Patch): Promise<UpdateMailboxArgs> {
  const { account, accountId } = context;
  const row = await account.mailbox(requireMailbox(context, id));
  if (row === undefined) throw new ObjectError('notFound');
  const before = toMailbox(accountId, row, context.share);
  const after = applyPatch(before, patch);
  const unknown = Object.keys(after).filter((name) => !(MAILBOX_PROPERTIES as readonly string[]).includes(name));
  const fixed = FIXED.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  if (unknown.length + fixed.length > 0)
    throw new ObjectError('invalidProperties', 'these cannot be set', { properties: [...unknown, ...fixed] });
  const own = Object.entries(after).filter(([property]) => !(FIXED as readonly string[]).includes(property));
  const wanted = checkObject(MailboxCreation, Object.fromEntries(own));
  const parentId = wanted.parentId === before.parentId ? row.parentId : await findParent(context, wanted.parentId);
  return {
    mailboxId: row.mailboxId,
    ...(wanted.name === before.name ? {} : { name: wanted.name }),
    parentId,
    ...(wanted.role === before.role ? {} : { role: toRole(wanted.role) }),
    sortOrder: wanted.sortOrder,
    subscribed: wanted.isSubscribed,
  };
}

/**
 * RFC 8620 §5.3: it is the end that has to be valid. Those who only stood in each other's way are one change; if that
 * cannot be, each is tried once more, for who stood in its way may have gone.
 */
async function updateBlocked(
  { account }: MethodContext,
  blocked: ReadonlyMap<Id, UpdateMailboxArgs>,
): Promise<ReadonlySet<Id>> {
  if (blocked.size === 0) return new Set();
  if (await isDone(() => account.updateMailboxes({ updates: [...blocked.values()] }))) return new Set(blocked.keys());
  const freed = new Set<Id>();
  for (const [id, wanted] of blocked) {
    if (await isDone(() => account.updateMailbox(wanted))) freed.add(id);
  }
  return freed;
}

async function isDone(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (isMailError(error) && error.code !== 'unavailable') return false;
    throw error;
  }
}

async function destroy(context: MethodContext, id: Id, removeEmails: boolean): Promise<void> {
  try {
    const mailboxId = requireMailbox(context, id);
    await context.account.deleteMailbox({ mailboxId, removeEmails, by: deleter(context) });
  } catch (error) {
    if (!isMailError(error, 'inUse')) throw error;
    throw new ObjectError(error.data['reason'] === 'children' ? 'mailboxHasChild' : 'mailboxHasEmail', error.message);
  }
}

/** Those below others first: what is empty in the end may be removed in whatever order it was named (RFC 8620 §5.3). */
async function inDestroyOrder(context: MethodContext, destroy: readonly Id[] | null): Promise<readonly Id[] | null> {
  if (destroy === null || destroy.length < 2) return destroy;
  const { account, accountId } = context;
  const depths = new Map(
    (await account.mailboxes()).map(({ mailboxId, path }) => [
      formatMailboxId(accountId, mailboxId),
      path.split(PATH_SEPARATOR).length,
    ]),
  );
  const depthOf = (id: Id): number => depths.get(id) ?? 0;
  return destroy.toSorted((a, b) => depthOf(b) - depthOf(a));
}

/** What the server alone decides. */
const FIXED = ['id', 'totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads', 'myRights'] as const;

function requireMailbox({ accountId }: MethodContext, id: Id): MailboxId {
  const mailboxId = parseMailboxId(accountId, id);
  if (mailboxId === undefined) throw new ObjectError('notFound');
  return mailboxId;
}

async function findParent(context: MethodContext, parentId: Id | null): Promise<MailboxId | null> {
  if (parentId === null) return null;
  const found = parseMailboxId(context.accountId, resolveId(context, parentId));
  if (found === undefined || (await context.account.mailbox(found)) === undefined)
    throw new ObjectError('invalidProperties', 'there is no such parent', { properties: ['parentId'] });
  return found;
}

function toRole(role: string | null): MailboxRole | null {
  if (role === null || (MAILBOX_ROLES as readonly string[]).includes(role)) return role as MailboxRole | null;
  throw new ObjectError('invalidProperties', `there is no role ${role}`, { properties: ['role'] });
}

/** Whether another mailbox is the reason, or the place where one stands now. */
function isBlocked(error: unknown): boolean {
  return (
    isMailError(error, 'inUse') ||
    isMailError(error, 'alreadyExists') ||
    (isMailError(error, 'invalid') && error.data['property'] === 'parentId')
  );
}

/** Says which property a refusal is about. */
function nameProperty(error: unknown): unknown {
  if (isMailError(error, 'inUse')) return new ObjectError('invalidProperties', error.message, { properties: ['role'] });
  if (isMailError(error, 'invalid') || isMailError(error, 'alreadyExists'))
    return new ObjectError('invalidProperties', error.message, {
      properties: [error.data['property'] === 'parentId' ? 'parentId' : 'name'],
    });
  return error;
}

function pickOthers(made: Mailbox, asked: Patch): Partial<Mailbox> {
  return Object.fromEntries(
    Object.entries(made).filter(([name, value]) => !Object.hasOwn(asked, name) || asked[name] !== value),
  );
}
