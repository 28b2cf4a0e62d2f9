/** RFC822.SIZE (RFC 9051 §2.3.4). */
import { NEEDS, plainItem } from './fetch-item.ts';

export const size = plainItem('RFC822.SIZE', NEEDS.LIST_ROW, (message, out) => {
  out.ascii('RFC822.SIZE ');
  out.number(message.row.sizeBytes);
});
