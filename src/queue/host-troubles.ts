/**
 * Which addresses did not answer lately: they are tried after all others, so that the next attempt begins with one that
 * was not tried, and a dead address costs its time once and not with every message.
 */
import type { Clock } from '#base/clock.ts';
import { LruMap } from '#base/lru-map.ts';
import type { MailHost } from './find-hosts.ts';
import { QUEUE_LIMITS } from './limits.ts';

export class HostTroubles {
  readonly #clock: Clock;
  /** By address and port: since when, monotonic. */
  readonly #since = new LruMap<string, number>(QUEUE_LIMITS.troublesKept);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(host: MailHost): void {
    this.#since.set(keyOf(host), this.#clock.monotonic());
  }

  clear(host: MailHost): void {
    this.#since.delete(keyOf(host));
  }

  /** In the same order, save that those in trouble come last, the one tried longest ago first. */
  putLast(hosts: readonly MailHost[]): readonly MailHost[] {
    const oldestMs = this.#clock.monotonic() - QUEUE_LIMITS.troubleMs;
    const sinceOf = (host: MailHost): number => {
      const since = this.#since.get(keyOf(host));
      return since === undefined || since < oldestMs ? -Infinity : since;
    };
    return hosts
      .map((host) => ({ host, since: sinceOf(host) }))
      .toSorted((a, b) => (a.since === b.since ? 0 : a.since - b.since))
      .map(({ host }) => host);
  }
}

function keyOf({ address, port }: MailHost): string {
  return `${address} ${port}`;
}
