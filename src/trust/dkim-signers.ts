/**
 * Signs mail that leaves with the active keys of its author's domain. Opened keys are kept, and dropped when they
 * change, in whichever thread or process.
 */
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import { parseHeader } from '#mime/header.ts';
import { asBuffer } from '#mime/octets.ts';
import { readAuthorDomain } from './author-domain.ts';
import { type Signer, openSigner } from './dkim-keys.ts';
import { signMessage } from './dkim-sign.ts';
import { MAX_OPENED_DOMAINS, OPENED_KEYS_KEPT_MS } from './limits.ts';
import type { TrustStore } from './ports/trust-store.ts';

interface Opened {
  readonly signers: readonly Signer[];
  readonly untilMs: number;
}

export class DkimSigners {
  readonly #store: Pick<TrustStore, 'reader' | 'watch'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #opened = new LruMap<string, Opened>(MAX_OPENED_DOMAINS);
  readonly #unwatch: () => void;

  constructor({ store, clock, log }: { store: Pick<TrustStore, 'reader' | 'watch'>; clock: Clock; log: Logger }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#unwatch = store.watch((domain) => this.#opened.delete(domain));
  }

  /**
   * DKIM-Signature fields to put before a message as it will leave, by its author's domain: no other counts for the
   * author (RFC 7489 §3.1.1). Undefined when that has no active key. Mail is rather sent unsigned than not at all: a key
   * that cannot be used is logged.
   */
  async sign(octets: Uint8Array): Promise<Buffer | undefined> {
    const { domain } = readAuthorDomain(parseHeader(asBuffer(octets)));
    const signers = domain === undefined ? [] : await this.signersOf(domain);
    if (signers.length === 0) return undefined;
    try {
      return Buffer.from(await signMessage(octets, signers, this.#clock.now()));
    } catch (error) {
      this.#log.error({ domain, err: errorText(error) }, 'a message could not be signed');
      return undefined;
    }
  }

  /** The active keys of a domain (lower-case A-labels), ready to sign with. */
  async signersOf(domain: string): Promise<readonly Signer[]> {
    const known = this.#opened.get(domain);
    if (known !== undefined && known.untilMs > this.#clock.now()) return known.signers;
    const signers: Signer[] = [];
    for (const key of await this.#store.reader.dkimKeys(domain)) {
      if (key.state !== 'active') continue;
      try {
        signers.push(openSigner(key));
      } catch (error) {
        this.#log.error({ domain, selector: key.selector, err: errorText(error) }, 'a DKIM key is damaged');
      }
    }
    this.#opened.set(domain, { signers, untilMs: this.#clock.now() + OPENED_KEYS_KEPT_MS });
    return signers;
  }

  close(): void {
    this.#unwatch();
  }
}
