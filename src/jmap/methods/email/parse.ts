/** Email/parse (RFC 8621 §4.9): a message in a blob, an attached one for instance, shown without being put anywhere. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { DEFAULT_EMAIL_PROPERTIES, EmailParse, type Email, type EmailParseResponse } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { innerBlobId, parseBlobId } from '#jmap/core/blob-ids.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { toObject } from '#jmap/core/set.ts';
import { asBuffer } from '#mime/octets.ts';
import { digestMessage } from '#mime/digest.ts';
import { EmailView } from './view.ts';

/** RFC 8621 §4.9: what is answered unless asked otherwise; nothing that only a stored Email has. */
const DEFAULT_PROPERTIES = DEFAULT_EMAIL_PROPERTIES.slice(DEFAULT_EMAIL_PROPERTIES.indexOf('messageId'));

export const emailParse = defineMethod({
  name: 'Email/parse',
  capability: CAPABILITIES.mail,
  arguments: EmailParse,
  async run(context, args): Promise<EmailParseResponse> {
    const { account, accountId, services } = context;
    const view = new EmailView(args, DEFAULT_PROPERTIES);
    const parsed = new Map<Id, Partial<Email>>();
    const notParsable: Id[] = [];
    const notFound: Id[] = [];
    for (const blobId of chooseIds(args.blobIds)) {
      const blob = await readBlob(account, services.uploads, blobId);
      if (blob === undefined) {
        notFound.push(blobId);
        continue;
      }
      const octets = asBuffer(blob);
      const { structure, summary, preview, sizeBytes } = digestMessage(octets);
      // Anything can be read as text without a header; what has no field at all is no message.
      if (structure.bodyStart === 0 || !/^[!-9;-~]+[ \t]*:/.test(octets.toString('latin1', 0, 500))) {
        notParsable.push(blobId);
        continue;
      }
      const shown: Record<string, unknown> = {
        ...(view.has('bodyValues') && !view.needsBody ? { bodyValues: {} } : {}),
        ...(view.needsSummary ? view.summaryValues(summary, preview) : {}),
        ...(view.needsHeader ? view.headerValues(octets) : {}),
        ...(view.needsBody ? view.bodyValues(octets, structure, (number) => partOf(blobId, number)) : {}),
      };
      if (view.has('blobId')) shown['blobId'] = blobId;
      if (view.has('size')) shown['size'] = sizeBytes;
      for (const name of STORED_ONLY) if (view.has(name)) shown[name] = null;
      parsed.set(blobId, shown as Partial<Email>);
      await context.pause();
    }
    return {
      accountId: args.accountId,
      parsed: toObject(parsed),
      notParsable: notParsable.length === 0 ? null : notParsable,
      notFound: notFound.length === 0 ? null : notFound,
    };

    /** A part inside a blob: of an Email's own part, or of what was uploaded. */
    function partOf(blobId: Id, number: string): Id {
      const name = parseBlobId(accountId, blobId);
      return name === undefined ? blobId : innerBlobId(accountId, name, number);
    }
  },
});

const STORED_ONLY = ['id', 'mailboxIds', 'keywords', 'threadId', 'receivedAt'] as const;
