/** Deletion/query, /get, /recover and /destroy, ours: what was deleted, and back again. */
import { DAY_MS } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { DeletionId } from '#base/ids.ts';
import { CAPABILITIES, type GetResponse, type SetError } from '#contract/jmap/core.ts';
import {
  DELETION_PROPERTIES,
  DeletionDestroy,
  DeletionGet,
  DeletionQuery,
  DeletionRecover,
  type Deletion,
  type DeletionDestroyResponse,
  type DeletionQueryResponse,
  type DeletionRecoverResponse,
} from '#contract/jmap/deletion.ts';
import type { Id } from '#contract/jmap/values.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds, chooseProperties, pick } from '#jmap/core/get.ts';
import { formatEmailId, formatMailboxId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { formatUtcDate, toEmailAddress } from '#jmap/methods/email/header-forms.ts';
import { formatObjectId, parseObjectId } from '#mail/object-id.ts';
import type { MailAccount } from '#mail/account.ts';
import { foldText } from '#search/fold.ts';

type ListRow = Awaited<ReturnType<MailAccount['deletions']>>[number];

export const deletionGet = defineMethod({
  name: 'Deletion/get',
  // Who may only read an account is not shown what its owner wanted gone.
  access: 'write',
  capability: CAPABILITIES.deletions,
  arguments: DeletionGet,
  async run(context, args): Promise<GetResponse<Partial<Deletion>>> {
    const { account, services } = context;
    const properties = chooseProperties(args.properties, DELETION_PROPERTIES);
    const asked = chooseIds(args.ids);
    const rows = await account.deletions(findIds(context, asked));
    const mailboxIds = new Set((await account.mailboxes()).map(({ mailboxId }) => mailboxId));
    const list = new Map<Id, Deletion>();
    for (const row of rows) {
      const { deletionId, deletedAt, mailboxId, summary } = row;
      const id = formatId(context, deletionId);
      list.set(id, {
        id,
        subject: summary.subject,
        from: summary.from.map(toEmailAddress),
        to: summary.to.map(toEmailAddress),
        receivedAt: formatUtcDate(row.receivedAt),
        size: row.sizeBytes,
        hasAttachment: summary.hasAttachment,
        deletedAt: formatUtcDate(deletedAt),
        keptUntil: formatUtcDate(deletedAt + services.kept.keptDays * DAY_MS),
        mailboxId: mailboxIds.has(mailboxId) ? formatMailboxId(context.accountId, mailboxId) : null,
        path: row.path,
        way: row.way,
        by: row.login,
        agent: row.agent,
      });
    }
    return {
      accountId: args.accountId,
      state: contentState([...list.values()]),
      list: asked.flatMap((id) => pickKnown(list.get(id), properties)),
      notFound: asked.filter((id) => !list.has(id)),
    };
  },
});

export const deletionQuery = defineMethod({
  name: 'Deletion/query',
  access: 'write',
  capability: CAPABILITIES.deletions,
  arguments: DeletionQuery,
  async run(context, { accountId, filter, behind, ...args }): Promise<DeletionQueryResponse> {
    const { account } = context;
    const limit = Math.min(args.limit, JMAP_LIMITS.objectsInGet);
    const text = foldText(filter.text.trim());
    let below = behind === null ? undefined : parseId(context, behind);
    if (behind !== null && below === undefined) throw new MethodError('invalidArguments', '/behind: no such id');
    const ids: Id[] = [];
    for (let read = 0; read < JMAP_LIMITS.deletionsSearched; read += JMAP_LIMITS.deletionsAtOnce) {
      const rows = await account.latestDeletions(text === '' ? limit : JMAP_LIMITS.deletionsAtOnce, below);
      for (const row of rows) {
        below = row.deletionId;
        if (text === '' || isAbout(row, text)) ids.push(formatId(context, row.deletionId));
        if (ids.length === limit) return { accountId, ids, next: formatId(context, below) };
      }
      if (rows.length < (text === '' ? limit : JMAP_LIMITS.deletionsAtOnce)) return { accountId, ids, next: null };
      await context.pause();
    }
    return { accountId, ids, next: below === undefined ? null : formatId(context, below) };
  },
});

export const deletionRecover = defineMethod({
  name: 'Deletion/recover',
  access: 'write',
  capability: CAPABILITIES.deletions,
  arguments: DeletionRecover,
  async run(context, { accountId, ids }): Promise<DeletionRecoverResponse> {
    const asked = chooseFew(ids);
    try {
      const { recovered } = await context.account.recoverDeletions({ deletionIds: findIds(context, asked) });
      const created = Object.fromEntries(
        recovered.map(({ deletionId, emailId, mailboxId }) => [
          formatId(context, deletionId),
          { id: formatEmailId(context.accountId, emailId), mailboxId: formatMailboxId(context.accountId, mailboxId) },
        ]),
      );
      note(context, 'recovered', recovered.length);
      return {
        accountId,
        created,
        notCreated: refuse(
          asked.filter((id) => !Object.hasOwn(created, id)),
          'notFound',
        ),
      };
    } catch (error) {
      if (!isMailError(error, 'overQuota')) throw error;
      return { accountId, created: {}, notCreated: refuse(asked, 'overQuota') };
    }
  },
});

export const deletionDestroy = defineMethod({
  name: 'Deletion/destroy',
  // For good: for the owner alone.
  access: 'own',
  capability: CAPABILITIES.deletions,
  arguments: DeletionDestroy,
  async run(context, { accountId, ids }): Promise<DeletionDestroyResponse> {
    const asked = chooseFew(ids);
    const gone = await context.account.destroyDeletions({ deletionIds: findIds(context, asked) });
    const destroyed = gone.map((deletionId) => formatId(context, deletionId));
    note(context, 'destroyed', destroyed.length);
    const missing = asked.filter((id) => !destroyed.includes(id));
    return { accountId, destroyed, notDestroyed: refuse(missing, 'notFound') };
  },
});

function isAbout({ summary }: ListRow, text: string): boolean {
  const said = [summary.subject, ...summary.from.flatMap(({ name, email }) => [name ?? '', email])];
  return said.some((one) => foldText(one).includes(text));
}

/** Each once. Throws `requestTooLarge`. */
function chooseFew(ids: readonly Id[]): readonly Id[] {
  if (ids.length > JMAP_LIMITS.objectsInSet)
    throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.objectsInSet} ids`);
  return [...new Set(ids)];
}

function findIds(context: MethodContext, ids: readonly Id[]): readonly DeletionId[] {
  return ids.flatMap((id) => parseId(context, id) ?? []);
}

function formatId({ accountId }: MethodContext, deletionId: DeletionId): Id {
  return formatObjectId('D', accountId, deletionId);
}

function parseId({ accountId }: MethodContext, id: Id): DeletionId | undefined {
  return parseObjectId('D', accountId, id) as DeletionId | undefined;
}

function pickKnown(item: Deletion | undefined, properties: ReadonlySet<string>): Partial<Deletion>[] {
  return item === undefined ? [] : [pick(item, properties)];
}

function refuse(ids: readonly Id[], type: SetError['type']): Readonly<Record<Id, SetError>> {
  return Object.fromEntries(ids.map((id) => [id, { type }]));
}

/** What a delegate does is signed as such, like all it does. */
function note({ services, caller, accountId, share }: MethodContext, how: string, count: number): void {
  if (count === 0 || share !== undefined) return;
  services.audit.record({
    action: 'administration.deletions',
    actor: { kind: 'account', accountId: caller.accountId, name: caller.login },
    accountId,
    subject: caller.login,
    via: caller.way,
    remoteAddress: caller.remoteAddress,
    detail: { how, count },
  });
}
