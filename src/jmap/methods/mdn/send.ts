/** MDN/send (RFC 9007 §2.1): a receipt for whoever asked for one (RFC 8098 §2.1). */
import { randomId } from '#base/random.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MdnCreation, MdnSend, type Mdn, type MdnSendResponse } from '#contract/jmap/mdn.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError, ObjectError } from '#jmap/core/errors.ts';
import { formatEmailId, parseEmailId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject, resolveId, SetOutcome, toObject } from '#jmap/core/set.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { submit } from '#jmap/methods/email-submission/submit.ts';
import { readIdentities } from '#jmap/methods/identity/read-identities.ts';
import { parseRowId } from '#jmap/row-ids.ts';
import type { IdentityRow } from '#jmap/types.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import { parseAddressList } from '#mime/address.ts';
import { writeMessage, writeMultipart, writeText } from '#mime/compose-part.ts';
import { formatAddressField, formatHeaderField } from '#mime/compose.ts';
import { formatDate } from '#mime/date.ts';
import { formatDispositionNotification, type DispositionNotification } from '#mime/disposition-notification.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader, type HeaderFields } from '#mime/header.ts';
import { isAscii } from '#smtp/address.ts';
import { toMdn } from './parse.ts';

export const mdnSend = defineMethod({
  name: 'MDN/send',
  access: 'own',
  capability: CAPABILITIES.mdn,
  arguments: MdnSend,
  async run(context, { accountId, identityId, send, onSuccessUpdateEmail }): Promise<MdnSendResponse> {
    if (Object.keys(send).length > JMAP_LIMITS.objectsInSet)
      throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.objectsInSet} objects`);
    const rowId = parseRowId('Identity', context.accountId, resolveId(context, identityId));
    const { rows, addresses } = await readIdentities(context);
    const identity = rows.find(({ id }) => id === rowId);
    if (identity === undefined) throw new MethodError('invalidArguments', '/identityId: there is no such identity');
    const outcome = new SetOutcome<Partial<Mdn>>();
    const emailOf = new Map<string, Id>();
    for (const [creationId, properties] of Object.entries(send)) {
      await outcome.attempt(outcome.notCreated, creationId, async () => {
        const { emailId, sent } = await sendReceipt(context, { identity, addresses }, properties);
        outcome.created.set(creationId, sent);
        emailOf.set(`#${creationId}`, emailId);
      });
      await context.pause();
    }
    const update = Object.entries(onSuccessUpdateEmail ?? {}).flatMap(([name, patch]) => {
      const emailId = emailOf.get(name);
      return emailId === undefined ? [] : [[emailId, patch] as const];
    });
    if (update.length > 0) context.callAfter('Email/set', { accountId, update: Object.fromEntries(update) });
    return { accountId, sent: toObject(outcome.created), notSent: toObject(outcome.notCreated) };
  },
});

interface Sender {
  readonly identity: IdentityRow;
  /** All of the account's. */
  readonly addresses: readonly string[];
}

async function sendReceipt(
  context: MethodContext,
  { identity, addresses }: Sender,
  properties: Patch,
): Promise<{ readonly emailId: Id; readonly sent: Partial<Mdn> }> {
  const { account, accountId } = context;
  const asked = checkObject(MdnCreation, properties);
  const emailId = parseEmailId(accountId, resolveId(context, asked.forEmailId));
  const [email] = emailId === undefined ? [] : await account.emails([emailId]);
  if (email === undefined) throw new ObjectError('notFound', 'there is no such Email');
  if (unpackKeywords(email).includes('$mdnsent')) throw new ObjectError('mdnAlreadySent');
  const original = await account.readMessage(email.emailId);
  const header = parseHeader(original);
  const askers = parseAddressList(header.first('disposition-notification-to') ?? '').addresses.slice(0, MAX_ASKERS);
  if (askers.length === 0) throw new ObjectError('notFound', 'nobody asked for a receipt');
  const finalRecipient = readFinalRecipient(asked.finalRecipient ?? identity.email, addresses);
  const { reportingUA, disposition, extensionFields } = asked;
  const originalRecipient = header.first('original-recipient');
  const originalMessageId = header.first('message-id');
  const notification: DispositionNotification = {
    ...(reportingUA === null ? {} : { reportingUA }),
    ...(originalRecipient === undefined ? {} : { originalRecipient: decodeHeaderText(originalRecipient) }),
    finalRecipient,
    ...(originalMessageId === undefined ? {} : { originalMessageId: decodeHeaderText(originalMessageId) }),
    disposition,
    errors: [],
    extensionFields: extensionFields ?? {},
  };
  const words = chooseWords(asked, header);
  const message = compose(context, {
    from: { ...(identity.name === '' ? {} : { name: identity.name }), email: identity.email },
    to: askers,
    ...words,
    notification,
    ...(asked.includeOriginalMessage ? { original } : {}),
    originalMessageId: notification.originalMessageId,
  });
  const recipients = askers.map((asker) => asker.email);
  // RFC 8098 §3: from nobody, so that a receipt is never reported on.
  const reversePath = {
    address: '',
    body: '8BITMIME',
    smtpUtf8: !recipients.every(isAscii),
    requireTls: false,
  } as const;
  const forwardPaths = recipients.map((address) => ({ address, dsn: {} }));
  await submit(context, { reversePath: { ...reversePath, dsn: {} }, forwardPaths }, message);
  const all = { ...toMdn(notification), ...words };
  return {
    emailId: formatEmailId(accountId, email.emailId),
    sent: Object.fromEntries(Object.entries(all).filter(([name]) => properties[name] === undefined)),
  };
}

/** Those who ask for receipts are one; more than a few is no question but a way to send mail to many. */
const MAX_ASKERS = 5;

/** With its type. Throws ObjectError `forbiddenFrom` for what is no address of the account. */
function readFinalRecipient(given: string, addresses: readonly string[]): string {
  const address = given.replace(/^rfc822\s*;/i, '').trim();
  if (!addresses.includes(address.toLowerCase()))
    throw new ObjectError('forbiddenFrom', 'the final recipient is not an address of the account');
  return `rfc822; ${address}`;
}

/** What a person reads. */
function chooseWords(
  { subject, textBody }: MdnCreation,
  header: HeaderFields,
): { readonly subject: string; readonly textBody: string } {
  const about = decodeHeaderText(header.first('subject') ?? '');
  return {
    subject: subject ?? `已读回执 Read receipt: ${about}`,
    textBody:
      textBody ??
      `您的邮件「${about}」已由收件人打开显示。这并不保证收件人已经阅读或理解其内容。\n\n` +
        `Your message "${about}" was displayed by its recipient. This is no guarantee that it was read or understood.\n`,
  };
}

interface Receipt {
  readonly from: { readonly name?: string; readonly email: string };
  readonly to: readonly { readonly email: string }[];
  readonly subject: string;
  readonly textBody: string;
  readonly notification: DispositionNotification;
  readonly original?: Buffer;
  readonly originalMessageId: string | undefined;
}

/** RFC 8098 §3: a text, the notification, and what it is about if that is wanted. */
function compose({ services: { random, clock, hostname } }: MethodContext, receipt: Receipt): Buffer {
  const { from, to, subject, textBody, notification, original, originalMessageId } = receipt;
  const body = writeMultipart('', 'report; report-type=disposition-notification', `=_${randomId(random, 16)}`, [
    writeText('Content-Type: text/plain; charset=utf-8\r\n', textBody),
    writeText('Content-Type: message/disposition-notification\r\n', formatDispositionNotification(notification)),
    ...(original === undefined ? [] : [writeMessage('Content-Type: message/rfc822\r\n', original)]),
  ]);
  const about = originalMessageId === undefined ? [] : (['In-Reply-To', 'References'] as const);
  const header = [
    formatHeaderField('Date', formatDate(clock.now(), 480)),
    formatAddressField('From', [from]),
    formatAddressField('To', to),
    formatHeaderField('Subject', subject),
    formatHeaderField('Message-ID', `<${randomId(random, 16)}@${hostname}>`),
    ...about.map((name) => formatHeaderField(name, originalMessageId ?? '')),
    formatHeaderField('Auto-Submitted', 'auto-replied'),
    'MIME-Version: 1.0\r\n',
  ].join('');
  return Buffer.concat([Buffer.from(`${header}${body.header}\r\n`, 'latin1'), body.content]);
}
