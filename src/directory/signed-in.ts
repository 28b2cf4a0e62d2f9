/**
 * Who is signed in, and on the strength of what: sessions that last for hours end when the password they were opened
 * with is no longer the account's, or the account may not sign in any more. A new alias or name ends nobody's session.
 */
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import { findProof } from './proof.ts';
import { rulesOfStage } from './stages.ts';
import { hasSecondStep } from './second-steps.ts';
import type { CredentialRow, DirectoryAccountRow, FactorRow } from './types.ts';

/** What a sign-in stands on. */
interface Grounds {
  readonly account: string;
  /** The client passwords that there were: with any of them ends what began while it was good, for it may have begun by it. */
  readonly clients: readonly string[];
}

interface Hold {
  readonly grounds: Grounds;
  readonly onRevoked: () => void;
}

export interface SignedInOptions {
  readonly reader: DirectoryReader;
  /** A short keyed digest: no verifier is kept. */
  readonly fingerprint: (text: string) => string;
  /** Accounts whose last proof is remembered: no fewer than sign in at one moment. */
  readonly maxAccounts: number;
}

export class SignedIn {
  readonly #options: SignedInOptions;
  /** What the account's last sign-in was judged by, read before its password was checked. */
  readonly #proven: LruMap<AccountId, Grounds>;
  readonly #holds = new Map<AccountId, Set<Hold>>();

  constructor(options: SignedInOptions) {
    this.#options = options;
    this.#proven = new LruMap(options.maxAccounts);
  }

  /** A sign-in succeeded by these records. */
  prove(account: DirectoryAccountRow, credential: CredentialRow | undefined, factors: readonly FactorRow[]): void {
    this.#proven.set(account.accountId, this.#groundsOf(account, credential, factors));
  }

  /**
   * To be called as soon as a sign-in has succeeded. Calls `onRevoked` once if its grounds fail, also if they did
   * meanwhile; never after what is returned was called. Rejections of the store go to `onError`.
   */
  hold(accountId: AccountId, onRevoked: () => void, onError: (error: unknown) => void): () => void {
    const hold: Hold = { grounds: this.#proven.get(accountId) ?? NO_GROUNDS, onRevoked };
    const holds = this.#holds.get(accountId) ?? new Set();
    this.#holds.set(accountId, holds.add(hold));
    this.review(accountId).catch(onError);
    return () => this.#release(accountId, hold);
  }

  /** Something about the account has changed: ends what no longer stands. */
  async review(accountId: AccountId): Promise<void> {
    if (!this.#holds.has(accountId)) return;
    const { reader } = this.#options;
    const [account, credentials, factors] = await Promise.all([
      reader.account(accountId),
      reader.credentialsOf(accountId),
      reader.factorsOf(accountId),
    ]);
    const now = account && this.#groundsOf(account, findProof(credentials), factors);
    for (const hold of this.#holds.get(accountId) ?? []) {
      if (now !== undefined && stands(hold.grounds, now)) continue;
      this.#release(accountId, hold);
      hold.onRevoked();
    }
  }

  #release(accountId: AccountId, hold: Hold): void {
    const holds = this.#holds.get(accountId);
    holds?.delete(hold);
    if (holds?.size === 0) this.#holds.delete(accountId);
  }

  /** Not the verifier: that changes without the password when one of ours takes the place of another system's. */
  #groundsOf(
    { state, stage }: DirectoryAccountRow,
    credential: CredentialRow | undefined,
    factors: readonly FactorRow[],
  ): Grounds {
    const text = `${state}\0${rulesOfStage(stage).signsIn}\0${credential?.credentialId}\0${credential?.changedAt}`;
    return {
      account: this.#options.fingerprint(`${text}\0${hasSecondStep(factors)}`),
      clients: factors.filter(({ kind }) => kind === 'client').map(({ factorId }) => factorId),
    };
  }
}

const NO_GROUNDS: Grounds = { account: '', clients: [] };

function stands(then: Grounds, now: Grounds): boolean {
  return then.account === now.account && then.clients.every((one) => now.clients.includes(one));
}
