/** Which lines a POP3 client may send: line ends and octets. It knows no command. */
import { isUtf8 } from 'node:buffer';

/** `bad`: `problem` says what is wrong; the next line starts cleanly. */
export type CommandLine =
  | { readonly kind: 'line'; readonly text: string; readonly sizeBytes: number }
  | { readonly kind: 'bad'; readonly problem: string };

const CR = 13;

/**
 * Judges one line (see LineReader). LF alone is taken as a line end: people test POP3 by hand, and no proxy that
 * splits lines otherwise can be fooled into anything, for a session has one user only.
 */
export function judgeCommandLine(octets: Buffer, isTooLong: boolean): CommandLine {
  if (isTooLong) return { kind: 'bad', problem: 'line too long' };
  const end = octets.length - (octets.at(-2) === CR ? 2 : 1);
  let isAscii = true;
  for (let i = 0; i < end; i++) {
    const octet = octets[i] as number;
    if (octet >= 0x80) isAscii = false;
    else if (octet < 0x20 && octet !== 9) return { kind: 'bad', problem: 'control character in a command' };
  }
  if (!isAscii && !isUtf8(octets)) return { kind: 'bad', problem: 'not UTF-8' };
  const text = octets.toString(isAscii ? 'latin1' : 'utf8', 0, end);
  return { kind: 'line', text, sizeBytes: octets.length };
}
