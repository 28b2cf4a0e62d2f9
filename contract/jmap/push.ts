/** PushSubscription and what is pushed to one (RFC 8620 §7.2). */
import * as v from 'valibot';
import { getArguments, setArguments, type StateChange } from './core.ts';
import type { EmailAddress } from './email.ts';
import { UTCDate, type Id } from './values.ts';

export interface PushSubscription {
  readonly id: Id;
  readonly deviceClientId: string;
  /** Null until the client has said it back. */
  readonly verificationCode: string | null;
  readonly expires: UTCDate;
  readonly types: readonly string[] | null;
  /** Ours: whether who wrote and about what comes along with `EmailDelivery` of the inbox. Only where there are keys. */
  readonly withSubject: boolean;
}

export const PUSH_SUBSCRIPTION_PROPERTIES = [
  'id',
  'deviceClientId',
  'verificationCode',
  'expires',
  'types',
  'withSubject',
] as const satisfies readonly (keyof PushSubscription)[];

/** RFC 8620 §7.2.1: nobody is told these. */
export const SECRET_PUSH_PROPERTIES: readonly string[] = ['url', 'keys'];

const { ids, properties } = getArguments;
export const PushSubscriptionGet = v.strictObject({ ids, properties });

const { create, update, destroy } = setArguments;
export const PushSubscriptionSet = v.strictObject({ create, update, destroy });

const Types = v.nullable(v.array(v.string()));

export const PushSubscriptionCreation = v.strictObject({
  deviceClientId: v.string(),
  url: v.string(),
  keys: v.optional(v.nullable(v.strictObject({ p256dh: v.string(), auth: v.string() })), null),
  verificationCode: v.optional(v.null(), null),
  expires: v.optional(v.nullable(UTCDate), null),
  types: v.optional(Types, null),
  withSubject: v.optional(v.boolean(), false),
});

export const PushSubscriptionChange = v.strictObject({
  verificationCode: v.optional(v.string()),
  expires: v.optional(v.nullable(UTCDate)),
  types: v.optional(Types),
  withSubject: v.optional(v.boolean()),
});

export interface PushSubscriptionGetResponse {
  readonly list: readonly Partial<PushSubscription>[];
  readonly notFound: readonly Id[];
}

/** RFC 8620 §7.2.2. */
export interface PushVerification {
  readonly '@type': 'PushVerification';
  readonly pushSubscriptionId: Id;
  readonly verificationCode: string;
}

/** New mail in the inbox, for whoever has to show something before the server can be asked. */
export interface NewEmail {
  readonly id: Id;
  readonly threadId: Id;
  readonly from: EmailAddress | null;
  /** Its beginning, where it is long. */
  readonly subject: string;
}

/** What is pushed. `newEmails`: ours, for subscriptions `withSubject`, the newest first; there may be more. */
export interface PushedChange extends StateChange {
  readonly newEmails?: readonly NewEmail[];
}
