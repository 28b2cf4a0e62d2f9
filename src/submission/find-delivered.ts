/**
 * Where a submitted message lies now in an account that got it: by its Message-ID, and by the name that our own Received
 * gave it. A Message-ID anybody can write; that name is known to nobody before it is on the message.
 */
import type { MailAccount } from '#mail/account.ts';
import type { EmailRow } from '#mail/types.ts';
import { parseHeader } from '#mime/header.ts';
import type { TracedMessage } from '#trace/types.ts';

/** Octets: a group's fields may stand before Received, and nothing else. */
const HEAD_BYTES = 8192;

/** Undefined: it was deleted, or never came there. */
export async function findDelivered(
  account: MailAccount,
  { messageId, queueId, at }: Pick<TracedMessage, 'messageId' | 'queueId' | 'at'>,
): Promise<EmailRow | undefined> {
  if (messageId === '') return undefined;
  for (const email of await account.findByMessageId(messageId)) {
    if (email.receivedAt < at) continue;
    const head = await account.readMessage(email.emailId, 0, HEAD_BYTES).catch(() => Buffer.alloc(0));
    // The topmost alone: further down stands what others wrote, or what was sent out and came back.
    const received = parseHeader(head).first('received') ?? '';
    if (/\sid ([a-z2-7]+)/.exec(received)?.[1] === queueId) return email;
  }
  return undefined;
}
