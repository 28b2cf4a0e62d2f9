/** Puts a new Email into an account: for Email/set and Email/import. */
import { isMailError } from '#base/errors.ts';
import type { Email } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { messageBlobId } from '#jmap/core/blob-ids.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { formatEmailId, formatThreadId, parseMailboxId } from '#jmap/core/ids.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import { resolveId } from '#jmap/core/set.ts';
import type { MailboxId } from '#mail/types.ts';

/** What the server says of a new Email (RFC 8621 §4.6). */
export type CreatedEmail = Pick<Email, 'id' | 'blobId' | 'threadId' | 'size'>;

export interface Placing {
  readonly mailboxIds: readonly MailboxId[];
  readonly keywords: readonly string[];
  /** Now when undefined. */
  readonly receivedAt: number | undefined;
}

export async function putEmail(
  { account, accountId }: MethodContext,
  octets: Uint8Array,
  { mailboxIds, keywords, receivedAt }: Placing,
): Promise<CreatedEmail> {
  const message = account.prepareMessage(octets);
  const item = { message, mailboxes: mailboxIds, keywords, ...(receivedAt === undefined ? {} : { receivedAt }) };
  try {
    const { emails } = await account.append({ items: [item], source: 'jmap' });
    const [email] = emails;
    if (email === undefined) throw new Error('an append answered nothing');
    return {
      id: formatEmailId(accountId, email.emailId),
      blobId: messageBlobId(accountId, email.emailId),
      threadId: formatThreadId(accountId, email.threadId),
      size: message.blob.sizeBytes,
    };
  } catch (error) {
    throw isMailError(error) ? (explainPlacing(error) ?? error) : error;
  }
}

/** The mailboxes of a `mailboxIds`. Throws ObjectError `invalidProperties` unless there is one, and all are the account's. */
export function findMailboxes(context: MethodContext, mailboxIds: Readonly<Record<Id, unknown>>): readonly MailboxId[] {
  const found = Object.keys(mailboxIds).map((id) => parseMailboxId(context.accountId, resolveId(context, id)));
  if (found.length === 0) throw refuse('mailboxIds', 'an Email is in a mailbox at least');
  if (found.includes(undefined)) throw refuse('mailboxIds', 'there is no such mailbox');
  return found as readonly MailboxId[];
}

function refuse(property: string, description: string): ObjectError {
  return new ObjectError('invalidProperties', description, { properties: [property] });
}

/** Which property a refusal of the mailbox is about; undefined for what concerns the account. */
export function explainPlacing(error: unknown): ObjectError | undefined {
  if (isMailError(error, 'notFound')) return refuse('mailboxIds', 'there is no such mailbox');
  if (isMailError(error, 'invalid'))
    return refuse(error.data['property'] === 'mailboxes' ? 'mailboxIds' : 'keywords', error.message);
  if (isMailError(error, 'limit')) return new ObjectError('tooManyKeywords', error.message);
  return undefined;
}
