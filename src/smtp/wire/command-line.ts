/** Which command lines an SMTP peer may send: line ends and octets. It knows no command. */
import { isUtf8 } from 'node:buffer';

/**
 * `bareLf`: a line ended by LF alone. RFC 5321 §2.3.8 forbids it, and whoever counts line ends otherwise than we do
 * may be smuggling, so the caller should close. `bad`: text says what is wrong; the next line starts cleanly.
 */
export type CommandLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'bad'; readonly text: string }
  | { readonly kind: 'bareLf' };

const CR = 13;

/** Judges one line (see LineReader). */
export function judgeCommandLine(octets: Buffer, isTooLong: boolean): CommandLine {
  const end = octets.length - 2;
  if (octets[end] !== CR) return { kind: 'bareLf' };
  if (isTooLong) return { kind: 'bad', text: 'Line too long' };
  let isAscii = true;
  for (let i = 0; i < end; i++) {
    const octet = octets[i]!;
    if (octet >= 0x80) isAscii = false;
    else if (octet === CR) return { kind: 'bad', text: 'Bare <CR> in a command' };
    else if ((octet < 0x20 && octet !== 9) || octet === 0x7f)
      return { kind: 'bad', text: 'Control character in a command' };
  }
  if (isAscii) return { kind: 'line', text: octets.toString('latin1', 0, end) };
  if (!isUtf8(octets)) return { kind: 'bad', text: 'Not UTF-8' };
  return { kind: 'line', text: octets.toString('utf8', 0, end) };
}
