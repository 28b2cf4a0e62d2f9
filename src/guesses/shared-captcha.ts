/** What leads to a captcha, and captchas that were solved, counted once for the servers of one store. */
import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { peerNetwork } from '#base/network-address.ts';
import type { Solutions } from '#signin/captcha.ts';
import { pairOf, type Failures } from '#signin/failures.ts';
import { SIGNIN_LIMITS } from '#signin/limits.ts';
import type { BumpArgs } from './operations.ts';
import type { GuessStore } from './ports/guess-store.ts';
import type { StoreOrHere } from './store-or-here.ts';

export interface SharedFailuresParts {
  readonly store: GuessStore;
  /** While the store cannot be asked. */
  readonly here: Failures;
  readonly ask: StoreOrHere;
  readonly clock: Clock;
  /** What was typed as a login may be a password: the store has a keyed digest of it. */
  readonly key: Uint8Array;
  /** Failures at one login from one network. */
  readonly captchaAfter: number;
}

export class SharedFailures implements Failures {
  readonly #parts: SharedFailuresParts;

  constructor(parts: SharedFailuresParts) {
    this.#parts = parts;
  }

  needsCaptcha(login: string, address: string): Promise<boolean> {
    const { store, here, ask, clock } = this.#parts;
    const tallyOf = async (key: string): Promise<number> => {
      const row = await store.reader.tally(key);
      return row !== undefined && row.endsAt > clock.now() ? row.tally : 0;
    };
    return ask.ask(
      async () => this.#isEnough(await Promise.all(this.#keys(login, address).map(tallyOf))),
      () => here.needsCaptcha(login, address),
    );
  }

  add(login: string, address: string): Promise<boolean> {
    const { store, here, ask } = this.#parts;
    const args: BumpArgs = { keys: this.#keys(login, address), lastsMs: SIGNIN_LIMITS.failuresCountMs };
    return ask.ask(
      async () => this.#isEnough((await store.run('bump', args)) as readonly number[]),
      () => here.add(login, address),
    );
  }

  async forget(login: string, address: string): Promise<void> {
    const { store, here, ask } = this.#parts;
    await here.forget(login, address);
    const [key] = this.#keys(login, address);
    await ask.ask(
      async () => void (await store.run('dropTally', { key })),
      async () => {},
    );
  }

  #isEnough([ofPair = 0, ofNetwork = 0]: readonly number[]): boolean {
    const { captchaAfter } = this.#parts;
    return ofPair >= captchaAfter || ofNetwork >= captchaAfter * SIGNIN_LIMITS.failuresPerNetworkFactor;
  }

  #keys(login: string, address: string): readonly [string, string] {
    const digest = createHmac('sha256', this.#parts.key).update(pairOf(login, address)).digest('base64url');
    return [`captcha pair ${digest}`, `captcha network ${peerNetwork(address)}`];
  }
}

export interface SharedSolutionsParts {
  readonly store: GuessStore;
  /** While the store cannot be asked. */
  readonly here: Solutions;
  readonly ask: StoreOrHere;
}

export class SharedSolutions implements Solutions {
  readonly #parts: SharedSolutionsParts;

  constructor(parts: SharedSolutionsParts) {
    this.#parts = parts;
  }

  spend(signature: string): Promise<boolean> {
    const { store, here, ask } = this.#parts;
    const key = `captcha solution ${createHash('sha256').update(signature).digest('base64url')}`;
    // Twice as long as a challenge is taken: servers' clocks differ.
    const args: BumpArgs = { keys: [key], lastsMs: 2 * SIGNIN_LIMITS.captchaMs };
    return ask.ask(
      async () => ((await store.run('bump', args)) as readonly number[])[0] === 1,
      () => here.spend(signature),
    );
  }
}
