/** INTERNALDATE (RFC 9051 §2.3.3). */
import { formatDateTime } from '#imap/date-time.ts';
import { NEEDS, plainItem } from './fetch-item.ts';

export const internalDate = plainItem('INTERNALDATE', NEEDS.LIST_ROW, (message, out) => {
  out.ascii('INTERNALDATE ');
  out.ascii(formatDateTime(message.row.receivedAt));
});
