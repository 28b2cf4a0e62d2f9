/** MODSEQ (RFC 7162 §3.1.4). */
import { NEEDS, plainItem } from './fetch-item.ts';

export const modSeq = plainItem('MODSEQ', NEEDS.INDEX, (message, out) => {
  out.ascii('MODSEQ (');
  out.number(Math.max(1, message.modSeq));
  out.octet(0x29);
});
