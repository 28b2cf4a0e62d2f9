/** A server under load, and what a measurement hands back. */
import type { ProcessUsage } from './usage.ts';

export interface Target {
  readonly label: string;
  readonly smtpPort: number;
  readonly imapPort: number;
  /** Everything it keeps lies in here. */
  readonly dataDir: string;
  readonly usage: ProcessUsage;
}

/** One line of results, in the vocabulary of the peers' scripts: `test` and its figures. */
export interface Row {
  readonly label: string;
  readonly test: string;
  readonly [field: string]: unknown;
}

/** Where a measurement puts what it found. */
export type Report = (test: string, figures: Readonly<Record<string, unknown>>) => void;

/** Of the numbers that are numbers; NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Wall and server CPU time of something. */
export async function timeIt(usage: ProcessUsage, work: () => Promise<unknown>): Promise<Cost> {
  const cpu = usage.cpuSeconds();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  return { wallMs, cpuMs: (usage.cpuSeconds() - cpu) * 1_000 };
}

/** Medians of `runs` repetitions. */
export async function repeat(usage: ProcessUsage, runs: number, work: () => Promise<unknown>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run++) costs.push(await timeIt(usage, work));
  return { wallMs: median(costs.map((cost) => cost.wallMs)), cpuMs: median(costs.map((cost) => cost.cpuMs)) };
}

/** Wall and CPU time of something in this process, all its threads. */
export async function timed(work: () => Promise<void>): Promise<{ readonly seconds: number; readonly cpu_s: number }> {
  const beganAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: roundTo3((performance.now() - beganAt) / 1000), cpu_s: roundTo3((user + system) / 1e6) };
}

/** Significant digits. */
export function roundTo3(value: number): number {
  return Number(value.toPrecision(3));
}
