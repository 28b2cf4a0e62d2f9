/** What was deleted and can be had back, from the server; nothing of it is kept here. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type {
  Deletion,
  DeletionCapability,
  DeletionDestroyResponse,
  DeletionQueryResponse,
  DeletionRecoverResponse,
  MailboxEmptyResponse,
} from '#contract/jmap/deletion.ts';
import type { Client } from '#web/jmap/client.ts';
import { failureOf } from '#web/jmap/failures.ts';
import { resultOf, type Outcome } from '#web/jmap/types.ts';
import type { DeletionsModel, DeletionView } from './deletions-model.ts';

/** Rows of a page. */
const AT_ONCE = 50;

export function createJmapDeletions(client: Client): DeletionsModel {
  const { accountId, connection, store, lists } = client;
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
    async emptyTrash(onLeft) {
      const trash = store.peekAll('Mailbox')?.find(({ role }) => role === 'trash');
      if (trash === undefined) return 'failed';
      const showAsIs = lists.empty(trash.id);
      try {
        const count = await emptyMailbox(client, trash.id, null, onLeft);
        // What is shown next is what the server has.
        await Promise.all([store.sync(['Email', 'Thread', 'Mailbox']), lists.refresh()]).catch(failureOf);
        return count;
      } catch {
        return 'failed';
      } finally {
        showAsIs();
      }
    },
  };
}

/**
 * Takes out all that is in a mailbox now, `into` another or for good; how many letters those were. Tells how many are left
 * whenever it takes further requests. Rejects with JmapError.
 */
export async function emptyMailbox(
  { accountId, connection }: Pick<Client, 'accountId' | 'connection'>,
  id: string,
  into: string | null,
  onLeft?: (left: number) => void,
): Promise<number> {
  let count = 0;
  for (let upTo: number | null = null; ;) {
    const args = { accountId, id, into, upTo };
    const answer = (await connection.call('Mailbox/empty', args)) as MailboxEmptyResponse;
    count += answer.emptied[id] ?? 0;
    if (answer.left === 0) return count;
    onLeft?.(answer.left);
    upTo = answer.upTo;
  }
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
