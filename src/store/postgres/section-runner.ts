/** Runs an operation of one section on PostgreSQL as a transaction of its own, again when it loses a race. */
import type { Clock } from '#base/clock.ts';
import { findMessages } from '#store/messages-in-args.ts';
import { type Operations, type SectionName, findOperation } from '#store/operations.ts';
import { openSection } from '#store/sql/sections.ts';
import type { Isolation, OperationRunner } from './operation-runner.ts';
import type { MessageStorage } from './message-storage.ts';
import type { Notices } from './notices.ts';
import { insertReferences } from './operation-group.ts';

export interface SectionRunnerOptions {
  readonly operations: Operations;
  readonly runner: OperationRunner;
  readonly messages: MessageStorage;
  readonly notices: Notices;
  readonly clock: Clock;
}

/** The directory's rules look at rows they do not write; the others lock what they judge by. */
const ISOLATION: Readonly<Record<SectionName, Isolation>> = {
  directory: 'serializable',
  jmap: 'read committed',
  queue: 'read committed',
  sending: 'read committed',
  signin: 'read committed',
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
    const { operations, runner, messages, notices, clock } = this.#options;
    const operation = findOperation(operations, section, name);
    const nowMs = clock.now();
    const brought = findMessages(args);
    if (brought.length > 0) await runner.within(() => Promise.all(brought.map((message) => messages.ensure(message))));
    const { value, touched } = await runner.transaction(ISOLATION[section], async (session) => {
      if (operation.durable === false) await session.run('SET LOCAL synchronous_commit = off', []);
      const tx = openSection[section]({
        session,
        nowMs,
        storeMessage: (message) => messages.refer(session, message),
      });
      // Values cross threads in the embedded store: what cannot, fails here too.
      const value: unknown = structuredClone(await operation.run(tx as never, args as never));
      await insertReferences(session, tx.references ?? new Map());
      return { value, touched: tx.touched ?? [] };
    });
    notices.publishSection(section, touched);
    return value;
  }
}
