/** ENVELOPE (RFC 9051 §2.3.5): kept ready to send. */
import { NEEDS, plainItem } from './fetch-item.ts';

export const envelope = plainItem('ENVELOPE', NEEDS.LIST_ROW, (message, out) => {
  out.ascii('ENVELOPE ');
  out.ascii(message.row.imapEnvelope);
});
