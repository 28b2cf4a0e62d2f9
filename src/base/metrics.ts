/** What the engines count with; app/ gathers all threads' metrics into one Prometheus page. */
export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  /** Adds to a counter. Names are `campusmail_<noun>_total`; labels come from closed sets, never from input. */
  count(name: string, labels?: Labels, by?: number): void;
  /** Moves a gauge by `by`. */
  gauge(name: string, by: number, labels?: Labels): void;
  /** Records a duration in seconds: `campusmail_<noun>_seconds`. */
  observe(name: string, seconds: number, labels?: Labels): void;
}

export const noMetrics: Metrics = { count() {}, gauge() {}, observe() {} };
