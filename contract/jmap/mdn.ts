/** Message disposition notifications, receipts (RFC 9007, RFC 8098). */
import * as v from 'valibot';
import type { SetError } from './core.ts';
import { Id, IdOrNew, mapOf } from './values.ts';

export const Disposition = v.strictObject({
  actionMode: v.picklist(['manual-action', 'automatic-action']),
  sendingMode: v.picklist(['mdn-sent-manually', 'mdn-sent-automatically']),
  type: v.picklist(['deleted', 'dispatched', 'displayed', 'processed']),
});
export type Disposition = v.InferOutput<typeof Disposition>;

/** RFC 9007 §2. */
export interface Mdn {
  readonly forEmailId: Id | null;
  readonly subject: string | null;
  readonly textBody: string | null;
  readonly includeOriginalMessage: boolean;
  readonly reportingUA: string | null;
  readonly disposition: Disposition;
  readonly mdnGateway: string | null;
  readonly originalRecipient: string | null;
  readonly finalRecipient: string | null;
  readonly originalMessageId: string | null;
  readonly error: readonly string[] | null;
  readonly extensionFields: Readonly<Record<string, string>> | null;
}

/** One line of a field: what else is in it would be another. */
const Line = v.pipe(v.string(), v.maxLength(900), v.regex(/^[^\r\n\0]*$/, 'not one line'));

/** What a client may say of one to be sent; the rest the server knows. */
export const MdnCreation = v.strictObject({
  forEmailId: IdOrNew,
  subject: v.optional(v.nullable(v.string()), null),
  textBody: v.optional(v.nullable(v.string()), null),
  includeOriginalMessage: v.optional(v.boolean(), false),
  reportingUA: v.optional(v.nullable(Line), null),
  disposition: Disposition,
  finalRecipient: v.optional(v.nullable(Line), null),
  extensionFields: v.optional(
    v.nullable(mapOf(v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,60}$/, 'not a field name')), Line)),
    null,
  ),
});
export type MdnCreation = v.InferOutput<typeof MdnCreation>;

/** RFC 9007 §2.1. What is sent is checked one by one. */
export const MdnSend = v.strictObject({
  accountId: Id,
  identityId: IdOrNew,
  send: mapOf(Id, mapOf(v.string(), v.unknown())),
  onSuccessUpdateEmail: v.optional(v.nullable(mapOf(v.string(), mapOf(v.string(), v.unknown()))), null),
});

export interface MdnSendResponse {
  readonly accountId: Id;
  readonly sent: Readonly<Record<Id, Partial<Mdn>>> | null;
  readonly notSent: Readonly<Record<Id, SetError>> | null;
}

/** RFC 9007 §2.2. */
export const MdnParse = v.strictObject({ accountId: Id, blobIds: v.array(Id) });

export interface MdnParseResponse {
  readonly accountId: Id;
  readonly parsed: Readonly<Record<Id, Mdn>> | null;
  readonly notParsable: readonly Id[] | null;
  readonly notFound: readonly Id[] | null;
}
