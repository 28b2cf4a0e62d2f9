/**
 * MailMove, ours: how far the mail has come that is brought from the system that was here before. One object for each account,
 * none where nothing is brought. Read only, but that `MailMove/dismiss` says it need not be shown any more.
 */
import * as v from 'valibot';
import { getArguments } from './core.ts';
import { Id, type UTCDate } from './values.ts';

export interface MailMove {
  /** `singleton`. */
  readonly id: Id;
  readonly state: MailMoveState;
  /** There, at the last look; and here. Here may be more: what was removed there since stays. */
  readonly sourceMessages: number;
  readonly sourceSize: number;
  readonly movedMessages: number;
  readonly movedSize: number;
  /** Could not be brought; tried again. */
  readonly failedMessages: number;
  /** When it was brought last; null: it is under way, or has not begun. */
  readonly finishedAt: UTCDate | null;
}

export type MailMoveState =
  | 'waiting'
  | 'running'
  /** What came up to some day is here; the rest follows. */
  | 'based'
  | 'done'
  /** Something went wrong, and is tried again. */
  | 'failed'
  /** There is no such mailbox there any more. */
  | 'closed';

export const MAIL_MOVE_PROPERTIES = [
  'id',
  'state',
  'sourceMessages',
  'sourceSize',
  'movedMessages',
  'movedSize',
  'failedMessages',
  'finishedAt',
] as const satisfies readonly (keyof MailMove)[];

export const MailMoveGet = v.strictObject({ ...getArguments });

/** Only once it is `done` or `closed`: `forbidden` before. */
export const MailMoveDismiss = v.strictObject({ accountId: Id });

export interface MailMoveDismissResponse {
  readonly accountId: Id;
}
