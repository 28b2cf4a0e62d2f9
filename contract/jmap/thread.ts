/** Thread (RFC 8621 §3). */
import * as v from 'valibot';
import { changesArguments, getArguments } from './core.ts';
import type { Id } from './values.ts';

export interface Thread {
  readonly id: Id;
  /** Oldest first by receivedAt. */
  readonly emailIds: readonly Id[];
}

export const ThreadGet = v.strictObject(getArguments);
export const ThreadChanges = v.strictObject(changesArguments);
