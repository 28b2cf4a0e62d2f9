/** MDN/parse (RFC 9007 §2.2): a receipt in a blob, read. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MdnParse, type Mdn, type MdnParseResponse } from '#contract/jmap/mdn.ts';
import type { Id } from '#contract/jmap/values.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { formatEmailId } from '#jmap/core/ids.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { toObject } from '#jmap/core/set.ts';
import { leavesOf, numberParts } from '#jmap/methods/email/body-parts.ts';
import type { MailAccount } from '#mail/account.ts';
import { decodePart, decodePartText } from '#mime/body-text.ts';
import { digestMessage, parseMessageIds } from '#mime/digest.ts';
import { parseDispositionNotification, type DispositionNotification } from '#mime/disposition-notification.ts';
import { asBuffer } from '#mime/octets.ts';

export const mdnParse = defineMethod({
  name: 'MDN/parse',
  capability: CAPABILITIES.mdn,
  arguments: MdnParse,
  async run({ account, services, pause }, { accountId, blobIds }): Promise<MdnParseResponse> {
    const parsed = new Map<Id, Mdn>();
    const notParsable: Id[] = [];
    const notFound: Id[] = [];
    for (const blobId of chooseIds(blobIds)) {
      const octets = await readBlob(account, services.uploads, blobId);
      const read = octets === undefined ? undefined : readMdn(asBuffer(octets));
      const mdn = read && { ...read, forEmailId: await findOriginal(account, read.originalMessageId) };
      if (octets === undefined) notFound.push(blobId);
      else if (mdn === undefined) notParsable.push(blobId);
      else parsed.set(blobId, mdn);
      await pause();
    }
    return {
      accountId,
      parsed: toObject(parsed),
      notParsable: notParsable.length === 0 ? null : notParsable,
      notFound: notFound.length === 0 ? null : notFound,
    };
  },
});

/** The Email that the receipt speaks of, if it is still here. */
async function findOriginal(account: MailAccount, originalMessageId: string | null): Promise<Id | null> {
  const [messageId] = parseMessageIds(originalMessageId ?? '');
  const [email] = messageId === undefined ? [] : await account.findByMessageId(messageId);
  return email === undefined ? null : formatEmailId(account.accountId, email.emailId);
}

function readMdn(octets: Buffer): Omit<Mdn, 'forEmailId'> | undefined {
  const { structure, summary } = digestMessage(octets);
  const parts = leavesOf(numberParts(structure)).map(({ part }) => part);
  const report = parts.find((part) => part.type === 'message' && part.subtype === 'disposition-notification');
  const notification = report && parseDispositionNotification(decodePart(octets, report));
  if (notification === undefined) return undefined;
  const text = parts.find((part) => part.type === 'text' && part.subtype === 'plain');
  return {
    ...toMdn(notification),
    subject: summary.subject === '' ? null : summary.subject,
    textBody: text === undefined ? null : decodePartText(octets, text).replaceAll('\r\n', '\n'),
    includeOriginalMessage: parts.some((part) => part.type === 'message' && part.subtype === 'rfc822'),
  };
}

/** What the report itself says. */
export function toMdn(
  notification: DispositionNotification,
): Omit<Mdn, 'forEmailId' | 'subject' | 'textBody' | 'includeOriginalMessage'> {
  const { reportingUA, gateway, originalRecipient, finalRecipient, originalMessageId } = notification;
  const { disposition, errors, extensionFields } = notification;
  return {
    reportingUA: reportingUA ?? null,
    disposition,
    mdnGateway: gateway ?? null,
    originalRecipient: originalRecipient ?? null,
    finalRecipient,
    originalMessageId: originalMessageId ?? null,
    error: errors.length === 0 ? null : errors,
    extensionFields: Object.keys(extensionFields).length === 0 ? null : extensionFields,
  };
}
