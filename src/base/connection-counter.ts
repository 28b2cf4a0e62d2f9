/** Counts a listener's connections, in all and by where they come from. */
import { isLoopback, peerNetwork } from './network-address.ts';
import { PlaceCounter } from './place-counter.ts';

export class ConnectionCounter {
  readonly #max: number;
  readonly #byNetwork: PlaceCounter<string>;
  #total = 0;

  /** Loopback counts in all only: behind it stand a proxy's or a whole site's clients. */
  constructor(max: number, maxPerAddress: number) {
    this.#max = max;
    this.#byNetwork = new PlaceCounter(maxPerAddress);
  }

  get total(): number {
    return this.#total;
  }

  /** Counts one in; or says which limit forbids it. */
  enter(address: string): 'ok' | 'tooMany' | 'tooManyFromAddress' {
    if (this.#total >= this.#max) return 'tooMany';
    if (!isLoopback(address) && !this.#byNetwork.enter(peerNetwork(address))) return 'tooManyFromAddress';
    this.#total += 1;
    return 'ok';
  }

  leave(address: string): void {
    if (!isLoopback(address)) this.#byNetwork.leave(peerNetwork(address));
    this.#total -= 1;
  }
}
