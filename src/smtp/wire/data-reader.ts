/**
 * Reads what follows DATA: finds its end and takes the stuffed dots out (RFC 5321 §4.5.2). Fed in pieces of any size.
 * Only CR LF . CR LF ends the data: `\n.\n`, `\n.\r\n` and `\r.\r\n` are octets of the message like others, which the
 * LineInspector then refuses. It knows nothing else of messages and has no limits.
 */
import type { OctetSink } from './octet-sink.ts';

const CR = 13;
const LF = 10;
const DOT = 46;
const CRLF_DOT = Buffer.from('\r\n.');
const LONE_CR = Buffer.from('\r');

/** What the octets so far end with. */
type Place = 'inLine' | 'afterCr' | 'lineStart' | 'afterDot' | 'afterDotCr';

export class DataReader {
  /** The CRLF of the DATA command counts as the line end before the first line. */
  #place: Place = 'lineStart';
  /** Whether the end of data has come. */
  isDone = false;

  /** Passes the message's octets of `chunk` from `start` on to `sink`; returns where it stopped (all, unless done). */
  push(chunk: Buffer, start: number, sink: OctetSink): number {
    let from = start;
    let at = start;
    while (at < chunk.length) {
      if (this.#place === 'inLine') {
        const next = chunk.indexOf(CRLF_DOT, at);
        if (next === -1) {
          this.#place = placeAtEnd(chunk, at);
          at = chunk.length;
        } else {
          sink.push(chunk, from, next + 2);
          at = from = next + 3;
          this.#place = 'afterDot';
        }
        continue;
      }
      const octet = chunk[at]!;
      switch (this.#place) {
        case 'afterCr':
          this.#place = octet === LF ? 'lineStart' : octet === CR ? 'afterCr' : 'inLine';
          at += 1;
          break;
        case 'lineStart':
          if (octet === DOT) {
            if (at > from) sink.push(chunk, from, at);
            from = at + 1;
            this.#place = 'afterDot';
            at += 1;
          } else {
            this.#place = octet === CR ? 'afterCr' : 'inLine';
            at += 1;
          }
          break;
        case 'afterDot':
          if (octet === CR) {
            this.#place = 'afterDotCr';
            from = at + 1;
          } else {
            this.#place = 'inLine';
          }
          at += 1;
          break;
        case 'afterDotCr':
          if (octet === LF) {
            this.isDone = true;
            return at + 1;
          }
          // The CR was withheld as part of a possible end; it is the message's after all.
          sink.push(LONE_CR, 0, 1);
          this.#place = octet === CR ? 'afterCr' : 'inLine';
          at += 1;
          break;
      }
    }
    if (at > from) sink.push(chunk, from, at);
    return at;
  }
}

/** The place after the last octets of a chunk read as line content from `start`. */
function placeAtEnd(chunk: Buffer, start: number): Place {
  const last = chunk[chunk.length - 1];
  if (last === CR) return 'afterCr';
  return last === LF && chunk.length - 2 >= start && chunk[chunk.length - 2] === CR ? 'lineStart' : 'inLine';
}
