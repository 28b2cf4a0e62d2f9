/** Which Emails a condition on text holds for (RFC 8621 §4.4.1): by the index; header fields by their name, by reading them. */
import type { EmailId } from '#base/ids.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import type { TextCondition, TextHits } from '#mail/email-query.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import { toSearchQuery } from '#search/query.ts';

export async function findByText(context: MethodContext, { header, ...words }: TextCondition): Promise<TextHits> {
  const { services, accountId } = context;
  const query = toSearchQuery(words);
  if (header === undefined) return services.search.match(accountId, query);
  if (query.length === 0) return ofHeader(context, header, await allEmails(context));
  const { among, settle } = await services.search.match(accountId, query);
  return ofHeader(context, header, settle === undefined ? among : await settle([...among]));
}

/** No index knows fields by name: each header is read, up to where the body begins. */
function ofHeader(
  context: MethodContext,
  header: readonly [name: string, text?: string],
  among: ReadonlySet<EmailId>,
): TextHits {
  return { among, settle: (emailIds) => findByHeader(context, header, emailIds) };
}

async function allEmails({ account }: MethodContext): Promise<ReadonlySet<EmailId>> {
  const { usedMessages } = await account.status();
  const answer = await account.queryEmails({}, { limit: usedMessages });
  return new Set(answer === 'anchorNotFound' ? [] : answer.emailIds);
}

async function findByHeader(
  { account, pause }: MethodContext,
  [name, text]: readonly [name: string, text?: string],
  among: readonly EmailId[],
): Promise<ReadonlySet<EmailId>> {
  const lowerName = name.toLowerCase();
  const wanted = text === undefined ? undefined : fold(text);
  const found = new Set<EmailId>();
  for (const emailId of among) {
    const structure = await account.structure(emailId);
    if (structure === undefined) continue;
    const octets = await account.readMessage(emailId, 0, structure.bodyStart).catch(() => undefined);
    const values = octets === undefined ? [] : parseHeader(octets).all(lowerName);
    if (values.some((value) => wanted === undefined || fold(decodeHeaderText(value)).includes(wanted)))
      found.add(emailId);
    await pause();
  }
  return found;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
