/**
 * Writes what follows DATA: puts a dot before each line that begins with one, and ends the data (RFC 5321 §4.5.2).
 * Blocks without such a line go out as they are, uncopied. It knows nothing else of messages.
 */

/** Octets of a block: written, and waited for, at once. */
const BLOCK_BYTES = 64 * 1024;
const DOT = 46;
const LF = 10;
const LF_DOT = Buffer.from('\n.');
const END = '.\r\n';

/** `message` must have no line ends but CRLF; a missing last one is added. Never more than two blocks' octets a piece. */
export function* stuffDots(message: Buffer): Generator<Buffer | string> {
  for (let start = 0; start < message.length; start += BLOCK_BYTES) {
    const block = message.subarray(start, start + BLOCK_BYTES);
    // The end of DATA's own line counts as the line end before the first line.
    if (block[0] === DOT && (start === 0 || message[start - 1] === LF)) yield '.';
    yield block.includes(LF_DOT) ? stuffBlock(block) : block;
  }
  yield endsWithCrlf(message) ? END : `\r\n${END}`;
}

/** Whether nothing has to be added before the end of data. */
export function endsWithCrlf(message: Buffer): boolean {
  return message.length >= 2 && message[message.length - 1] === LF && message[message.length - 2] === 13;
}

function stuffBlock(block: Buffer): Buffer {
  const stuffed = Buffer.allocUnsafe(block.length + Math.ceil(block.length / LF_DOT.length));
  let to = 0;
  let from = 0;
  for (let at = block.indexOf(LF_DOT); at !== -1; at = block.indexOf(LF_DOT, at + 1)) {
    to += block.copy(stuffed, to, from, at + 1);
    stuffed[to++] = DOT;
    from = at + 1;
  }
  to += block.copy(stuffed, to, from);
  return stuffed.subarray(0, to);
}
