/**
 * Runs an operation of one section on PostgreSQL as a transaction, again when it loses a race: its own, or one that
 * changes mail as well.
 */
import type { Clock } from '#base/clock.ts';
import type { MailStore, OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { RanWith } from '#queue/ports/queue-store.ts';
import { findMessages } from '#store/messages-in-args.ts';
import { type Operations, type SectionName, findOperation } from '#store/operations.ts';
import { openSection } from '#store/sql/sections.ts';
import type { Logger } from '#base/log.ts';
import type { Isolation, OperationRunner } from './operation-runner.ts';
import type { MessageStorage } from './message-storage.ts';
import type { Notices } from './notices.ts';
import { insertReferences, runGroup } from './operation-group.ts';

export interface SectionRunnerOptions {
  readonly operations: Operations;
  readonly runner: OperationRunner;
  readonly messages: MessageStorage;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs changes of mail by themselves. */
  readonly mail: Pick<MailStore, 'run'>;
}

/** The rules of the directory, of migration, of notices and of SMS look at rows they do not write; the others lock what they judge by. */
const ISOLATION: Readonly<Record<SectionName, Isolation>> = {
  audit: 'read committed',
  directory: 'serializable',
  guesses: 'read committed',
  jmap: 'read committed',
  migration: 'serializable',
  notices: 'serializable',
  oauth: 'read committed',
  queue: 'read committed',
  sending: 'read committed',
  signin: 'read committed',
  sso: 'read committed',
  sms: 'serializable',
  trace: 'read committed',
  trust: 'read committed',
};

export class SectionRunner {
  readonly #options: SectionRunnerOptions;

  constructor(options: SectionRunnerOptions) {
    this.#options = options;
  }

  /** The operation's value; throws its MailError, an outage as `unavailable`. */
  async run(section: SectionName, name: string, args: unknown): Promise<unknown> {
    return (await this.runWith(section, name, args, [])).value;
  }

  /** The same, and then changes of mail in the same transaction; save those that cannot share one, which follow it. */
  async runWith(
    section: SectionName,
    name: string,
    args: unknown,
    changes: readonly OperationRequest[],
  ): Promise<RanWith> {
    const { operations, runner, messages, notices, clock, log, mail } = this.#options;
    const operation = findOperation(operations, section, name);
    const nowMs = clock.now();
    const brought = new Set([args, ...changes.map((change) => change.args)].flatMap(findMessages));
    if (brought.size > 0)
      await runner.within(() => Promise.all(Array.from(brought, (message) => messages.ensure(message))));
    const { value, touched, group } = await runner.transaction(ISOLATION[section], async (session) => {
      if (operation.durable === false) await session.run('SET LOCAL synchronous_commit = off', []);
      const tx = openSection[section]({
        session,
        nowMs,
        storeMessage: (message) => messages.referOne(session, message),
      });
      // Values cross threads in the embedded store: what cannot, fails here too.
      const value: unknown = structuredClone(await operation.run(tx as never, args as never));
      await insertReferences(session, tx.references ?? new Map());
      const group =
        changes.length === 0
          ? undefined
          : await runGroup({ operations, messages, nowMs, log, isShared: true }, session, changes);
      return { value, touched: tx.touched ?? [], group };
    });
    notices.publishSection(section, touched);
    for (const [accountId, modSeq] of group?.changed ?? []) notices.publishMail(accountId, modSeq);
    const outcomes = (group?.outcomes ?? []).map(async (outcome, index) => {
      if (outcome !== 'alone') return outcome;
      return (await mail.run(changes.slice(index, index + 1)))[0] as OperationOutcome;
    });
    return { value, outcomes: await Promise.all(outcomes) };
  }
}
