/** Email/get (RFC 8621 §4.2). */
import { CAPABILITIES, type GetResponse } from '#contract/jmap/core.ts';
import { EmailGet, type Email } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { innerBlobId, messageBlobId, type BlobName } from '#jmap/core/blob-ids.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { formatEmailId, formatMailboxId, formatState, formatThreadId, parseEmailId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { isMailError } from '#base/errors.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import type { InferOutput } from 'valibot';
import type { EmailRow } from '#mail/types.ts';
import { formatUtcDate } from './header-forms.ts';
import { EmailView } from './view.ts';

export const emailGet = defineMethod({
  name: 'Email/get',
  capability: CAPABILITIES.mail,
  arguments: EmailGet,
  run: readEmails,
});

/** Emails as they are asked for. Throws MethodError. */
export async function readEmails(
  context: MethodContext,
  args: InferOutput<typeof EmailGet>,
): Promise<GetResponse<Partial<Email>>> {
  const { account, accountId } = context;
  const view = new EmailView(args);
  if (args.ids === null) throw new MethodError('requestTooLarge', 'Emails are asked for by their ids');
  const state = formatState(await account.modSeq());
  const ids = chooseIds(args.ids);
  const emailIds = ids.flatMap((id) => parseEmailId(accountId, id) ?? []);
  const rows = new Map((await account.emails(emailIds)).map((row) => [row.emailId, row]));
  const summaries = view.needsSummary
    ? new Map((await account.listRows([...rows.keys()])).map((row) => [row.emailId, row]))
    : undefined;
  const list: Partial<Email>[] = [];
  const notFound: Id[] = [];
  for (const id of ids) {
    const emailId = parseEmailId(accountId, id);
    const row = emailId === undefined ? undefined : rows.get(emailId);
    const summary = row === undefined ? undefined : summaries?.get(row.emailId);
    const octetValues = row === undefined ? undefined : await readOctetValues(context, row, view);
    if (row === undefined || octetValues === undefined || (summaries !== undefined && summary === undefined)) {
      notFound.push(id);
      continue;
    }
    list.push({
      ...rowValues(context, row, view),
      ...(summary === undefined ? {} : view.summaryValues(summary.summary, summary.preview)),
      ...octetValues,
    });
    await context.pause();
  }
  return { accountId: args.accountId, state, list, notFound };
}

function rowValues({ accountId }: MethodContext, row: EmailRow, view: EmailView): Partial<Email> {
  const all: Partial<Email> = {
    id: formatEmailId(accountId, row.emailId),
    blobId: messageBlobId(accountId, row.emailId),
    threadId: formatThreadId(accountId, row.threadId),
    mailboxIds: setOf(row.placements.map(({ mailboxId }) => formatMailboxId(accountId, mailboxId))),
    keywords: setOf(unpackKeywords(row)),
    size: row.sizeBytes,
    receivedAt: formatUtcDate(row.receivedAt),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name === 'id' || view.has(name)));
}

/** Undefined: the Email has gone meanwhile. */
async function readOctetValues(
  { account, accountId }: MethodContext,
  { emailId }: EmailRow,
  view: EmailView,
): Promise<Record<string, unknown> | undefined> {
  const blob: BlobName = { source: { kind: 'message', emailId }, parts: [] };
  const none = view.has('bodyValues') && !view.needsBody ? { bodyValues: {} } : {};
  if (!view.needsHeader && !view.needsBody) return none;
  const structure = await account.structure(emailId);
  if (structure === undefined) return undefined;
  try {
    const octets = await account.readMessage(emailId, 0, view.needsBody ? undefined : structure.bodyStart);
    return {
      ...none,
      ...(view.needsHeader ? view.headerValues(octets) : {}),
      ...(view.needsBody ? view.bodyValues(octets, structure, (number) => innerBlobId(accountId, blob, number)) : {}),
    };
  } catch (error) {
    if (isMailError(error, 'notFound')) return undefined;
    throw error;
  }
}

function setOf(names: readonly string[]): Readonly<Record<string, true>> {
  return Object.fromEntries(names.map((name) => [name, true as const]));
}
