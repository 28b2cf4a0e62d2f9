/** Identity (RFC 8621 §6). */
import * as v from 'valibot';
import { changesArguments, getArguments, setArguments } from './core.ts';
import type { EmailAddress } from './email.ts';
import type { Id } from './values.ts';

export interface Identity {
  readonly id: Id;
  readonly name: string;
  readonly email: string;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  readonly mayDelete: boolean;
  /** Ours: mail is written from this one unless said otherwise (默认发信账号). One of an account's is. */
  readonly isDefault: boolean;
  /** Ours: it is so for good, and not only for who signs in with its address. */
  readonly isFixed: boolean;
}

export const IDENTITY_PROPERTIES = [
  'id',
  'name',
  'email',
  'replyTo',
  'bcc',
  'textSignature',
  'htmlSignature',
  'mayDelete',
  'isDefault',
  'isFixed',
] as const satisfies readonly (keyof Identity)[];

export const IdentityGet = v.strictObject(getArguments);
export const IdentityChanges = v.strictObject(changesArguments);
export const IdentitySet = v.strictObject(setArguments);

const Addresses = v.nullable(
  v.array(v.strictObject({ name: v.optional(v.nullable(v.string()), null), email: v.string() })),
);

export const IdentityCreation = v.strictObject({
  name: v.optional(v.string(), ''),
  email: v.string(),
  replyTo: v.optional(Addresses, null),
  bcc: v.optional(Addresses, null),
  textSignature: v.optional(v.string(), ''),
  htmlSignature: v.optional(v.string(), ''),
  isDefault: v.optional(v.boolean(), false),
});
export type IdentityCreation = v.InferOutput<typeof IdentityCreation>;

/** What may be changed: whose mail it is stays. What is taken away has its default. */
export const IdentityChange = v.omit(IdentityCreation, ['email']);
