/**
 * Gathers what was seen of others' policies (DMARC, TLS) for the reports their owners ask for, and writes it down now
 * and then: a count that a crash takes along is missed by nobody.
 */
import { DAY_MS, type Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { DmarcObservation } from './dmarc-report.ts';
import { MAX_OBSERVATIONS_GATHERED, OBSERVATIONS_KEPT_BACK_MS } from './limits.ts';
import type { CountObservationsArgs } from './operations/count-observations.ts';
import type { Counted, TrustStore } from './ports/trust-store.ts';
import type { TlsObservation } from './tls-report.ts';
import type { DmarcRecord } from './types.ts';

/** What was seen on one day, by what makes two observations the same. */
interface Gathered {
  readonly day: number;
  readonly dmarc: Map<string, { policy: DmarcRecord; readonly rows: Map<string, Counting<DmarcObservation>> }>;
  readonly tls: Map<string, Counting<TlsObservation>>;
  size: number;
}

interface Counting<Observation> {
  readonly observation: Observation;
  count: number;
}

export class Observer {
  readonly #store: Pick<TrustStore, 'run'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  #gathered: Gathered | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor({ store, clock, log }: { store: Pick<TrustStore, 'run'>; clock: Clock; log: Logger }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** A message of a domain with a policy. */
  dmarc(policy: DmarcRecord, observation: DmarcObservation): void {
    const gathered = this.#today();
    let domain = gathered.dmarc.get(policy.domain);
    if (domain === undefined) gathered.dmarc.set(policy.domain, (domain = { policy, rows: new Map() }));
    domain.policy = policy;
    this.#count(gathered, domain.rows, observation);
  }

  /** An SMTP session of ours, or what stood in its way. */
  tls(observation: TlsObservation): void {
    const gathered = this.#today();
    this.#count(gathered, gathered.tls, observation);
  }

  /** Resolves when all that was observed so far is written, or is lost. Never rejects. */
  async flush(): Promise<void> {
    this.#writeGathered();
    await this.#writing;
  }

  #today(): Gathered {
    const day = Math.floor(this.#clock.now() / DAY_MS);
    if (this.#gathered !== undefined && this.#gathered.day !== day) this.#writeGathered();
    this.#gathered ??= { day, dmarc: new Map(), tls: new Map(), size: 0 };
    this.#timer ??= setTimeout(() => this.#writeGathered(), OBSERVATIONS_KEPT_BACK_MS).unref();
    return this.#gathered;
  }

  #count<Observation>(gathered: Gathered, rows: Map<string, Counting<Observation>>, observation: Observation): void {
    const key = JSON.stringify(observation);
    const known = rows.get(key);
    if (known !== undefined) known.count++;
    else {
      rows.set(key, { observation, count: 1 });
      if (++gathered.size >= MAX_OBSERVATIONS_GATHERED) this.#writeGathered();
    }
  }

  #writeGathered(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    this.#gathered = undefined;
    const args: CountObservationsArgs = {
      day: gathered.day,
      dmarc: Array.from(gathered.dmarc.values(), ({ policy, rows }) => ({ policy, rows: toCounted(rows) })),
      tls: toCounted(gathered.tls),
    };
    this.#writing = this.#writing.then(async () => {
      try {
        if ((await this.#store.run('countObservations', args)) !== true)
          this.#log.warn({ day: args.day }, 'too many different observations for one day: the rest is not reported');
      } catch (error) {
        this.#log.error({ err: errorText(error) }, 'observations for reports were lost');
      }
    });
  }
}

function toCounted<Observation>(rows: Map<string, Counting<Observation>>): Counted<Observation>[] {
  return Array.from(rows.values(), ({ observation, count }) => ({ ...observation, count }));
}
