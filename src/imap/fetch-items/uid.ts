/** UID (RFC 9051 §7.5.2). */
import { NEEDS, plainItem } from './fetch-item.ts';

export const uid = plainItem('UID', NEEDS.INDEX, (message, out) => {
  out.ascii('UID ');
  out.number(message.uid);
});
