/** EmailSubmission (RFC 8621 §7). */
import * as v from 'valibot';
import {
  changesArguments,
  filterOf,
  getArguments,
  queryArguments,
  queryChangesArguments,
  setArguments,
} from './core.ts';
import { Id, IdOrNew, UTCDate, mapOf } from './values.ts';

/** RFC 8621 §7: the parameters of MAIL FROM or RCPT TO. */
export const SubmissionAddress = v.strictObject({
  email: v.string(),
  parameters: v.optional(v.nullable(mapOf(v.string(), v.nullable(v.string()))), null),
});
export type SubmissionAddress = v.InferOutput<typeof SubmissionAddress>;

export const Envelope = v.strictObject({ mailFrom: SubmissionAddress, rcptTo: v.array(SubmissionAddress) });
export type Envelope = v.InferOutput<typeof Envelope>;

export interface DeliveryStatus {
  /** The remote's words, with the codes. */
  readonly smtpReply: string;
  readonly delivered: 'queued' | 'yes' | 'no' | 'unknown';
  readonly displayed: 'unknown' | 'yes';
}

export interface EmailSubmission {
  readonly id: Id;
  readonly identityId: Id;
  readonly emailId: Id;
  readonly threadId: Id;
  readonly envelope: Envelope | null;
  readonly sendAt: UTCDate;
  readonly undoStatus: 'pending' | 'final' | 'canceled';
  readonly deliveryStatus: Readonly<Record<string, DeliveryStatus>> | null;
  readonly dsnBlobIds: readonly Id[];
  readonly mdnBlobIds: readonly Id[];
}

export const EMAIL_SUBMISSION_PROPERTIES = [
  'id',
  'identityId',
  'emailId',
  'threadId',
  'envelope',
  'sendAt',
  'undoStatus',
  'deliveryStatus',
  'dsnBlobIds',
  'mdnBlobIds',
] as const satisfies readonly (keyof EmailSubmission)[];

export const EmailSubmissionGet = v.strictObject(getArguments);
export const EmailSubmissionChanges = v.strictObject(changesArguments);

export const EmailSubmissionFilterCondition = v.strictObject({
  identityIds: v.optional(v.array(Id)),
  emailIds: v.optional(v.array(Id)),
  threadIds: v.optional(v.array(Id)),
  undoStatus: v.optional(v.string()),
  before: v.optional(UTCDate),
  after: v.optional(UTCDate),
});
export type EmailSubmissionFilterCondition = v.InferOutput<typeof EmailSubmissionFilterCondition>;

const submissionList = {
  filter: v.optional(v.nullable(filterOf(EmailSubmissionFilterCondition)), null),
  sort: v.optional(
    v.nullable(
      v.array(
        v.strictObject({
          property: v.string(),
          isAscending: v.optional(v.boolean(), true),
          collation: v.optional(v.string()),
        }),
      ),
    ),
    null,
  ),
};
export const EmailSubmissionQuery = v.strictObject({ ...queryArguments, ...submissionList });
export const EmailSubmissionQueryChanges = v.strictObject({ ...queryChangesArguments, ...submissionList });

export const EmailSubmissionCreation = v.strictObject({
  identityId: IdOrNew,
  emailId: IdOrNew,
  envelope: v.optional(v.nullable(Envelope), null),
  /** Ours: when to send, as RFC 4865 HOLDUNTIL would say it in `envelope`; RFC 8621 lets it be set by the server alone. */
  sendAt: v.optional(UTCDate),
});
export type EmailSubmissionCreation = v.InferOutput<typeof EmailSubmissionCreation>;

/** RFC 8621 §7.5. */
export const EmailSubmissionSet = v.strictObject({
  ...setArguments,
  onSuccessUpdateEmail: v.optional(v.nullable(mapOf(v.string(), mapOf(v.string(), v.unknown()))), null),
  onSuccessDestroyEmail: v.optional(v.nullable(v.array(v.string())), null),
});
