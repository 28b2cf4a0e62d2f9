/**
 * The door of the audit: `record` writes down who did what. It never throws and nobody waits for it; what happens in one
 * turn is written together. While the store is away events wait, so many; what cannot be kept goes to the log.
 */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import { MAX_VALUE_CHARS, MAX_WAITING, RETRY_MS, ROWS_AT_ONCE } from './limits.ts';
import { maskDetail } from './mask.ts';
import type { AppendArgs } from './operations.ts';
import type { AuditStore } from './ports/audit-store.ts';
import type { AuditEntry, AuditEvent } from './types.ts';

export interface AuditParts {
  readonly store: Pick<AuditStore, 'run'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Audit {
  readonly #parts: AuditParts;
  #waiting: AuditEntry[] = [];
  #writing: Promise<void> | undefined;
  #cancelRetry = (): void => {};

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  record({ action, actor, accountId, subject, via, remoteAddress, detail }: AuditEvent): void {
    // In one order, whatever the caller's: it is the text that is hashed and read.
    const entry: AuditEntry = {
      at: this.#parts.clock.now(),
      action,
      actor,
      ...(accountId === undefined ? {} : { accountId }),
      subject: subject.slice(0, MAX_VALUE_CHARS),
      ...(via === undefined ? {} : { via }),
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      ...(detail === undefined ? {} : { detail: maskDetail(detail) }),
    };
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lose([entry], 'too many wait');
      return;
    }
    this.#waiting.push(entry);
    this.#writing ??= this.#write();
  }

  /** Resolves when all is written that was recorded so far, or cannot be now. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Writes what waits, once more; what cannot be written goes to the log. */
  async close(): Promise<void> {
    await this.flush();
    this.#cancelRetry();
    if (this.#waiting.length > 0) await (this.#writing ??= this.#write());
    this.#cancelRetry();
    this.#lose(this.#waiting.splice(0), 'the store is away');
  }

  async #write(): Promise<void> {
    // At the end of this microtask run: what one turn records is written together.
    await Promise.resolve();
    this.#cancelRetry();
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.slice(0, ROWS_AT_ONCE);
      const name = entries.every(({ action }) => action.startsWith('sign-in.')) ? 'appendSoon' : 'append';
      try {
        await this.#parts.store.run(name, { entries } satisfies AppendArgs);
      } catch (error) {
        this.#parts.log.error({ err: error, waiting: this.#waiting.length }, 'the audit cannot be written');
        this.#cancelRetry = this.#parts.clock.after(RETRY_MS, () => void (this.#writing ??= this.#write()));
        break;
      }
      this.#waiting.splice(0, entries.length);
    }
    this.#writing = undefined;
  }

  #lose(entries: readonly AuditEntry[], reason: string): void {
    for (const entry of entries) this.#parts.log.error({ entry, reason }, 'an audit event is in this log alone');
  }
}
