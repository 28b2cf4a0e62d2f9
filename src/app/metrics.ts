/** Prometheus metrics: each thread counts for itself, the main thread adds them up when asked. */
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Labels, Metrics } from '#base/metrics.ts';

/** From half a millisecond, which a look-up takes, to the ten seconds after which nobody waits. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One thread's metrics as they cross to the main thread. */
export type MetricsSnapshot = object[];

export class ThreadMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  count(name: string, labels: Labels = {}, by = 1): void {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter(this.#describe(name, labels));
      this.#counters.set(name, counter);
    }
    counter.inc(labels, by);
  }

  gauge(name: string, by: number, labels: Labels = {}): void {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge(this.#describe(name, labels));
      this.#gauges.set(name, gauge);
    }
    gauge.inc(labels, by);
  }

  observe(name: string, seconds: number, labels: Labels = {}): void {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      histogram = new Histogram({ ...this.#describe(name, labels), buckets: SECONDS });
      this.#histograms.set(name, histogram);
    }
    histogram.observe(labels, seconds);
  }

  #describe(name: string, labels: Labels): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
    const help = name.replace(/^campusmail_/, '').replaceAll('_', ' ');
    return { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }

  async snapshot(): Promise<MetricsSnapshot> {
    // A copy that crosses threads: prom-client's own objects carry functions.
    return JSON.parse(JSON.stringify(await this.#registry.getMetricsAsJSON())) as MetricsSnapshot;
  }
}

/** The sum of all threads' metrics in Prometheus' text format. */
export async function formatMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots as never).metrics();
}

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;
