/** Letters that are files of the person's own, put into a mailbox (RFC 8621 §4.8). */
import type { EmailImportResponse } from '#contract/jmap/email.ts';
import type { Client } from '#web/jmap/client.ts';
import { failureOf } from '#web/jmap/failures.ts';
import { utcDate } from './jmap-words.ts';
import type { ImportedView, NotImported } from './model.ts';

/** So far a letter is looked through for its date, octets. */
const HEADER_OCTETS = 65_536;

/** One after the other, as of the day they were written, and read. Once the server cannot be reached the rest is left. Never rejects. */
export async function importLetters(
  { accountId, connection, refresh }: Pick<Client, 'accountId' | 'connection' | 'refresh'>,
  files: readonly File[],
  mailboxId: string,
): Promise<ImportedView> {
  const refused: NotImported[] = [];
  let count = 0;
  const importOne = async (file: File): Promise<NotImported['why'] | undefined> => {
    const { maxSizeUpload } = await connection.limits();
    if (file.size > maxSizeUpload) return 'tooLarge';
    const { blobId } = await connection.upload(accountId, file);
    const letter = {
      blobId,
      mailboxIds: { [mailboxId]: true },
      keywords: { $seen: true },
      receivedAt: await dateOf(file),
    };
    const answer = await connection.call('Email/import', { accountId, emails: { letter } });
    const { notCreated } = answer as EmailImportResponse;
    const type = notCreated?.['letter']?.type;
    if (type === undefined) return undefined;
    return type === 'overQuota' || type === 'tooLarge' ? type : 'noLetter';
  };
  for (const file of files) {
    try {
      const why = await importOne(file);
      if (why === undefined) count++;
      else refused.push({ name: file.name, why });
    } catch (error) {
      failureOf(error);
      refused.push({ name: file.name, why: 'offline' });
      break;
    }
  }
  if (count > 0) await refresh().catch(failureOf);
  return { count, refused };
}

/** RFC 5322 §3.6.1; null, which is now, where it says none that can have been. */
async function dateOf(file: Blob): Promise<string | null> {
  const head = await file.slice(0, HEADER_OCTETS).text();
  const [header = ''] = head.split(/\r?\n\r?\n/, 1);
  const at = Date.parse(/^date:[ \t]*(.{1,80})$/im.exec(header)?.[1]?.trim() ?? '');
  return Number.isNaN(at) || at < 0 || at > Date.now() ? null : utcDate(new Date(at));
}
