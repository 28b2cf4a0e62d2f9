/** Brings a source's messages into an account in batches, writes the ledger, and tallies what became of each. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CommandFailure, EXIT } from '#app/command.ts';
import { formatCount } from '#app/commands/arguments/size.ts';
import { errorText, isMailError } from '#base/errors.ts';
import type { Clock } from '#base/clock.ts';
import type { MailboxId } from '#base/ids.ts';
import type { MailAccount } from '#mail/account.ts';
import { KnownEmails } from '#mail/known-emails.ts';
import type { ImportLedger } from './ledger.ts';
import { TRANSFER_LIMITS } from './limits.ts';
import type { MailSource, SourceMessage } from './source.ts';

export interface ImportTally {
  imported: number;
  importedBytes: number;
  /** Found in the account: brought by a run that was interrupted. */
  already: number;
  skipped: number;
  failed: number;
  readonly failures: { readonly id: string; readonly reason: string }[];
}

export interface ImportRunOptions {
  readonly account: MailAccount;
  readonly source: MailSource;
  readonly ledger: ImportLedger;
  /** Path of the mailbox that the source's own top is. */
  readonly target: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

interface Batch {
  messages: SourceMessage[];
  bytes: number;
  /** Of everything in it, also of what is not appended. */
  ids: string[];
  failed: string[];
}

/** Throws CommandFailure when it cannot go on; what was done until then is in the ledger. */
export async function runImport(options: ImportRunOptions): Promise<ImportTally> {
  const { account, source, ledger, clock, signal } = options;
  const tally: ImportTally = { imported: 0, importedBytes: 0, already: 0, skipped: 0, failed: 0, failures: [] };
  if (!(await source.isAsRemembered(ledger))) ledger.record({ restart: true, nextEmailId: ledger.head.firstEmailId });
  const earlier = await KnownEmails.read(account, ledger.nextEmailId);
  const targets = new Targets(account, options.target);
  const startedAt = clock.monotonic();
  let lastShownAt = startedAt;
  let batch: Batch = emptyBatch();

  const flush = async (): Promise<void> => {
    const { ids } = batch;
    if (ids.length === 0) return;
    const news: SourceMessage[] = [];
    for (const message of batch.messages) {
      const known = await earlier.take(message.octets, message.receivedAt ?? ledger.head.startedAt);
      if (known === undefined) news.push(message);
      else tally.already++;
    }
    const { nextEmailId, failed } = await appendBatch(options, targets, news, tally);
    const allFailed = new Set([...batch.failed, ...failed]);
    const mark = await source.mark(ids.at(-1) as string);
    ledger.record({
      nextEmailId: nextEmailId ?? ledger.nextEmailId,
      ...(mark ?? { done: ids.filter((id) => !allFailed.has(id)) }),
      ...(allFailed.size === 0 ? {} : { failed: [...allFailed] }),
      mended: ids.filter((id) => !allFailed.has(id) && ledger.hasFailed(id)),
    });
    batch = emptyBatch();
    // One thread also answers the status page.
    await nextTurn();
    const now = clock.monotonic();
    if (now - lastShownAt < 500) return;
    lastShownAt = now;
    const rate = ((tally.imported / (now - startedAt)) * 1000).toFixed(0);
    options.onProgress(`${formatCount(tally.imported)} messages, ${source.progress()}, ${rate} a second`);
  };

  for await (const item of source.read(ledger)) {
    batch.ids.push(item.id);
    if (item.kind === 'message') {
      batch.messages.push(item);
      batch.bytes += item.octets.length;
    } else if (item.kind === 'failure') {
      batch.failed.push(item.id);
      noteFailure(tally, item.id, item.reason);
    } else {
      tally.skipped++;
    }
    const isFull = batch.ids.length >= TRANSFER_LIMITS.batchMessages || batch.bytes >= TRANSFER_LIMITS.batchBytes;
    if (!isFull) continue;
    await flush();
    if (signal.aborted) throw new CommandFailure('interrupted; run the command again to go on');
  }
  await flush();
  return tally;
}

function emptyBatch(): Batch {
  return { messages: [], bytes: 0, ids: [], failed: [] };
}

function noteFailure(tally: ImportTally, id: string, reason: string): void {
  tally.failed++;
  if (tally.failures.length < TRANSFER_LIMITS.failuresTold) tally.failures.push({ id, reason });
}

/** All in one append; if that is refused, one by one, so that the others get in. */
async function appendBatch(
  { account, ledger }: ImportRunOptions,
  targets: Targets,
  messages: readonly SourceMessage[],
  tally: ImportTally,
): Promise<{ readonly nextEmailId: number | undefined; readonly failed: readonly string[] }> {
  const append = async (group: readonly SourceMessage[]): Promise<number> => {
    const items = [];
    for (const { octets, levels, keywords, deleted, receivedAt } of group) {
      items.push({
        message: account.prepareMessage(octets),
        mailboxes: [await targets.resolve(levels)],
        keywords,
        deleted,
        receivedAt: receivedAt ?? ledger.head.startedAt,
      });
    }
    const { emails } = await account.append({ items, source: 'migration' });
    tally.imported += group.length;
    for (const { octets } of group) tally.importedBytes += octets.length;
    return Math.max(...emails.map(({ emailId }) => emailId)) + 1;
  };
  if (messages.length === 0) return { nextEmailId: undefined, failed: [] };
  try {
    return { nextEmailId: await append(messages), failed: [] };
  } catch (error) {
    requireItsOwnFault(error);
  }
  let nextEmailId: number | undefined;
  let faults = 0;
  const failed: string[] = [];
  for (const message of messages) {
    try {
      nextEmailId = await append([message]);
    } catch (error) {
      requireItsOwnFault(error);
      // A fault for one message after another is not the messages'.
      if (!isMailError(error) && ++faults === TRANSFER_LIMITS.faults) {
        throw new CommandFailure(`nothing can be appended: ${errorText(error)}. Run the command again to go on`);
      }
      failed.push(message.id);
      noteFailure(tally, message.id, errorText(error));
    }
  }
  return { nextEmailId, failed };
}

/** Lets a failure pass that may be one message's; throws what every other message would meet too. */
function requireItsOwnFault(error: unknown): void {
  if (isMailError(error, 'unavailable')) {
    throw new CommandFailure(
      `the store does not take mail: ${error.message}. Run the command again to go on`,
      EXIT.unavailable,
    );
  }
  if (isMailError(error, 'notFound')) {
    throw new CommandFailure(`the account or the mailbox went away: ${error.message}`);
  }
}

/** Mailboxes by their levels below the target, made when missing. */
class Targets {
  readonly #account: MailAccount;
  readonly #target: string;
  readonly #known = new Map<string, MailboxId>();

  constructor(account: MailAccount, target: string) {
    this.#account = account;
    this.#target = target;
  }

  async resolve(levels: readonly string[]): Promise<MailboxId> {
    const path = this.#pathOf(levels);
    let mailboxId = this.#known.get(path);
    if (mailboxId === undefined) {
      mailboxId = (await this.#account.findMailbox(path))?.mailboxId ?? (await this.#create(path));
      this.#known.set(path, mailboxId);
    }
    return mailboxId;
  }

  /** Without a target of its own a Maildir's top is the inbox, and its folders stand beside it. */
  #pathOf(levels: readonly string[]): string {
    if (levels.length === 0) return this.#target === '' ? 'INBOX' : this.#target;
    return [...(this.#target === '' ? [] : [this.#target]), ...levels].join('/');
  }

  async #create(path: string): Promise<MailboxId> {
    const { mailboxId } = await this.#account.createMailbox({ path, subscribed: true });
    return mailboxId;
  }
}
