/** What was deleted and can be had back, from the server; nothing of it is kept here. */
import { CAPABILITIES, type SetResponse } from '#contract/jmap/core.ts';
import type {
  Deletion,
  DeletionCapability,
  DeletionDestroyResponse,
  DeletionQueryResponse,
  DeletionRecoverResponse,
} from '#contract/jmap/deletion.ts';
import type { Email } from '#contract/jmap/email.ts';
import type { Client } from '#web/jmap/client.ts';
import { resultOf, type Outcome } from '#web/jmap/types.ts';
import type { DeletionsModel, DeletionView } from './deletions-model.ts';

/** Rows of a page, and letters of the trash that one request deletes. */
const AT_ONCE = 50;
const EMPTIED_AT_ONCE = 500;

export function createJmapDeletions({ accountId, connection, store }: Client): DeletionsModel {
  return {
    async kept() {
      const session = await connection.session().catch(() => undefined);
      const capability = session?.accounts[accountId]?.accountCapabilities[CAPABILITIES.deletions];
      return { keptDays: 0, trashDays: 0, junkDays: 0, ...(capability as DeletionCapability | undefined) };
    },
    async list(text, next) {
      try {
        const [found, got] = (await connection.run([
          ['Deletion/query', { accountId, filter: { text }, behind: next ?? null, limit: AT_ONCE }],
          ['Deletion/get', { accountId, '#ids': resultOf(0, 'Deletion/query', '/ids') }],
        ])) as [Outcome<DeletionQueryResponse>, Outcome<{ readonly list: readonly Deletion[] }>];
        if (!found.ok || !got.ok) return 'failed';
        return { deletions: got.value.list.map(toView), next: found.value.next ?? undefined };
      } catch {
        return 'failed';
      }
    },
    async recover(ids) {
      try {
        const answer = (await connection.call('Deletion/recover', { accountId, ids })) as DeletionRecoverResponse;
        const back = Object.keys(answer.created);
        const isFull = Object.values(answer.notCreated).some(({ type }) => type === 'overQuota');
        return isFull && back.length === 0 ? 'overQuota' : back;
      } catch {
        return 'failed';
      }
    },
    destroy: (ids) =>
      connection.call('Deletion/destroy', { accountId, ids }).then(
        (answer) => (answer as DeletionDestroyResponse).destroyed,
        () => 'failed',
      ),
    async emptyTrash() {
      const trash = store.peekAll('Mailbox')?.find(({ role }) => role === 'trash');
      if (trash === undefined) return 'failed';
      let count = 0;
      try {
        for (;;) {
          const [, got] = (await connection.run([
            ['Email/query', { accountId, filter: { inMailbox: trash.id }, limit: EMPTIED_AT_ONCE }],
            ['Email/get', { accountId, '#ids': resultOf(0, 'Email/query', '/ids'), properties: ['mailboxIds'] }],
          ])) as [unknown, Outcome<{ readonly list: readonly Pick<Email, 'id' | 'mailboxIds'>[] }>];
          if (!got.ok) return 'failed';
          if (got.value.list.length === 0) return count;
          // What a mail program has put elsewhere, too, stays there.
          const isElsewhere = ({ mailboxIds }: Pick<Email, 'mailboxIds'>) => Object.keys(mailboxIds).length > 1;
          const stays = got.value.list.filter(isElsewhere).map(({ id }) => [id, { [`mailboxIds/${trash.id}`]: null }]);
          const destroy = got.value.list.filter((email) => !isElsewhere(email)).map(({ id }) => id);
          const args = { accountId, update: Object.fromEntries(stays) as object, destroy };
          const set = (await connection.call('Email/set', args)) as SetResponse<unknown>;
          const done = Object.keys(set.updated ?? {}).length + (set.destroyed?.length ?? 0);
          if (done === 0) return 'failed';
          count += done;
        }
      } catch {
        return 'failed';
      }
    },
  };
}

function toView(deletion: Deletion): DeletionView {
  const { id, subject, from, size, deletedAt, keptUntil, mailboxId, path, way, by, agent } = deletion;
  return {
    id,
    subject,
    from: from[0]?.name || (from[0]?.email ?? ''),
    size,
    deletedAt: new Date(deletedAt),
    keptUntil: new Date(keptUntil),
    mailboxId: mailboxId ?? undefined,
    path,
    way,
    by,
    agent,
  };
}
