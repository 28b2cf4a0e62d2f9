/** SASL strings are UTF-8 (RFC 4616 §2, RFC 5802 §5.1): decoded strictly, or not at all. */
import { isUtf8 } from 'node:buffer';

/** The text, or undefined when it is not UTF-8, longer than `maxOctets`, or holds NUL. A byte order mark stays. */
export function decodeText(bytes: Buffer, maxOctets: number): string | undefined {
  return bytes.length <= maxOctets && isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
}
