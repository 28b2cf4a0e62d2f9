/**
 * The directory's records: who has an account, under which addresses, and what proves it. Mail itself is not here.
 */
import type { AccountId, Brand } from '#base/ids.ts';

export type CredentialId = Brand<number, 'CredentialId'>;

/** A domain whose mail we accept. Names are lower-case A-labels (`xn--…` for others). */
export interface DomainRow {
  readonly domain: string;
  readonly createdAt: number;
}

/**
 * What an account may use, by the kind of its owner (domain.md §8). What each means in numbers is for those to say who
 * count.
 */
export const SERVICE_CLASSES = ['staff', 'student', 'alumni', 'department'] as const;
export type ServiceClass = (typeof SERVICE_CLASSES)[number];

/** `disabled`: no sign-in by any protocol; mail is still refused or taken as `receives` says. */
export interface DirectoryAccountRow {
  readonly accountId: AccountId;
  readonly displayName: string;
  readonly state: 'active' | 'disabled';
  /** Whether mail for it is accepted. */
  readonly receives: boolean;
  /** Null: as its domain has it. */
  readonly serviceClass: ServiceClass | null;
  /** `suspended`: nothing leaves in its name, neither submitted nor forwarded nor answered; all else goes on. */
  readonly sending: 'allowed' | 'suspended';
  /** Why, in words for its owner; empty when there is nothing to say. */
  readonly sendingNote: string;
  readonly createdAt: number;
}

/** One address of one account. `localPart` is the canonical form: NFKC, lower case. (localPart, domain) is unique. */
export interface AddressRow {
  readonly localPart: string;
  readonly domain: string;
  readonly accountId: AccountId;
  readonly kind: 'primary' | 'alias';
  readonly createdAt: number;
}

/** What proves an account. Secrets are stored as verifiers only. */
export interface CredentialRow {
  readonly accountId: AccountId;
  readonly credentialId: CredentialId;
  readonly kind: 'password';
  /** PHC string, `$argon2id$…`. */
  readonly verifier: string;
  /** SCRAM-SHA-256 verifier (RFC 5803 form) or null when none can be made. */
  readonly scramSha256: string | null;
  readonly changedAt: number;
}

export type { AccountId };
