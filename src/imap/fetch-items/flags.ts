/** FLAGS (RFC 9051 §7.5.2). */
import { writeFlags } from '#imap/flags.ts';
import { NEEDS, plainItem } from './fetch-item.ts';

export const flags = plainItem('FLAGS', NEEDS.INDEX, (message, out) => {
  writeFlags(out, message.bits, message.keywords);
});
