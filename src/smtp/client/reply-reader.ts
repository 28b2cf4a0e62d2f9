/**
 * Cuts a server's replies out of what it sends (RFC 5321 §4.2), fed in pieces of any size, and bounds them. Which
 * command a reply answers, and what it means, it does not know.
 */
import { isAscii } from 'node:buffer';

import { LineReader } from '#net/line-reader.ts';
import type { EndlessLine } from '#net/line-reader.ts';

import type { SmtpClientLimits } from './limits.ts';

export type WireReply =
  /** Lines without codes and line ends, decoded and made harmless. */
  | { readonly kind: 'reply'; readonly code: number; readonly lines: readonly string[] }
  /** It is no SMTP: nothing can be made of what follows. */
  | { readonly kind: 'garbage'; readonly message: string };

type ReplyLine =
  | { readonly kind: 'line'; readonly code: number; readonly isLast: boolean; readonly text: string }
  | { readonly kind: 'bad'; readonly message: string };

const CR = 13;
const LF = 10;
const ZERO = 48;

export class ReplyReader {
  readonly #maxBytes: number;
  readonly #lines: LineReader<ReplyLine>;
  #texts: string[] = [];
  /** Of the reply begun; 0 when there is none. */
  #code = 0;
  #bytes = 0;
  /** What the last `push` completed. */
  reply: WireReply | undefined;

  constructor(limits: Pick<SmtpClientLimits, 'maxReplyLineBytes' | 'maxReplyBytes'>) {
    this.#maxBytes = limits.maxReplyBytes;
    this.#lines = new LineReader(limits.maxReplyLineBytes, limits.maxReplyBytes, judgeReplyLine);
  }

  /**
   * Takes octets from `start`; returns where it stopped. Either `reply` is then set and the rest belongs to what
   * follows, or all was taken.
   */
  push(chunk: Buffer, start: number): number {
    this.reply = undefined;
    let at = start;
    while (at < chunk.length) {
      const from = at;
      at = this.#lines.push(chunk, at);
      this.#bytes += at - from;
      if (this.#lines.line !== undefined) this.#take(this.#lines.line);
      else if (this.#bytes > this.#maxBytes) this.#fail('reply too long');
      if (this.reply !== undefined) return at;
    }
    return at;
  }

  #take(line: ReplyLine | EndlessLine): void {
    if (line.kind === 'endless') return this.#fail('reply line too long');
    if (line.kind === 'bad') return this.#fail(line.message);
    // RFC 5321 §4.2.1: the codes of all lines MUST be the same, and we may go by any. Within one class the last one
    // counts; where they do not even agree on success or failure, nobody knows what was meant.
    if (this.#code !== 0 && Math.trunc(this.#code / 100) !== Math.trunc(line.code / 100)) {
      return this.#fail(`contradictory reply: ${this.#code} and ${line.code}`);
    }
    this.#code = line.code;
    this.#texts.push(line.text);
    if (this.#bytes > this.#maxBytes) return this.#fail('reply too long');
    if (!line.isLast) return;
    this.reply = { kind: 'reply', code: line.code, lines: this.#texts };
    this.#clear();
  }

  #fail(message: string): void {
    this.reply = { kind: 'garbage', message };
    this.#clear();
  }

  #clear(): void {
    this.#texts = [];
    this.#code = 0;
    this.#bytes = 0;
  }
}

/** RFC 5321 §4.2: three digits of which the first is 2 to 5, then a hyphen, a blank or the end. LF alone ends a line too. */
function judgeReplyLine(octets: Buffer, isTooLong: boolean): ReplyLine {
  if (isTooLong) return { kind: 'bad', message: 'reply line too long' };
  let end = octets.length;
  if (octets[end - 1] === LF) end -= 1;
  if (octets[end - 1] === CR) end -= 1;
  const [first = 0, second = 0, third = 0] = octets;
  const separator = end > 3 ? octets[3] : 32;
  const isReply =
    end >= 3 &&
    first >= ZERO + 2 &&
    first <= ZERO + 5 &&
    isDigit(second) &&
    isDigit(third) &&
    (separator === 32 || separator === 45);
  if (!isReply) return { kind: 'bad', message: `not a reply: ${makeHarmless(octets.subarray(0, Math.min(end, 80)))}` };
  return {
    kind: 'line',
    code: (first - ZERO) * 100 + (second - ZERO) * 10 + third - ZERO,
    isLast: separator === 32,
    text: makeHarmless(octets.subarray(4, Math.max(4, end))),
  };
}

function isDigit(octet: number): boolean {
  return octet >= ZERO && octet <= ZERO + 9;
}

/**
 * As text that may be shown and kept: not UTF-8 becomes U+FFFD; controls, separators of lines, and what turns the
 * direction of writing become `?`.
 */
function makeHarmless(octets: Buffer): string {
  const text = octets.toString(isAscii(octets) ? 'latin1' : 'utf8');
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?').trimEnd();
}
