/** Push by event source (RFC 8620 §7.3). */
import type { StateChange } from '#contract/jmap/core.ts';
import type { MailAccount } from '#mail/account.ts';
import type { ChangeRecord, ModSeq } from '#mail/types.ts';
import { formatAccountId, formatState } from './ids.ts';

export interface EventOptions {
  /** Type names, or `*`. */
  readonly types: ReadonlySet<string>;
  readonly closeAfterState: boolean;
  /** Milliseconds between pings; 0: none. */
  readonly pingMs: number;
  readonly signal: AbortSignal;
  /** Begins to see to it that `signal` aborts when the client has signed out. */
  readonly watch: () => () => void;
}

/** Records read to learn which types changed; beyond, all did. */
const RECORDS_READ = 256;

/** What is told of one account, as it happens: pieces of `text/event-stream`. Ends when the client is gone. */
export async function* streamEvents(account: MailAccount, options: EventOptions): AsyncGenerator<string> {
  const { signal, pingMs } = options;
  let wake = Promise.withResolvers<void>();
  let isChanged = false;
  const unwatch = account.watch(() => {
    isChanged = true;
    wake.resolve();
  });
  const unwatchSignIn = options.watch();
  const onAbort = (): void => wake.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  const pinger = pingMs === 0 ? undefined : setInterval(() => wake.resolve(), pingMs);
  try {
    let told = await account.modSeq();
    // So that headers reach the client before the first news does.
    yield ': welcome\n\n';
    while (!signal.aborted) {
      await wake.promise;
      wake = Promise.withResolvers<void>();
      if (signal.aborted) return;
      if (!isChanged) {
        yield `event: ping\ndata: {"interval":${pingMs / 1000}}\n\n`;
        continue;
      }
      isChanged = false;
      const change = await describeChange(account, told, options.types);
      told = change.modSeq;
      if (change.state === undefined) continue;
      yield `event: state\nid: ${formatState(told)}\ndata: ${JSON.stringify(change.state)}\n\n`;
      if (options.closeAfterState) return;
    }
  } finally {
    clearInterval(pinger);
    signal.removeEventListener('abort', onAbort);
    unwatch();
    unwatchSignIn();
  }
}

/** `state` undefined: nothing the client asked about. */
export async function describeChange(
  account: MailAccount,
  since: ModSeq,
  types: ReadonlySet<string>,
): Promise<{ readonly modSeq: ModSeq; readonly state: StateChange | undefined }> {
  const records = await account.changes(since, RECORDS_READ);
  const modSeq = records?.at(-1)?.modSeq ?? (await account.modSeq());
  const isBehind = records === undefined || records.length === RECORDS_READ;
  const now = isBehind ? await account.modSeq() : modSeq;
  const changed = (isBehind ? MAIL_TYPES : changedTypes(records)).filter((type) => types.has('*') || types.has(type));
  if (changed.length === 0) return { modSeq: now, state: undefined };
  const states = Object.fromEntries(changed.map((type) => [type, formatState(now)]));
  return {
    modSeq: now,
    state: { '@type': 'StateChange', changed: { [formatAccountId(account.accountId)]: states } },
  };
}

const MAIL_TYPES: readonly string[] = ['Email', 'EmailDelivery', 'Mailbox', 'Thread', 'Quota'];

function changedTypes(records: readonly ChangeRecord[]): readonly string[] {
  const changed = new Set<string>();
  for (const { emails, threads, mailboxes } of records) {
    if (emails.created.length > 0) changed.add('EmailDelivery');
    if (emails.created.length + emails.updated.length + emails.destroyed.length > 0) changed.add('Email');
    if (emails.created.length + emails.destroyed.length > 0) changed.add('Quota');
    if (threads.created.length + threads.updated.length + threads.destroyed.length > 0) changed.add('Thread');
    const { created, updated, counted, destroyed } = mailboxes;
    if (created.length + updated.length + counted.length + destroyed.length > 0) changed.add('Mailbox');
  }
  return [...changed];
}
