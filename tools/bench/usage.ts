/** What a running server uses: CPU seconds of all its threads and children, and its share of memory. Linux only. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

/** Where the peers' scripts keep their accounting groups. */
const GROUPS = '/sys/fs/cgroup/cpuacct/peers';

export interface ProcessUsage {
  /** What the peers' scripts take for `--cg`: a group's name or `pid:N`. */
  readonly argument: string;
  /** CPU seconds so far; NaN where they cannot be had. */
  cpuSeconds(): number;
  /** Proportional set size in MB; NaN where it cannot be had. */
  memoryMb(): number;
  close(): void;
}

/** Call it right after the start: what the process used before is not counted. */
export function watchUsage(pid: number): ProcessUsage {
  const memoryMb = (): number => readNumber(() => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024);
  const name = `campusmail-${pid}`;
  const folder = `${GROUPS}/${name}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/cgroup.procs`, String(pid));
    return {
      argument: name,
      cpuSeconds: () => readNumber(() => Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1e9),
      memoryMb,
      close: () => ignoreFailure(() => rmdirSync(folder)),
    };
  } catch {
    // No such accounting on this machine: the process's own figures, in ticks of 10 ms.
    return {
      argument: `pid:${pid}`,
      cpuSeconds: () => readNumber(() => processSeconds(pid)),
      memoryMb,
      close: () => undefined,
    };
  }
}

export interface GroupUsage extends ProcessUsage {
  /** Runs a program within the group; what it starts counts, however long it lives. */
  run(file: string, words: readonly string[]): Promise<void>;
}

/** For a server of many processes. Without such accounting on this machine its figures are NaN. */
export function watchGroup(name: string): GroupUsage {
  const folder = `${GROUPS}/${name}`;
  ignoreFailure(() => mkdirSync(folder, { recursive: true }));
  const first = readNumber(() => Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1e9);
  return {
    argument: name,
    cpuSeconds: () => readNumber(() => Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1e9 - first),
    memoryMb: () =>
      readNumber(() =>
        readFileSync(`${folder}/cgroup.procs`, 'utf8')
          .split('\n')
          .filter((pid) => pid !== '')
          .map((pid) => readNumber(() => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024))
          // One that has just ended uses nothing.
          .reduce((sum, megabytes) => sum + (Number.isNaN(megabytes) ? 0 : megabytes), 0),
      ),
    close: () => ignoreFailure(() => rmdirSync(folder)),
    async run(file, words) {
      const join = `{ echo $$ > ${folder}/cgroup.procs; } 2>/dev/null; exec "$0" "$@"`;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // Not through a pipe: a daemon would hold it open.
      spawn('sh', ['-c', join, file, ...words], { stdio: 'ignore' })
        .once('error', reject)
        .once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${file} ended with ${code}`))));
      return promise;
    },
  };
}

function processSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function kilobytes(file: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
}

function readNumber(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

function ignoreFailure(action: () => void): void {
  try {
    action();
  } catch {
    // The group goes with the machine.
  }
}
