/** What grants need of a storage backend: rows, not rules. The rules are in operations.ts. */
import type { AccountId } from '#base/ids.ts';

/** What an account's owner lets one program do, and the tokens that stand for it. Of each secret the SHA-256, base64url. */
export interface GrantRow {
  readonly accountId: AccountId;
  /** No secret, but told to nobody beside the owner and who holds a token of it. */
  readonly grantId: string;
  readonly clientId: string;
  /** Separated by blanks, in the order of `GRANT_SCOPES`. */
  readonly scopes: string;
  /** The address its owner had signed in with. */
  readonly login: string;
  /** Where the code was sent, letter for letter. */
  readonly redirectUri: string;
  /** PKCE's (RFC 7636 §4.2), of S256. */
  readonly challenge: string;
  /** Of what the program is to bring next: first the code, then always the last refresh token. */
  readonly secretHash: string;
  /** Of the refresh token before, '' at first. */
  readonly previousHash: string;
  /** Of the access token; '' until there is one. */
  readonly accessHash: string;
  /** Of the access token before, '' where that was over. */
  readonly previousAccessHash: string;
  /** From before its owner was asked who it is: what changed since then ends the grant. */
  readonly createdAt: number;
  /** When the tokens were given out; null: its code was not brought yet. */
  readonly rotatedAt: number | null;
  readonly usedAt: number | null;
  /** Address and protocol. */
  readonly usedFrom: string;
}

/** Committed state (or, inside a transaction, its own view). */
export interface GrantReader {
  grant(accountId: AccountId, grantId: string): Promise<GrantRow | undefined>;
  /** The latest first. */
  grants(accountId: AccountId): Promise<readonly GrantRow[]>;
}

export interface GrantTransaction extends GrantReader {
  readonly nowMs: number;
  /** As `grant`; nobody else changes it until the transaction ends. */
  lockGrant(accountId: AccountId, grantId: string): Promise<GrantRow | undefined>;
  /** A new one, or in place of the one of that name. */
  putGrant(row: GrantRow): Promise<void>;
  deleteGrant(accountId: AccountId, grantId: string): Promise<void>;
  deleteGrants(accountId: AccountId): Promise<void>;
  /** Up to `limit` that were made, and had no tokens, or got their last ones, before then; answers how many. */
  forget(limits: {
    readonly unclaimedBefore: number;
    readonly rotatedBefore: number;
    readonly limit: number;
  }): Promise<number>;
  /** Watchers are told. */
  touch(accountId: AccountId): void;
}

export interface GrantStore {
  readonly reader: GrantReader;
  /** Runs an operation (names and arguments: #oauth/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
  /** Calls back after each commit that changed or ended a grant of the account, in whichever thread or process. */
  watch(listener: (accountId: AccountId) => void): () => void;
}

export interface GrantOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: GrantTransaction, args: never): Promise<unknown>;
}
