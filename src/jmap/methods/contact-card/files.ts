/** ContactCard/parse and ContactCard/export, ours: contacts out of and into files of vCards or tables. */
import { randomId } from '#base/random.ts';
import { formatContactTable, parseContactTable } from '#contacts/contact-table.ts';
import { formatVcards } from '#contacts/format-vcards.ts';
import { CONTACT_FILE_LIMITS } from '#contacts/limits.ts';
import { looksLikeVcards, parseVcards, type ParsedCards } from '#contacts/parse-vcards.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  ContactCardExport,
  ContactCardParse,
  type ContactCardExportResponse,
  type ContactCardParseResponse,
} from '#contract/jmap/contacts.ts';
import type { Id } from '#contract/jmap/values.ts';
import { formatBlobId } from '#jmap/core/blob-ids.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { toObject } from '#jmap/core/set.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import { parseRowId } from '#jmap/row-ids.ts';
import { asBuffer } from '#mime/octets.ts';

export const contactCardParse = defineMethod({
  name: 'ContactCard/parse',
  capability: CAPABILITIES.contactFiles,
  access: 'own',
  arguments: ContactCardParse,
  async run(context, args): Promise<ContactCardParseResponse> {
    const { account, services } = context;
    const newUid = (): string => randomId(services.random, JMAP_STORE_LIMITS.uidLength);
    const parsed = new Map<Id, ParsedCards>();
    const notParsable: Id[] = [];
    const notFound: Id[] = [];
    for (const blobId of chooseIds(args.blobIds)) {
      const blob = await readBlob(account, services.uploads, blobId);
      const octets = blob && asBuffer(blob);
      const found = octets && readFile(octets, newUid);
      if (octets === undefined) notFound.push(blobId);
      else if (found === undefined || found.cards.length === 0) notParsable.push(blobId);
      else parsed.set(blobId, found);
      await context.pause();
    }
    return {
      accountId: args.accountId,
      parsed: toObject(parsed),
      notParsable: notParsable.length === 0 ? null : notParsable,
      notFound: notFound.length === 0 ? null : notFound,
    };
  },
});

function readFile(octets: Buffer, newUid: () => string): ParsedCards | undefined {
  if (octets.length > CONTACT_FILE_LIMITS.fileBytes) return undefined;
  return looksLikeVcards(octets) ? parseVcards(octets, newUid) : parseContactTable(octets, newUid);
}

export const contactCardExport = defineMethod({
  name: 'ContactCard/export',
  capability: CAPABILITIES.contactFiles,
  access: 'own',
  arguments: ContactCardExport,
  async run(context, { accountId: given, ids, format }): Promise<ContactCardExportResponse> {
    const { services, accountId } = context;
    const rowIds = ids?.flatMap((id) => parseRowId('ContactCard', accountId, id) ?? []);
    const cards = (await services.records.cards(accountId, rowIds)).rows.map(({ card }) => card);
    const { text, count, type } =
      format === 'csv'
        ? { ...formatContactTable(cards), type: 'text/csv; charset=utf-8' }
        : {
            text: formatVcards(cards, format === 'vcard3' ? '3.0' : '4.0'),
            count: cards.length,
            type: 'text/vcard; charset=utf-8',
          };
    const octets = Buffer.from(text);
    const hash = await services.uploads.put(accountId, octets, type);
    const blobId = formatBlobId(accountId, { source: { kind: 'upload', hash }, parts: [] });
    return { accountId: given, blobId, type, size: octets.length, count };
  },
});
