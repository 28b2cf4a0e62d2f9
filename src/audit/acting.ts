/**
 * Who is at work in the code that runs now, for what is written down far from where they signed in: each request and each command runs
 * within one, and whoever finds out who it is says so.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditActor } from './types.ts';

export interface Acting {
  /** Undefined: nobody has said yet. */
  actor: AuditActor | undefined;
  readonly via: string;
  /** Numeric. */
  readonly remoteAddress?: string;
}

const acting = new AsyncLocalStorage<Acting>();

export function runActing<T>(who: Acting, work: () => T): T {
  return acting.run(who, work);
}

/** Who it is that the request or command is of; outside of one nothing happens. */
export function nameActor(actor: AuditActor): void {
  const who = acting.getStore();
  if (who !== undefined) who.actor = actor;
}

export function currentActing(): Readonly<Acting> | undefined {
  return acting.getStore();
}
