/** EMAILID and THREADID (RFC 8474 §5). */
import { formatEmailObjectId, formatThreadObjectId } from '#mail/object-id.ts';
import { NEEDS, plainItem } from './fetch-item.ts';

export const emailId = plainItem('EMAILID', NEEDS.INDEX, (message, out) => {
  out.ascii(`EMAILID (${formatEmailObjectId(message.session.selected.account.accountId, message.emailId)})`);
});

export const threadId = plainItem('THREADID', NEEDS.EMAIL_ROW, (message, out) => {
  out.ascii(`THREADID (${formatThreadObjectId(message.session.selected.account.accountId, message.threadId)})`);
});
