/** VacationResponse (RFC 8621 §8): one, with the id `singleton`. */
import * as v from 'valibot';
import { getArguments, setArguments } from './core.ts';
import { UTCDate } from './values.ts';

export interface VacationResponse {
  readonly id: 'singleton';
  readonly isEnabled: boolean;
  readonly fromDate: UTCDate | null;
  readonly toDate: UTCDate | null;
  readonly subject: string | null;
  readonly textBody: string | null;
  readonly htmlBody: string | null;
  /** Ours: what people elsewhere are told; null: nothing. As `textBody` where a change of that says nothing of this. */
  readonly outsideTextBody: string | null;
}

export const VACATION_RESPONSE_PROPERTIES = [
  'id',
  'isEnabled',
  'fromDate',
  'toDate',
  'subject',
  'textBody',
  'htmlBody',
  'outsideTextBody',
] as const satisfies readonly (keyof VacationResponse)[];

export const VacationResponseGet = v.strictObject(getArguments);
export const VacationResponseSet = v.strictObject(setArguments);

export const VacationResponseChange = v.strictObject({
  isEnabled: v.optional(v.boolean()),
  fromDate: v.optional(v.nullable(UTCDate)),
  toDate: v.optional(v.nullable(UTCDate)),
  subject: v.optional(v.nullable(v.string())),
  textBody: v.optional(v.nullable(v.string())),
  htmlBody: v.optional(v.nullable(v.string())),
  outsideTextBody: v.optional(v.nullable(v.string())),
});
