/** Which thread each message of a change belongs to. What is known of them is read once for all, and written once. */
import type { MailTransaction, ThreadReference } from '#mail/ports/mail-store.ts';
import { MUTED } from '#mail/keywords.ts';
import type { PreparedMessage, ThreadId } from '#mail/types.ts';
import type { AccountChange } from './account-change.ts';

export class ThreadJoiner {
  readonly #tx: MailTransaction;
  readonly #change: AccountChange;
  readonly #known: Map<string, ThreadId>;
  readonly #changed = new Map<string, ThreadReference>();

  private constructor(tx: MailTransaction, change: AccountChange, known: Map<string, ThreadId>) {
    this.#tx = tx;
    this.#change = change;
    this.#known = known;
  }

  /** For these messages, of which not all need be joined. Before the change writes anything. */
  static async read(
    tx: MailTransaction,
    change: AccountChange,
    messages: readonly PreparedMessage[],
  ): Promise<ThreadJoiner> {
    const wanted = new Map(messages.flatMap(keysOf).map((key) => [nameOf(key), key]));
    const rows = wanted.size === 0 ? [] : await tx.threadReferences([...wanted.values()]);
    const joiner = new ThreadJoiner(tx, change, new Map(rows.map((row) => [nameOf(row), row.threadId])));
    await change.openThreads(messages.flatMap((message) => joiner.#find(message) ?? []));
    return joiner;
  }

  /** RFC 8621 §3: a common message id and the same base subject make a thread; the oldest of several. */
  async join(message: PreparedMessage): Promise<{ readonly threadId: ThreadId; readonly isMuted: boolean }> {
    const known = this.#find(message);
    // Where the thread is full, the conversation goes on in the one that is answered.
    const threadId = known === undefined ? this.#change.allocateThread() : await this.#change.joinThread(known);
    for (const key of keysOf(message)) {
      const name = nameOf(key);
      if (this.#known.get(name) === threadId) continue;
      this.#known.set(name, threadId);
      this.#changed.set(name, { ...key, threadId });
    }
    return { threadId, isMuted: known !== undefined && this.#change.threadHas(known, MUTED) };
  }

  async write(): Promise<void> {
    if (this.#changed.size > 0) await this.#tx.putThreadReferences([...this.#changed.values()]);
  }

  #find(message: PreparedMessage): ThreadId | undefined {
    const found = keysOf(message).flatMap((key) => this.#known.get(nameOf(key)) ?? []);
    return found.length === 0 ? undefined : (Math.min(...found) as ThreadId);
  }
}

type ThreadKey = Omit<ThreadReference, 'threadId'>;

function keysOf({ threadKeys: { references, subjectHash } }: PreparedMessage): ThreadKey[] {
  return references.map((reference) => ({ reference, subjectHash }));
}

function nameOf({ reference, subjectHash }: ThreadKey): string {
  return `${reference} ${subjectHash}`;
}
