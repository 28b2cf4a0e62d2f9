/** What a check found, and how it is told. */
import type { CommandIo } from '#app/command.ts';

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

function formatFinding({ level, what, text, mend }: Finding): string {
  return `${level.padEnd(4)}  ${what}: ${text}${mend === undefined ? '' : `. ${mend}`}\n`;
}

/** Tells findings as they come, a line each, and remembers whether any was a failure. */
export class FindingTeller {
  readonly #isJson: boolean;
  readonly #io: CommandIo;
  #hasFailed = false;

  constructor(isJson: boolean, io: CommandIo) {
    this.#isJson = isJson;
    this.#io = io;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  tell(findings: readonly Finding[]): void {
    for (const finding of findings) {
      this.#hasFailed ||= finding.level === 'FAIL';
      this.#io.out(this.#isJson ? `${JSON.stringify(finding)}\n` : formatFinding(finding));
    }
  }
}
