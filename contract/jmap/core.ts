/** JMAP Core (RFC 8620): requests, responses, errors, the session, and the arguments that all types' methods share. */
import * as v from 'valibot';
import { Id, IdOrNew, Int, UnsignedInt, mapOf, isObject } from './values.ts';

export const CAPABILITIES = {
  core: 'urn:ietf:params:jmap:core',
  mail: 'urn:ietf:params:jmap:mail',
  submission: 'urn:ietf:params:jmap:submission',
  vacationResponse: 'urn:ietf:params:jmap:vacationresponse',
  blob: 'urn:ietf:params:jmap:blob',
  quota: 'urn:ietf:params:jmap:quota',
  mdn: 'urn:ietf:params:jmap:mdn',
  websocket: 'urn:ietf:params:jmap:websocket',
  /** Ours: ForwardingRule. */
  forwarding: 'urn:campusmail:params:jmap:forwarding',
  delegation: 'urn:campusmail:params:jmap:delegation',
  /** Ours: MailFilter. */
  filters: 'urn:campusmail:params:jmap:filters',
  /** Ours: MessageTrace. */
  trace: 'urn:campusmail:params:jmap:trace',
  /** Ours: MailMove. */
  migration: 'urn:campusmail:params:jmap:migration',
  /** Ours: ProblemReport/send. */
  problemReports: 'urn:campusmail:params:jmap:problem-reports',
  /** Ours: ListUnsubscribe/post. */
  listUnsubscribe: 'urn:campusmail:params:jmap:list-unsubscribe',
  /** Ours: Deletion. */
  deletions: 'urn:campusmail:params:jmap:deletions',
  /** RFC 9610. */
  contacts: 'urn:ietf:params:jmap:contacts',
  /** Ours: ContactCard/parse, ContactCard/export. */
  contactFiles: 'urn:campusmail:params:jmap:contact-files',
  /** Ours: Person, Unit. */
  directory: 'urn:campusmail:params:jmap:directory',
  webPushVapid: 'urn:ietf:params:jmap:webpush-vapid',
} as const;

/** RFC 8620 §3.2: method name, arguments, method call id. */
export const Invocation = v.strictTuple([v.string(), mapOf(v.string(), v.unknown()), v.string()]);
export type Invocation = v.InferOutput<typeof Invocation>;

/** RFC 8620 §3.3. What else is in it is ignored. */
export const Request = v.object({
  using: v.array(v.string()),
  methodCalls: v.array(Invocation),
  createdIds: v.optional(mapOf(Id, Id)),
});
export type Request = v.InferOutput<typeof Request>;

/** RFC 8620 §3.4. */
export interface Response {
  readonly methodResponses: readonly Invocation[];
  readonly createdIds?: Readonly<Record<Id, Id>>;
  readonly sessionState: string;
}

/** RFC 8620 §3.7. */
export const ResultReference = v.strictObject({ resultOf: v.string(), name: v.string(), path: v.string() });
export type ResultReference = v.InferOutput<typeof ResultReference>;

/** RFC 8620 §3.6.1: the types of problem details (RFC 7807) that a request as a whole may meet. */
export type RequestProblem =
  | 'urn:ietf:params:jmap:error:unknownCapability'
  | 'urn:ietf:params:jmap:error:notJSON'
  | 'urn:ietf:params:jmap:error:notRequest'
  | 'urn:ietf:params:jmap:error:limit';

/** RFC 8620 §3.6.2 and where the methods' own sections add to it. */
export type MethodErrorType =
  | 'serverUnavailable'
  | 'serverFail'
  | 'serverPartialFail'
  | 'unknownMethod'
  | 'invalidArguments'
  | 'invalidResultReference'
  | 'forbidden'
  | 'accountNotFound'
  | 'accountNotSupportedByMethod'
  | 'accountReadOnly'
  | 'requestTooLarge'
  | 'cannotCalculateChanges'
  | 'stateMismatch'
  | 'anchorNotFound'
  | 'unsupportedSort'
  | 'unsupportedFilter'
  | 'tooManyChanges'
  | 'fromAccountNotFound'
  | 'fromAccountNotSupportedByMethod'
  | 'unknownDataType';

/** RFC 8620 §5.3, with those of RFC 8621, RFC 9007, RFC 9404 and RFC 9610. */
export interface SetError {
  readonly type:
    | 'forbidden'
    | 'overQuota'
    | 'tooLarge'
    | 'rateLimit'
    | 'notFound'
    | 'invalidPatch'
    | 'willDestroy'
    | 'invalidProperties'
    | 'singleton'
    | 'alreadyExists'
    | 'mailboxHasChild'
    | 'mailboxHasEmail'
    | 'addressBookHasContents'
    | 'blobNotFound'
    | 'tooManyKeywords'
    | 'tooManyMailboxes'
    | 'invalidEmail'
    | 'forbiddenFrom'
    | 'forbiddenMailFrom'
    | 'forbiddenToSend'
    | 'tooManyRecipients'
    | 'noRecipients'
    | 'invalidRecipients'
    | 'cannotUnsend'
    | 'mdnAlreadySent';
  readonly description?: string;
  readonly properties?: readonly string[];
  readonly existingId?: Id;
  readonly notFound?: readonly Id[];
  readonly maxRecipients?: number;
  readonly invalidRecipients?: readonly string[];
  readonly maxSize?: number;
}

/** RFC 8620 §2. */
export interface Session {
  readonly capabilities: Readonly<Record<string, object>>;
  readonly accounts: Readonly<Record<Id, SessionAccount>>;
  readonly primaryAccounts: Readonly<Record<string, Id>>;
  readonly username: string;
  readonly apiUrl: string;
  readonly downloadUrl: string;
  readonly uploadUrl: string;
  readonly eventSourceUrl: string;
  readonly state: string;
}

export interface SessionAccount {
  readonly name: string;
  readonly isPersonal: boolean;
  readonly isReadOnly: boolean;
  readonly accountCapabilities: Readonly<Record<string, object>>;
}

/** RFC 8620 §6.1. */
export interface UploadResponse {
  readonly accountId: Id;
  readonly blobId: Id;
  readonly type: string;
  readonly size: number;
}

/** RFC 8620 §7.1. */
export interface StateChange {
  readonly '@type': 'StateChange';
  readonly changed: Readonly<Record<Id, Readonly<Record<string, string>>>>;
}

// The arguments of the standard methods (RFC 8620 §5), for types to extend.

/** RFC 8620 §5.1. */
export const getArguments = {
  accountId: Id,
  ids: v.optional(v.nullable(v.array(Id)), null),
  properties: v.optional(v.nullable(v.array(v.string())), null),
};

/** RFC 8620 §5.2. */
export const changesArguments = {
  accountId: Id,
  sinceState: v.string(),
  maxChanges: v.optional(v.nullable(v.pipe(UnsignedInt, v.minValue(1, 'must be greater than 0'))), null),
};

/** RFC 8620 §5.3. What is created and patched is checked one by one: what is wrong with one object does not refuse the others. */
export const setArguments = {
  accountId: Id,
  ifInState: v.optional(v.nullable(v.string()), null),
  create: v.optional(v.nullable(mapOf(Id, mapOf(v.string(), v.unknown()))), null),
  update: v.optional(v.nullable(mapOf(IdOrNew, mapOf(v.string(), v.unknown()))), null),
  destroy: v.optional(v.nullable(v.array(IdOrNew)), null),
};

/** RFC 8620 §5.5. */
export const queryArguments = {
  accountId: Id,
  position: v.optional(Int, 0),
  anchor: v.optional(v.nullable(Id), null),
  anchorOffset: v.optional(Int, 0),
  limit: v.optional(v.nullable(UnsignedInt), null),
  calculateTotal: v.optional(v.boolean(), false),
};

/** RFC 8620 §5.6. */
export const queryChangesArguments = {
  accountId: Id,
  sinceQueryState: v.string(),
  maxChanges: v.optional(v.nullable(UnsignedInt), null),
  upToId: v.optional(v.nullable(Id), null),
  calculateTotal: v.optional(v.boolean(), false),
};

/** RFC 8620 §5.5: a condition, or several put together. Deeper than 20 is nobody's question. */
export type FilterOf<Condition> = Condition | FilterOperator<Condition>;

export interface FilterOperator<Condition> {
  readonly operator: 'AND' | 'OR' | 'NOT';
  readonly conditions: readonly FilterOf<Condition>[];
}

export const MAX_FILTER_DEPTH = 20;

export function filterOf<Condition>(
  condition: v.GenericSchema<unknown, Condition>,
  depth = MAX_FILTER_DEPTH,
): v.GenericSchema<unknown, FilterOf<Condition>> {
  return v.lazy((input) => {
    if (!isObject(input)) return v.never('not an object');
    const isOperator = 'operator' in input;
    if (!isOperator) return condition as v.GenericSchema<unknown, FilterOf<Condition>>;
    if (depth === 0) return v.never('nested too deep');
    return v.strictObject({
      operator: v.picklist(['AND', 'OR', 'NOT']),
      conditions: v.array(filterOf(condition, depth - 1)),
    });
  });
}

export interface GetResponse<Item> {
  readonly accountId: Id;
  readonly state: string;
  readonly list: readonly Item[];
  readonly notFound: readonly Id[];
}

export interface ChangesResponse {
  readonly accountId: Id;
  readonly oldState: string;
  readonly newState: string;
  readonly hasMoreChanges: boolean;
  readonly created: readonly Id[];
  readonly updated: readonly Id[];
  readonly destroyed: readonly Id[];
}

export interface QueryResponse {
  readonly accountId: Id;
  readonly queryState: string;
  readonly canCalculateChanges: boolean;
  readonly position: number;
  readonly ids: readonly Id[];
  readonly total?: number;
  readonly limit?: number;
}

export interface QueryChangesResponse {
  readonly accountId: Id;
  readonly oldQueryState: string;
  readonly newQueryState: string;
  readonly total?: number;
  readonly removed: readonly Id[];
  readonly added: readonly { readonly id: Id; readonly index: number }[];
}

export interface SetResponse<Created> {
  readonly accountId: Id;
  readonly oldState: string;
  readonly newState: string;
  readonly created: Readonly<Record<Id, Created>> | null;
  readonly updated: Readonly<Record<Id, object | null>> | null;
  readonly destroyed: readonly Id[] | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
  readonly notUpdated: Readonly<Record<Id, SetError>> | null;
  readonly notDestroyed: Readonly<Record<Id, SetError>> | null;
}
