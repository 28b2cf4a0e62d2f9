/** What a check found, and how it is told. */
export type Level = 'ok' | 'warn' | 'FAIL';

export interface Finding {
  readonly level: Level;
  /** What was looked at, in a word or two: `certificate`. */
  readonly what: string;
  /** What was found. */
  readonly text: string;
  /** What to do about it. */
  readonly mend?: string;
}

export function ok(what: string, text: string): Finding {
  return { level: 'ok', what, text };
}

export function warn(what: string, text: string, mend?: string): Finding {
  return { level: 'warn', what, text, ...(mend === undefined ? {} : { mend }) };
}

export function fail(what: string, text: string, mend: string): Finding {
  return { level: 'FAIL', what, text, mend };
}

export function formatFinding({ level, what, text, mend }: Finding): string {
  return `${level.padEnd(4)}  ${what}: ${text}${mend === undefined ? '' : `. ${mend}`}\n`;
}
