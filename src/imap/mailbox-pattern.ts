/** LIST patterns (RFC 9051 §6.3.9): `*` matches anything, `%` anything within a level. */
import { PATH_SEPARATOR } from '#mail/mailbox-name.ts';

const INBOX = 'INBOX';

/** Runs of wildcards say no more than one: `*` if it is among them. */
function simplify(pattern: string): string {
  return pattern.replace(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%'));
}

export class MailboxPattern {
  readonly #pattern: string;
  /** For each state (position in the pattern), whether it is reached; kept between calls. */
  #reached: Uint8Array;
  #next: Uint8Array;

  constructor(pattern: string) {
    this.#pattern = simplify(pattern);
    this.#reached = new Uint8Array(this.#pattern.length + 1);
    this.#next = new Uint8Array(this.#pattern.length + 1);
  }

  /**
   * Whether the whole of `path` matches. All ways through the pattern are followed side by side, so that the cost is
   * at most the product of both lengths, whatever the pattern.
   */
  matches(path: string): boolean {
    const pattern = this.#pattern;
    // RFC 9051 §5.1: INBOX in any case, and our names below it.
    const foldedChars = path === INBOX || path.startsWith(INBOX + PATH_SEPARATOR) ? INBOX.length : 0;
    let reached = this.#reached.fill(0);
    let next = this.#next.fill(0);
    let high = enter(pattern, reached, 0);
    for (let i = 0; i < path.length; i++) {
      const char = path[i] as string;
      const isSeparator = char === PATH_SEPARATOR;
      let nextHigh = -1;
      for (let state = 0; state <= high; state++) {
        if (reached[state] === 0) continue;
        reached[state] = 0;
        const wanted = pattern[state];
        if (wanted === '*' || (wanted === '%' && !isSeparator)) {
          nextHigh = Math.max(nextHigh, enter(pattern, next, state));
        } else if (wanted === char || (i < foldedChars && wanted?.toUpperCase() === char)) {
          nextHigh = Math.max(nextHigh, enter(pattern, next, state + 1));
        }
      }
      if (nextHigh < 0) return false;
      high = nextHigh;
      [reached, next] = [next, reached];
    }
    return reached[pattern.length] === 1;
  }
}

/** Marks `state` and those reached from it without a character; returns the highest. */
function enter(pattern: string, states: Uint8Array, state: number): number {
  let last = state;
  states[last] = 1;
  while (pattern[last] === '*' || pattern[last] === '%') states[++last] = 1;
  return last;
}
