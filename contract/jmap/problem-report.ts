/**
 * ProblemReport/send, ours: tells the help desk what is wrong, with what it needs to look it up (which message, by the
 * trace's id or its Message-ID, when, with which program) and nothing of what is written in it.
 */
import * as v from 'valibot';
import { Id } from './values.ts';

export const PROBLEMS = ['notArrived', 'notReceived', 'late', 'junk', 'unreadable', 'other'] as const;
export type Problem = (typeof PROBLEMS)[number];

/** UTF-16 units of what may be said about it: a page. */
export const PROBLEM_TEXT_LENGTH = 2000;

/** What an account's capability says. */
export interface ProblemReportCapability {
  /** Whether there is a help desk that takes them. */
  readonly isTaken: boolean;
}

export const ProblemReportSend = v.strictObject({
  accountId: Id,
  problem: v.picklist(PROBLEMS),
  text: v.optional(v.pipe(v.string(), v.maxLength(PROBLEM_TEXT_LENGTH)), ''),
  /** Of a MessageTrace. */
  traceId: v.optional(v.nullable(Id), null),
  emailId: v.optional(v.nullable(Id), null),
});

/** `forbidden`: there is no help desk. */
export interface ProblemReportSendResponse {
  readonly accountId: Id;
  /** What to call it by when one asks again; null: it was not sent, for there were enough of them that day. */
  readonly ticket: string | null;
}
