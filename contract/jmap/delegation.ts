/** Delegation, ours: who may do what with the whole of an account. One for each who may do something; without /changes. */
import * as v from 'valibot';
import { getArguments, setArguments } from './core.ts';
import type { Id } from './values.ts';

export const DELEGATE_RIGHTS = ['read', 'write', 'send-as', 'send-on-behalf', 'manage'] as const;
export type DelegateRight = (typeof DELEGATE_RIGHTS)[number];

export interface Delegation {
  readonly id: Id;
  /** Of an account here; cannot be changed. */
  readonly address: string;
  /** Set by the server: whose it is. */
  readonly name: string;
  readonly rights: readonly DelegateRight[];
  /** Set by the server: who answers for a department's box, and cannot lose it. */
  readonly isResponsible: boolean;
}

export const DELEGATION_PROPERTIES = [
  'id',
  'address',
  'name',
  'rights',
  'isResponsible',
] as const satisfies readonly (keyof Delegation)[];

export const DelegationGet = v.strictObject(getArguments);
export const DelegationSet = v.strictObject(setArguments);

/** At least one right; `invalidRecipients` for an address that nobody has here. */
export const DelegationCreation = v.strictObject({
  address: v.string(),
  rights: v.pipe(v.array(v.picklist(DELEGATE_RIGHTS)), v.minLength(1)),
});

export const DelegationChange = v.omit(DelegationCreation, ['address']);
