/** What becomes of mail that users hand over. Until there is a queue to send it from: none is taken. */
import type { Receiver } from '#smtp/receiver.ts';

export function composeSubmissionReceiver(): Receiver {
  return {
    mail: async () => undefined,
    rcpt: async () => ({ code: 450, enhanced: '4.3.5', text: 'This version does not send mail yet' }),
    data: () => Promise.reject(new Error('a message without recipients')),
  };
}
