/**
 * Leaves a trace of what is refused at RCPT, so that "did my mail arrive?" has an answer for it, too: one for each
 * transaction, by its first refusal, and of so many a minute. Who tries thousands of names is counted, not written down.
 */
import type { Clock } from '#base/clock.ts';
import type { Metrics } from '#base/metrics.ts';
import { leadingGroups, plainAddress } from '#base/network-address.ts';
import { newQueueId } from '#base/queue-id.ts';
import type { Random } from '#base/random.ts';
import type { ReversePath, SmtpReply, SmtpTransaction } from '#smtp/receiver.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import { traceMessage } from '#trace/traced-message.ts';
import type { DeliveryLimits } from './limits.ts';

interface Surroundings {
  readonly trace?: TraceRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly limits: Pick<DeliveryLimits, 'refusalsTraced' | 'refusalsTracedPerNetwork'>;
}

const MINUTE_MS = 60_000;

export class RefusalTraces {
  readonly #surroundings: Surroundings;
  readonly #traced = new WeakSet<ReversePath>();
  /** Of this minute: how many of each network, hence never more networks than `refusalsTraced`. */
  readonly #byNetwork = new Map<string, number>();
  #minute = 0;
  #inAll = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** `address`: the forward path that was refused. */
  record(transaction: SmtpTransaction, address: string, { code, enhanced, text }: SmtpReply): void {
    const { trace, clock, random, metrics } = this.#surroundings;
    const { reversePath, peer } = transaction;
    if (trace === undefined || this.#traced.has(reversePath)) return;
    this.#traced.add(reversePath);
    const at = clock.now();
    if (!this.#hasRoom(networkOf(peer.remoteAddress), Math.floor(at / MINUTE_MS))) {
      metrics.count('campusmail_refusals_untraced_total');
      return;
    }
    const message = traceMessage({
      queueId: newQueueId(at, random),
      at,
      direction: 'in',
      transaction: { peer, reversePath, forwardPaths: [{ address }] },
      // What it would have been nobody knows.
      summary: { messageId: [], subject: '' },
      sizeBytes: reversePath.sizeBytes ?? 0,
    });
    const kind = code < 500 ? 'deferred' : 'failed';
    trace.message(message, [{ at, kind, text: `${code} ${text}`, ...(enhanced === undefined ? {} : { enhanced }) }]);
  }

  #hasRoom(network: string, minute: number): boolean {
    const { refusalsTraced, refusalsTracedPerNetwork } = this.#surroundings.limits;
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#inAll = 0;
      this.#byNetwork.clear();
    }
    const ofNetwork = this.#byNetwork.get(network) ?? 0;
    if (this.#inAll >= refusalsTraced || ofNetwork >= refusalsTracedPerNetwork) return false;
    this.#inAll++;
    this.#byNetwork.set(network, ofNetwork + 1);
    return true;
  }
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one: what one owner has at the least. */
function networkOf(address: string): string {
  const plain = plainAddress(address);
  return plain.includes(':') ? leadingGroups(plain).slice(0, 3).join(':') : plain.slice(0, plain.lastIndexOf('.'));
}
