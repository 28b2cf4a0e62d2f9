/** Telling the help desk, in the screens' words, beside model.ts. */
import type { Problem } from '#contract/jmap/problem-report.ts';

/** Which message is meant, as far as one is. */
export interface ReportedLetter {
  readonly traceId?: string;
  readonly letterId?: string;
}

export interface ReportsModel {
  /** Whether there is a help desk that takes them. */
  isTaken(): Promise<boolean>;
  /** The ticket's number. `tooMany`: so many were sent today. */
  send(
    problem: Problem,
    text: string,
    about: ReportedLetter,
  ): Promise<{ readonly ticket: string } | 'tooMany' | 'failed'>;
}
